"""What a run's folder says is read again, whatever has become of it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from netlang.runs.folders.kept_run import NotARun, differing, is_better_higher, kept_run, runs_in
from netlang.runs.folders.run_difference import run_difference
from netlang.runs.training.checkpoint_file import CHECKPOINT_FILE
from netlang.system.lock import Lock
from tests.program import CLASSES, DISC, about, netlang, only

TABLE = """\
net = Linear(2, 2) -> Softmax
data = CSV("t.csv", target="y")
loss = CrossEntropy
optimizer = SGD(lr=1e-2)
epochs = 2
"""


def run(text: str, root: str, *options: str) -> Path:
    """The folder of a run of ``text``, in ``root``."""
    Path("a.net").write_text(text)
    result = netlang("run", "a.net", "--no-plots", "--backend", "tensor", "-o", root, *options)
    assert result.exit_code == 0, result.output
    return only(root)


def change(folder: Path, **changes: object) -> None:
    """Change what the record in ``folder`` says; None takes an entry away."""
    record = about(folder) | changes
    kept = {name: value for name, value in record.items() if value is not None}
    (folder / "run.json").write_text(json.dumps(kept))


def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_kept_run_says_what_was_run_and_what_it_reached() -> None:
    folder = run(DISC, "runs", "--set", "epochs=2", "--set", "optimizer.lr=1e-3")
    kept, record = kept_run(folder), about(folder)
    assert (kept.file, kept.status, kept.epoch, kept.epochs) == ("a.net", "finished", 2, 2)
    assert kept.overrides == {"epochs": "2", "optimizer.lr": "1e-3"}
    assert kept.metrics == record["result"]["metrics"]
    assert kept.seconds == record["result"]["train_seconds"]
    assert kept.started
    assert kept.started.strftime("%Y-%m-%dT%H:%M:%S") == record["time"][:19]
    assert [*kept.judged] == ["test.loss", "test.accuracy"]
    assert kept.history()[-1] == kept.metrics


def test_a_run_without_a_result_has_the_metrics_of_its_last_whole_epoch() -> None:
    folder = run(f"{DISC}epochs = 3\n", "runs")
    change(folder, result=None, status="interrupted")
    with (folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 4, "metrics": {"test.lo')
    kept = kept_run(folder)
    assert (kept.epoch, kept.metrics) == (3, kept.history()[2])
    (folder / "history.jsonl").unlink()
    assert (kept_run(folder).epoch, kept_run(folder).metrics) == (0, {})


def test_the_best_epoch_is_known_where_it_is_not_the_last() -> None:
    folder = run(f"{DISC}epochs = 3\n", "runs")
    result = about(folder)["result"]
    assert kept_run(folder).best is None
    change(folder, result={**result, "epoch": 2})
    assert kept_run(folder).best == 2


def test_a_run_that_lost_its_history_has_its_result() -> None:
    folder = run(f"{DISC}epochs = 3\n", "runs")
    (folder / "history.jsonl").unlink()
    assert (kept_run(folder).epoch, kept_run(folder).history()) == (3, [])
    assert kept_run(folder).metrics


def test_a_run_whose_process_is_gone_was_killed() -> None:
    folder = run(f"{DISC}epochs = 1\n", "runs")
    here = platform.node()
    lock = Lock(folder)
    change(folder, status="running", pid=os.getpid(), host=here)
    assert kept_run(folder).status == "running"
    lock.release()
    for pid, host, status in (
        (os.getpid(), here, "killed"),  # another process has its number now
        (ended(), here, "killed"),
        (-1, here, "killed"),
        ("1", here, "killed"),
        (1 << 80, here, "killed"),
        (1, "elsewhere", "running on elsewhere"),
    ):
        change(folder, status="running", pid=pid, host=host)
        assert kept_run(folder).status == status


def test_where_no_folder_can_be_held_a_run_goes_on_as_long_as_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = run(f"{DISC}epochs = 1\n", "runs")
    monkeypatch.setitem(sys.modules, "fcntl", None)  # as on Windows
    no_process = (0, -1, 1 << 80, "1", [1], 1.5)  # to signal 0 or -1 reaches many
    for pid, status in (
        (os.getpid(), "running"),
        (ended(), "killed"),
        *((one, "killed") for one in no_process),
    ):
        change(folder, status="running", pid=pid)
        assert kept_run(folder).status == status


def test_what_did_not_end_goes_on_from_a_checkpoint_or_from_the_folds_that_are_left() -> None:
    folder = run(f"{DISC}epochs = 1\n", "runs")
    for status, checkpoint, folds, goes_on in (
        ("interrupted", True, None, True),
        ("interrupted", False, 3, True),
        ("interrupted", False, None, False),
        ("finished", True, 3, False),
        ("failed", True, None, True),
        ("failed", False, None, False),
        ("failed", False, 3, False),
    ):
        change(folder, status=status, folds=folds)
        (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
        if checkpoint:
            (folder / CHECKPOINT_FILE).touch()
        assert kept_run(folder).can_go_on == goes_on


def test_a_model_that_is_no_result_says_how_far_its_run_came() -> None:
    folder = run(f"{DISC}epochs = 3\n", "runs")
    assert kept_run(folder).model_so_far == ""
    change(folder, status="interrupted", result=None, model_epoch=2)
    said = f"{folder}: interrupted, 3 of 3 epochs done"
    assert kept_run(folder).model_so_far == f"{said}; its model is that of epoch 2"
    change(folder, model_epoch=None)
    assert kept_run(folder).model_so_far == said


def test_overrides_that_are_no_list_are_none() -> None:
    folder = run(f"{DISC}epochs = 1\n", "runs")
    for odd in ("a=1", {"a": 1}, 3):
        change(folder, overrides=odd)
        assert kept_run(folder).overrides == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is broken, or not netlang's"),
        ("{", "is broken, or not netlang's"),
        ("[]", "is broken, or not netlang's"),
        ('{"model": 1}', "is broken, or not netlang's"),
        ("[" * 100_000, "is broken, or not netlang's"),
        (None, "it has no run.json"),
    ],
)
def test_what_is_no_record_of_a_run_is_no_run(text: str | None, reason: str) -> None:
    folder = Path("runs/other")
    folder.mkdir(parents=True)
    if text is not None:
        (folder / "run.json").write_text(text)
    with pytest.raises(NotARun, match=reason):
        kept_run(folder)
    assert runs_in(Path("runs")) == ([], {} if text is None else {folder: f"its run.json {reason}"})


STRANGE: list[dict[str, Any]] = [
    {"status": ["x"], "file": {}, "overrides": "x=1", "time": 3, "epochs": "many"},
    {"status": "done", "time": "0001-01-01T00:00:00", "overrides": [1, None], "result": []},
    {"result": {"metrics": {"test.loss": "low", "a": 10**400, "b": None}, "train_seconds": "x"}},
    {"result": {"metrics": [1, 2]}, "host": None, "pid": None, "status": "running"},
    {"file": "\ud800\x1b[31m", "kept": "../../a.net", "reads": [{}], "versions": "new"},
]


@pytest.mark.parametrize("changes", STRANGE, ids=range(len(STRANGE)))
def test_a_record_that_says_strange_things_can_be_listed_and_compared(
    changes: dict[str, Any],
) -> None:
    folder = run(f"{DISC}epochs = 1\n", "runs")
    change(folder, **changes)
    (kept,), others = runs_in(Path("runs"))
    assert not others
    for folders in ([], [str(folder), str(folder)]):
        for options in ([], ["--json"]):
            result = netlang("runs", *folders, *options)
            assert (result.exit_code, "\x1b" in result.output) == (0, False), result.output
    assert differing([kept, kept]) == [{}, {}]


def test_a_history_of_another_program_is_no_history() -> None:
    folder = run(f"{DISC}epochs = 1\n", "runs")
    (folder / "history.jsonl").write_text("{}\n")
    with pytest.raises(NotARun, match=r"line 1 of its history\.jsonl"):
        kept_run(folder).history()


def test_runs_are_in_the_order_of_their_time() -> None:
    folders = [run(f"{DISC}epochs = 1\n", root) for root in ("b", "a", "c")]
    for number, folder in enumerate(folders):
        folder.rename(Path("b") / f"{9 - number}")
        change(Path("b") / f"{9 - number}", time=f"2026-01-0{number + 1}T00:00:00+0000")
    found, _ = runs_in(Path("b"))
    assert [one.folder.name for one in found] == ["9", "8", "7"]


def test_metrics_know_whether_higher_is_better() -> None:
    assert is_better_higher("test.accuracy")
    assert is_better_higher("validation.r2")
    assert not is_better_higher("test.loss")
    assert not is_better_higher("test.mae")
    assert not is_better_higher("of another netlang")


def test_what_differs_between_runs_are_the_settings_that_not_all_have_alike() -> None:
    folders = [
        run(f"{DISC}epochs = 1\n", "one"),
        run(f"{DISC}epochs = 1\n", "two", "--set", "seed=3"),
        run(f"{DISC}epochs = 1\n", "three", "--set", "optimizer.lr=0.1"),
    ]
    found = differing([kept_run(folder) for folder in folders])
    assert found == [{"seed": "0"}, {"seed": "3"}, {"seed": "0", "optimizer.lr": "0.1"}]


def test_the_difference_of_a_run_from_itself_is_none() -> None:
    kept = kept_run(run(f"{DISC}epochs = 1\n", "runs"))
    found = run_difference(kept, kept)
    assert (found.changes, found.texts, found.data, found.surroundings) == ((), {}, {}, {})
    assert {pair[0] == pair[1] for pair in found.results.values()} == {True}


def test_a_difference_is_told_in_meaning_text_data_surroundings_and_results() -> None:
    Path("t.csv").write_text(CLASSES)
    before = run(TABLE, "one")
    Path("t.csv").write_text(CLASSES.replace("0,0,yes", "1,0,yes"))
    after = run(TABLE.replace("SGD", "Adam"), "two", "--set", "epochs=3")
    versions = about(after)["versions"]
    change(after, versions={**versions, "torch": "9"})
    found = run_difference(kept_run(before), kept_run(after))
    assert found.changes  # the data of the first run have changed, and its model file is asked
    assert [one.what for one in found.changes] == ["optimizer", "epochs"]
    assert found.overrides == (None, "epochs=3")
    assert [*found.texts] == ["a.net"]
    assert [*found.data] == ["t.csv"]
    assert found.surroundings == {"torch": (about(before)["versions"]["torch"], "9")}
    was, now = found.results["test.loss"]
    assert was != now


def test_texts_that_cannot_be_compiled_any_more_are_compared_all_the_same() -> None:
    Path("t.csv").write_text(CLASSES)
    before, after = run(TABLE, "one"), run(f"{TABLE}batch = 3\n", "two")
    found = run_difference(kept_run(before), kept_run(after))
    assert found.changes
    assert [(one.what, one.after) for one in found.changes] == [("batch", "3")]
    Path("t.csv").unlink()
    (before / "model.safetensors").unlink()
    found = run_difference(kept_run(before), kept_run(after))
    assert found.changes is None
    assert "t.csv" in found.why
    assert [*found.texts] == ["a.net"]
    said = netlang("runs", str(before), str(after)).stdout
    assert "cannot be compared: one/a-" in said
    assert "batch  32 -> 3" in said
