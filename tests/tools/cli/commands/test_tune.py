"""``tune`` tries candidates, and writes the best into a copy of the file."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from netlang.system import interruption
from netlang.tools.cli.commands import tune
from netlang.tools.cli.training.jobs import run_jobs
from tests.program import CLASSES, PROCESS, netlang

pytest.importorskip("optuna")

MOONS = """\
hidden = 4  # units
act = ReLU

net = Linear(2, hidden) -> act -> Linear(hidden, 2)
data = Moons(train=60, test=40, validation=40)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)  # as ever
epochs = 4
batch = 20

tune hidden in 2..16 log
tune optimizer.lr in 1e-3..1e-1 log
tune act in [ReLU, Tanh]
"""
FOUR = ("--trials", "4", "--no-pruning", "--backend", "tensor")


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    Path("a.net").write_text(MOONS)


def rows(study: str = "a") -> list[dict[str, str]]:
    with Path(f"runs/tune-{study}/trials.csv").open() as file:
        return list(csv.DictReader(file))


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_best_values_stand_in_a_copy_of_the_file_whose_run_is_kept() -> None:
    result = netlang("tune", "a.net", *FOUR)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("trial 1/4  validation.loss ")
    assert lines[0].endswith("hidden=4 optimizer.lr=0.01 act=ReLU  best so far")
    assert "wrote a-tuned.net" in lines
    found = rows()
    best = min(found, key=lambda row: float(row["validation.loss"]))
    assert [row["trial"] for row in found] == ["1", "2", "3", "4"]
    assert {row["state"] for row in found} == {"done"}
    head, *tuned = Path("a-tuned.net").read_text().splitlines()
    assert head.startswith("# Tuned by netlang: validation.loss ")
    assert tuned[0] == f"hidden = {best['hidden']}  # units"
    assert tuned[6] == f"optimizer = Adam(lr={best['optimizer.lr']})  # as ever"
    assert tuned[7:] == MOONS.splitlines()[7:]
    folder = Path("runs/tune-a")
    kept = json.loads((folder / "best" / "run.json").read_text())
    measured = kept["result"]["metrics"]["validation.loss"]
    assert measured == pytest.approx(float(best["validation.loss"]))
    pictures = {"history.png", "slices.png", "coordinates.png"}
    assert {*pictures, "study.json"} <= {one.name for one in folder.iterdir()}


def test_a_study_is_the_same_each_time_and_goes_on_where_it_ended() -> None:
    fast = *FOUR, "--no-plots"
    assert netlang("tune", "a.net", *fast, "--study", "one").exit_code == 0
    for trials in ("2", "4"):
        again = netlang("tune", "a.net", *fast, "--study", "two", "--trials", trials)
        assert again.exit_code == 0
    one, two = ([{**row, "seconds": ""} for row in rows(name)] for name in ("one", "two"))
    assert one == two
    finished = netlang("tune", "a.net", *fast, "--study", "two", "--json")
    told = [one["event"] for one in events(finished.stdout)]
    assert told == ["study", "result"]
    again = netlang("tune", "a.net", *fast, "--study", "two")
    assert "this study has its 4 trials: `--trials 8` makes 4 more\n" in again.stdout
    assert "trained already, with the test data:\ntest.loss " in again.stdout
    kept = json.loads(finished.stdout.splitlines()[-1])["run"]
    assert f"kept in {kept}\n" in again.stdout
    best = {Path(f"a-{name}-tuned.net").read_text().splitlines()[1] for name in ("one", "two")}
    assert (len(best), Path("a-tuned.net").exists()) == (1, False)
    assert len([*Path("runs/tune-one").glob("best*")]) == 1
    other = netlang("tune", "a.net", *fast, "--study", "two", "--seed", "1")
    assert other.exit_code == 1
    assert "E0452" in other.stderr


def test_the_command_line_lists_candidates_and_trials_may_fail() -> None:
    options = "--set", "optimizer.lr=1e-2,1e38", "--set", "hidden=4", "--set", "act=Tanh"
    result = netlang("tune", "a.net", *FOUR, "--json", *options, "--metric", "validation.accuracy")
    *trials, study, last = events(result.stdout)
    assert result.exit_code == 0
    assert {one["event"] for one in trials} == {"trial"}
    states = {one["values"]["optimizer.lr"]: one["state"] for one in trials}
    assert states == {"1e-2": "done", "1e38": "failed"}  # and nothing is left to try
    (failed,) = (one for one in trials if one["state"] == "failed")
    assert "diverge" in failed["reason"]
    assert study["trials"] == {"done": 1, "failed": 1}
    assert study["asked"] == 4
    said = netlang("tune", "a.net", *FOUR, *options, "--metric", "validation.accuracy")
    assert "4 were asked for, and nothing else is left to try\n" in said.stdout
    assert study["best"]["values"] == {"optimizer.lr": "1e-2"}
    assert last["event"] == "result"
    assert "optimizer = Adam(lr=1e-2)" in Path("a-tuned.net").read_text()
    failing = netlang("tune", "a.net", *FOUR, "--study", "b", "--set", "optimizer.lr=1e37,1e38")
    assert failing.exit_code == 1
    assert "E0453" in failing.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "data.validation=0"), "E0450"),
        (
            ("--set", "hidden=4", "--set", "act=Tanh", "--set", "optimizer.lr=1e-2"),
            "`--set` gives `hidden`, `optimizer.lr`, `act` one value for all trials\n"
            "  = help: write `tune hidden in 1..16 log`",
        ),
        (("--set", "optimizer.lr=1e-4...1e-1"), "takes no range `1e-4...1e-1`"),
        (("--set", "optimizer.lr=1e-4-1e-1"), "a range is written `1e-4..1e-1`"),
        (("--set", "hidden=-4..0"), "`hidden` cannot be -4: `out_features` of `Linear`"),
        (("--set", "hidden=9..2"), "E0446"),
        (("--metric", "test.accuracy"), "--metric names one of validation.loss"),
        (("-o", "a.net"), "is there already"),
        (("-o", "a.txt"), "ends in .net"),
        (("-o", "nowhere/a.net"), "nowhere/a.net cannot be written there: name another with -o"),
        (("--set", "loss=SoftmaxCrossEntropy,MSE"), "E0461"),
        (("--set", "hidden=1.."), "no range `1..`: write it like 1e-4..1e-1"),
        (("--set", "optimizer.lr=1e-3..1:lg"), "no range `1e-3..1:lg`"),
        (("--set", "net[0].bias=true,false"), "`my_bias = ...` with `bias=my_bias`"),
        (("--set", "hidden=3", "--set", "hidden=3..4"), "`hidden` one value, and candidates"),
        (("--study", "a/b"), "a name without slashes"),
    ],
)
def test_what_cannot_be_tuned_is_said(options: Sequence[str], said: str) -> None:
    result = netlang("tune", "a.net", *options)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert Path("a.net").read_text() == MOONS


def test_a_new_file_is_tuned_as_the_message_says() -> None:
    rows = "".join(f"{n * 5 % 9},{n},{n * n % 7}.5\n" for n in range(30))
    Path("b.csv").write_text(f"a,b,y\n{rows}")
    netlang("new", "b.csv", "--target", "y")
    circle = netlang("tune", "b.net")
    assert "write `tune lr in 0.007..0.7 log` into the file, or `--set lr=0.007" in circle.stderr
    once = "--trials", "1", "--set", "epochs=5", "--backend", "tensor", "--no-plots"
    for tuned in ("lr=0.007..0.7:log", "hidden=[8, 256]", "optimizer[0].lr=0.01,0.07"):
        result = netlang("tune", "b.net", *once, "--study", tuned[:2], "--set", tuned)
        assert (result.exit_code, "1 done" in result.stdout) == (0, True)


def test_what_is_replaced_is_said_and_quiet_shows_no_trial() -> None:
    fixed = "--set", "act=Tanh", "--set", "optimizer.lr=1e-2", "--quiet", "--no-plots"
    Path("a-tuned.net").write_text("# Tuned by netlang: validation.loss 0.1 in runs/tune-b\n")
    result = netlang("tune", "a.net", *FOUR, *fixed, "--trials", "1", "--set", "hidden=5,6")
    lines = result.stdout.splitlines()
    assert lines[0] == "1 trial: 1 done; kept in runs/tune-a"
    assert lines[2].endswith(", in the place of one with validation.loss 0.1 in runs/tune-b")
    assert not [*Path("runs/tune-a").glob("*.png")]


def test_a_study_is_listed_below_the_runs_and_is_none_to_resume() -> None:
    fixed = "--set", "act=Tanh", "--set", "optimizer.lr=1e-2", "--no-plots"
    netlang("tune", "a.net", *FOUR, *fixed, "--set", "hidden=4,5,6")
    best = min(float(row["validation.loss"]) for row in rows())
    head, study = netlang("runs").stdout.splitlines()
    assert head.split() == ["study", "file", "trials", "best"]
    assert study.split() == ["runs/tune-a", "a.net", "3", "validation.loss", f"{best:.4f}"]
    assert json.loads(netlang("runs", "--json").stdout) == []
    Path("runs/tune-b").mkdir()
    Path("runs/tune-b/study.json").write_text('{"file": 1}')
    assert netlang("runs").stdout.splitlines() == [head, study]
    resumed = netlang("resume", "tune-a")
    assert "it is a study, and `netlang tune a.net` with the same options goes on" in resumed.stderr


def test_a_run_leaves_candidates_alone() -> None:
    Path("a.net").write_text(MOONS.replace("hidden in 2..16", "hidden in 8..16"))
    assert "W0644" in netlang("check", "a.net").stderr
    result = netlang("run", "a.net", "--fast", "--backend", "tensor")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_list_in_brackets_lists_candidates_where_it_is_no_value() -> None:
    fixed = "--set", "act=Tanh", "--set", "optimizer.lr=1e-2", "--no-plots"
    result = netlang("tune", "a.net", *FOUR, *fixed, "--set", "hidden=[4, 8]")
    assert result.exit_code == 0
    assert [row["hidden"] for row in rows()] == ["4", "8"]


@pytest.mark.slow
def test_processes_share_a_study_and_a_killed_one_loses_no_trial_that_is_done() -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*PROCESS, "tune", "a.net", "--trials", "12", "--backend", "tensor", "--worker"]
    command += ["--set", "epochs=40", "--no-pruning"]
    piped = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=piped, text=True) as killed:
        assert killed.stdout
        first = killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
    assert first.startswith("trial 1/12")
    sharing = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [one.wait() for one in sharing] == [0, 0]
    result = netlang("tune", "a.net", *command[5:], "--json")
    found = rows()
    assert result.exit_code == 0
    assert [row["trial"] for row in found] == [str(number) for number in range(1, 13)]
    assert {row["state"] for row in found} == {"done"}
    assert len({(row["hidden"], row["optimizer.lr"], row["act"]) for row in found}) == 12


def test_processes_of_a_study_are_called_as_their_command_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugin = "class Half(Layer):\n    def forward(self, x):\n        return 0.5 * x\n\n"
    plugin += "    def backward(self, dy):\n        return 0.5 * dy\n"
    Path("half.py").write_text(f"from netlang import Layer\n\n\n{plugin}")
    started: list[Sequence[str]] = []
    command = "netlang.tools.cli.commands.tune"
    monkeypatch.setattr(f"{command}.run_jobs", lambda count, words: started.extend([words] * count))
    options = "--set", "act=ReLU,Half", "--set", "optimizer.lr=0.01", "--set", "hidden=4"
    options += "--plugin", "half.py", "--no-pruning", "--backend", "tensor", "-o", "b.net"
    Path("a-tuned.net").write_text("act = Tanh\n")
    untouched = netlang("tune", "a.net", "--json")
    assert "a-tuned.net is there already, and no tuned file: move it away" in untouched.stderr
    assert "Usage" not in untouched.stdout + untouched.stderr
    Path("a.net").write_text(f"{MOONS}unused = 1\n")
    begun = netlang("tune", "a.net", *options, "--trials", "1", "--jobs", "2")
    assert begun.exit_code == 0
    assert begun.stderr.count("W0601") == 1  # which the other processes leave to this one
    monkeypatch.setattr(interruption._process, "is_silent", False)  # as it is again afterwards
    first, second = started
    assert first == second
    shared = netlang(*first, "--trials", "2")
    assert (shared.exit_code, shared.stderr) == (0, "")
    assert {(row["act"], row["state"]) for row in rows()} == {("ReLU", "done"), ("Half", "done")}
    Path("half.py").write_text(f"from netlang import Layer\n\n\n{plugin.replace('0.5', '0.25')}")
    changed = netlang("tune", "a.net", *options)
    assert "another text of a plugin" in changed.stderr


def test_a_tuned_file_stands_where_it_finds_its_data() -> None:
    Path("b").mkdir()
    Path("a.csv").write_text(CLASSES)
    table = 'CSV("a.csv", target="y", validation=0.2)'
    Path("a.net").write_text(MOONS.replace("Moons(train=60, test=40, validation=40)", table))
    result = netlang("tune", "a.net", *FOUR, "-o", "b/c.net")
    assert result.exit_code == 2
    assert "b/c.net would not find what a.net names: name a file in its folder" in result.stderr
    assert not Path("runs").exists()


def test_a_study_goes_on_with_the_same_files_and_backend_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("t.csv").write_text(CLASSES)
    Path("part.net").write_text("bend = Tanh\n")
    Path("a.net").write_text(
        'import "part.net"\nnet = Linear(2, 3) -> bend -> Linear(3, 2)\n'
        "loss = SoftmaxCrossEntropy\n"
        'data = CSV("t.csv", target="y", validation=0.3)\noptimizer = SGD(0.1)\nepochs = 1\n'
        "tune optimizer.lr in 0.01..0.2\n"
    )
    assert netlang("tune", "a.net", *FOUR, "--trials", "1").exit_code == 0
    folder = Path("runs/tune-a")
    before = (folder / "journal.log").read_bytes()
    said = {"other data in `t.csv`": ("t.csv", CLASSES.replace("39,0,no", "39,1,no"))}
    said["another text of `part.net`, which the file imports"] = "part.net", "bend = ReLU\n"
    for what, (name, text) in said.items():
        kept = Path(name).read_text()
        Path(name).write_text(text)
        refused = netlang("tune", "a.net", *FOUR)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert f"error[E0452]: this study has {what}" in refused.stderr
        Path(name).write_text(kept)
    refused = netlang("tune", "a.net", *FOUR, "--backend", "auto")
    assert "error[E0452]: this study has another backend" in refused.stderr
    record = (folder / "study.json").read_bytes()
    (folder / "study.json").write_bytes(record[:-9])
    refused = netlang("tune", "a.net", *FOUR)
    assert "error[E0452]: this study has a damaged record, `study.json`" in refused.stderr
    (folder / "study.json").write_bytes(record)
    assert (folder / "journal.log").read_bytes() == before
    train = tune.train

    def changes(*arguments: Any) -> object:
        Path("t.csv").write_text(CLASSES.replace("39,0,no", "39,1,no"))
        return train(*arguments)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(tune, "train", changes)
        refused = netlang("tune", "a.net", *FOUR, "--trials", "2")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "this study has other data in `t.csv`" in refused.stderr
    Path("t.csv").write_text(CLASSES)
    assert netlang("tune", "a.net", *FOUR, "--trials", "2").exit_code == 0
    assert [row["state"] for row in rows()] == ["done", "done"]


@pytest.mark.slow
def test_the_processes_of_a_study_end_with_the_command_that_is_killed() -> None:
    command = [*PROCESS, "tune", "a.net", "--trials", "200", "--backend", "tensor", "--jobs", "2"]
    command += ["--set", "epochs=400", "--no-pruning"]
    piped = subprocess.PIPE
    with subprocess.Popen(command, stdout=piped, stderr=piped, text=True) as killed:
        assert killed.stdout
        killed.stdout.readline()
        killed.kill()
        killed.communicate(timeout=30)  # until the last of them has closed its output
    left = [one.name for one in Path("runs/tune-a/workers").iterdir()]
    assert all(f"-{killed.pid}-" in name for name in left)  # the others have ended in order
    with subprocess.Popen(command, stdout=piped, stderr=piped, text=True) as ended:
        assert ended.stdout
        ended.stdout.readline()
        ended.terminate()
        ended.communicate(timeout=30)
    assert not [*Path("runs/tune-a/workers").iterdir(), *Path("runs/tune-a").glob("*.lock")]
    assert {row["state"] for row in rows()} <= {"done", "running"}


@pytest.mark.slow
def test_where_the_processes_of_a_study_fail_the_command_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_jobs(2, ["tune", "nowhere.net", "--worker"])
    assert "note: 2 of 2 processes failed: what they left is made by this one" in (
        capsys.readouterr().err
    )
