"""Which process trains which trial, and what becomes of one whose process has died."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from netlang.compiler.ir.tunable import Choices, Interval, Tunable
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile, Span
from netlang.runs.tuning.candidates import as_texts
from netlang.runs.tuning.claimed import TakenOver
from netlang.runs.tuning.study import JOURNAL, Study
from netlang.runs.tuning.workers import Worker

pytest.importorskip("optuna")

WHERE = Span(SourceFile("a.net", "tune"), 0, 4)
RATE = Tunable("optimizer.lr", Interval(1e-4, 1e-1, False, log=True), 0.01, WHERE)
UNITS = Tunable("hidden", Interval(8, 64, True, step=8), 25, WHERE)
ACT = Tunable("act", Choices(("ReLU", "Tanh")), "ReLU", WHERE)


def study(folder: Path, *tunables: Tunable, seed: int = 0) -> Study:
    return Study(folder, tunables or (RATE, UNITS), rises=False, epochs=27, seed=seed)


def test_all_processes_together_make_as_many_trials_as_are_asked_for(tmp_path: Path) -> None:
    one, other = study(tmp_path), study(tmp_path)
    claimed = [process.claim(3) for process in (one, other, one)]
    assert other.claim(3) is None
    assert other.is_busy
    for number, trial in enumerate(claimed):
        assert trial
        trial.done(float(number), 27)
    assert not other.is_busy
    assert other.claim(3) is None
    assert [(trial.number, trial.value) for trial in other.trials] == [(1, 0), (2, 1), (3, 2)]
    assert other.best
    assert other.best.number == 1
    assert len({tuple(trial.values.items()) for trial in other.trials}) == 3


def test_the_trial_of_a_process_that_died_is_made_again_with_its_values(tmp_path: Path) -> None:
    dying, living = study(tmp_path), study(tmp_path)
    lost = dying.claim(2)
    assert lost
    assert living.is_busy
    dying.close()
    (tmp_path / "workers" / "another-1-2").mkdir()
    os.utime(tmp_path / "workers" / "another-1-2", (0, 0))  # one of long ago
    with (tmp_path / JOURNAL).open("ab") as journal:
        journal.write(b'{"op_code":4,"wor')  # as a full disk leaves it
    os.utime(tmp_path / JOURNAL, (0, 0))
    assert not living.is_busy
    again, last = living.claim(2), living.claim(2)
    assert not (tmp_path / "workers" / "another-1-2").exists()
    assert again
    assert last
    assert again.values == lost.values
    assert last.values != lost.values
    assert living.claim(2) is None
    again.done(1.0, 27)
    last.failed("it diverged", 2)
    assert [trial.state for trial in living.trials] == ["done", "failed"]
    assert living.trials[1].reason == "it diverged"


def test_proposals_depend_on_the_seed_alone(tmp_path: Path) -> None:
    found = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        (tmp_path / name).mkdir()
        one = study(tmp_path / name, seed=seed)
        for number in range(13):
            trial = one.claim(13)
            assert trial
            trial.done((number * 5) % 7, 27)
        found.append([trial.values for trial in one.trials])
    assert found[0] == found[1] != found[2]


def test_the_trial_of_a_machine_that_is_silent_for_long_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = study(tmp_path)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("netlang.runs.tuning.workers.machine_name", lambda: "another-1")
        far = study(tmp_path)
    monkeypatch.setattr("fcntl.flock", lambda *_: None)  # each machine sees its own locks alone
    lost = far.claim(2)
    assert lost
    folder = tmp_path / "workers" / far._worker.name
    assert folder.name.startswith("another-")
    at = time.time() - 590
    os.utime(folder, (at, at))
    assert living.is_busy
    os.utime(folder, (at - 20, at - 20))
    assert not living.is_busy
    again = living.claim(1)
    assert again
    assert again.values == lost.values
    with pytest.raises(TakenOver):  # by a machine that only slept
        lost.falls_behind(1, 0.5)
    with pytest.raises(TakenOver):
        lost.done(0.5, 27)
    again.done(0.25, 27)
    assert [(one.state, one.value) for one in living.trials] == [("done", 0.25)]


def test_the_line_that_another_machine_writes_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = study(tmp_path)
    line = b'{"op_code":0,"worker_id":"far","study_name":"second","directions":[1]}\n'
    with (tmp_path / JOURNAL).open("ab", buffering=0) as journal:
        journal.write(line[:20])
        paused = []

        def goes_on(seconds: float) -> None:
            paused.append(seconds)
            journal.write(line[20:])

        monkeypatch.setattr("netlang.runs.tuning.workers.time.sleep", goes_on)
        assert one.claim(1)
    assert len(paused) == 1
    assert line in (tmp_path / JOURNAL).read_bytes()


def test_one_process_at_a_time_says_what_came_of_a_study(tmp_path: Path) -> None:
    one, other = study(tmp_path), study(tmp_path)
    with one.conclusion() as is_ones:
        with other.conclusion() as is_others:
            assert (is_ones, is_others) == (True, False)
        one.close()  # as a signal that ends it does
        with other.conclusion() as is_others:
            assert is_others


def test_a_damaged_journal_is_no_study(tmp_path: Path) -> None:
    study(tmp_path).close()
    (tmp_path / JOURNAL).write_text("no line of Optuna's\n{}\n")
    with pytest.raises(NetError) as raised:
        study(tmp_path)
    assert raised.value.diagnostics[0].code == "E0462"


def test_a_process_says_that_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlang.runs.tuning.workers._BEAT", 0.01)
    folder = Worker(tmp_path).folder
    os.utime(folder, (0, 0))
    until = time.monotonic() + 10
    while not folder.stat().st_mtime and time.monotonic() < until:
        time.sleep(0.01)
    assert folder.stat().st_mtime


def test_a_death_changes_none_of_the_proposals(tmp_path: Path) -> None:
    found = []
    for name, deaths in (("a", ()), ("b", (3, 12))):
        (tmp_path / name).mkdir()
        one = study(tmp_path / name)
        for number in range(15):
            trial = one.claim(15)
            if number in deaths:
                one.close()
                one = study(tmp_path / name)
                trial = one.claim(15)
            assert trial
            trial.done((number * 5) % 7, 27)
        found.append([trial.values for trial in one.trials])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("tunables", "size"),
    [
        ((ACT,), 2),
        ((Tunable("batch", Interval(1, 48, True, step=1), 20, WHERE),), 48),
        ((Tunable("p", Interval(0.1, 0.3, False, step=0.1), None, WHERE), ACT), 6),
    ],
)
def test_all_is_tried_once_and_a_study_ends_where_nothing_is_left(
    tmp_path: Path, tunables: tuple[Tunable, ...], size: int
) -> None:
    one = study(tmp_path, *tunables)
    for number in range(size):
        trial = one.claim(size + 1)
        assert trial
        trial.done((number * 5) % 7, 27)
    assert one.claim(size + 1) is None
    assert one.claim(size + 1) is None
    assert len({tuple(trial.values.items()) for trial in one.trials}) == size
    assert {trial.state for trial in one.trials} == {"done"}
    assert len(one._study.trials) == size  # and what was not tried is not in the journal


def test_values_that_kill_two_processes_have_failed(tmp_path: Path) -> None:
    living = study(tmp_path)
    lost = []
    for is_killed in (True, False, True):
        dying = study(tmp_path)
        trial = dying.claim(2)
        assert trial
        lost.append(trial.values)
        dying._worker._lock.release()  # as the system does, and no more
        if not is_killed:
            dying.close()
    assert lost[0] == lost[1] == lost[2]
    last = living.claim(2)
    assert last
    assert last.values != lost[0]
    last.done(0.5, 27)
    assert living.claim(2) is None
    first, second = living.trials
    assert (first.state, first.reason) == ("failed", "its process was killed twice")
    assert (first.values, second.state) == (lost[0], "done")


def test_a_trial_may_be_taken_over_while_it_tells_how_it_goes(tmp_path: Path) -> None:
    for told in ("report", "set_user_attr", "tell"):
        (tmp_path / told).mkdir()
        slow, other = study(tmp_path / told), study(tmp_path / told)
        trial = slow.claim(1)
        assert trial
        of = trial._study if told == "tell" else trial._trial
        real = getattr(of, told)

        def late(
            *found: object, slow: Study = slow, other: Study = other, real: Any = real, **more: Any
        ) -> object:
            slow.close()
            assert other.claim(1)
            return real(*found, **more)

        setattr(of, told, late)
        with pytest.raises(TakenOver):
            trial.falls_behind(1, 0.5) if told == "report" else trial.done(0.5, 27)


def test_a_trial_that_falls_behind_ends(tmp_path: Path) -> None:
    one = study(tmp_path)
    for value in range(6):
        trial = one.claim(6)
        assert trial
        behind = trial.falls_behind(3, float(value))
        assert behind == (value > 0)
        trial.pruned(3) if behind else trial.done(float(value), 27)
    assert [trial.value for trial in one.trials] == [0, 1, 2, 3, 4, 5]


def test_numbers_are_short_and_within_their_range() -> None:
    drawn = {"optimizer.lr": 0.012345678, "hidden": 16}
    assert as_texts((RATE, UNITS), drawn) == {"optimizer.lr": "0.01235", "hidden": "16"}
    narrow = Tunable("p", Interval(0.123456, 0.123458, False), None, WHERE)
    assert as_texts((narrow,), {"p": 0.1234561}) == {"p": "0.1234561"}
