"""A run that was broken off goes on in its folder, and ends as if it had never stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import torch

from netlang.compiler.passes import compile_source
from netlang.engine import pieces
from netlang.engine.native.cc import NotCompiled
from netlang.engine.versions import versions
from netlang.language.syntax import read
from netlang.runs.folders.kept_run import kept_run
from netlang.runs.folders.resumption import StoppedRun
from netlang.runs.folders.saving import Checkpoints
from netlang.runs.folders.series_folder import new_series_folder
from netlang.runs.lines.display import PlainLines
from netlang.runs.training.checkpoint_file import from_bytes, to_bytes
from netlang.runs.training.events import EpochDone, Event, Finished, StepsDone
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.series import Series
from netlang.system.lock import Lock
from netlang.tools.cli.training.series import OfSeries
from tests.program import SHARED, about, netlang, only

# Dropout, shared weights, several batches, and metrics that keep sums.
MODEL = f"{SHARED}loss = MSE\nmetrics = [accuracy]\nepochs = 4\n"
TABLE = """\
net = Linear(1, 3) -> Tanh -> Linear(3, 1)
data = CSV("a.csv", target="y", test=0.25)
loss = MSE
optimizer = Adam(lr=1e-2)
batch = 4
epochs = 4
"""
TIED = f"""\
shared turn = Linear(3, 3, bias=false)
{TABLE.replace("Tanh", "turn -> Tanh -> Linear(3, 3, bias=false, tied=turn)")}
"""
ROWS = "x,y\n" + "".join(f"{i},{i % 7}.5\n" for i in range(30))


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)  # each step is an event
    Path("a.net").write_text(MODEL)
    Path("table.net").write_text(TABLE)
    Path("tied.net").write_text(TIED)
    Path("a.csv").write_text(ROWS)


def run(*options: str, file: str = "a.net", root: str = "runs") -> Path:
    result = netlang("run", file, "--no-plots", "-o", root, *options)
    assert result.exit_code == 0, result.output
    return only(root)


def broken_off(when: Callable[[Event], bool], *arguments: str | Path) -> Path:
    """The folder of a command whose output nobody reads any more after that event."""
    with pytest.MonkeyPatch.context() as patch:
        show = PlainLines.show

        def unread(lines: PlainLines, event: Event, folder: str | None = None) -> None:
            show(lines, event, folder)
            if when(event):
                raise BrokenPipeError

        patch.setattr(PlainLines, "show", unread)
        netlang(*(arguments or ("run", "a.net")), "--no-plots")
    assert about(only())["status"] == "interrupted"
    return only()


def after_epoch(number: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, EpochDone) and event.epoch == number


def within_epoch(number: int) -> Callable[[Event], bool]:
    return lambda event: (
        isinstance(event, StepsDone) and event.epoch == number and event.samples > 10
    )


def history(folder: Path) -> list[object]:
    """What each epoch measured; seconds are others each time."""
    lines = (folder / "history.jsonl").read_text().splitlines()
    return [(line["epoch"], line["metrics"]) for line in map(json.loads, lines)]


def norms(folder: Path) -> list[object]:
    lines = (folder / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["layers"] for line in lines]


def trained(folder: Path) -> object:
    """The tensors and metrics of its model."""
    kept = ModelFile.from_bytes(model(folder))
    return {name: one.tolist() for name, one in kept.tensors.items()}, kept.metrics


def model(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("when", [after_epoch(2), within_epoch(3)], ids=["after", "within"])
@pytest.mark.parametrize("file", ["a.net", "table.net", "tied.net"])
def test_it_ends_with_the_bytes_of_a_run_that_never_stopped(
    file: str, when: Callable[[Event], bool], backend: str
) -> None:
    options = ("--backend", backend, "--set", "seed=5")
    whole = run(*options, file=file, root="whole")
    folder = broken_off(when, "run", file, *options)
    two = run(*options, "--set", "epochs=2", file=file, root="two")
    assert trained(folder) == trained(two)
    assert about(folder)["model_epoch"] == 2
    result = netlang("resume", folder, "--no-plots")
    assert result.exit_code == 0, result.output
    assert f"{folder} goes on in epoch 3 of 4" in result.stderr
    assert model(folder) == model(whole)
    assert history(folder) == history(whole)
    assert len((folder / "history.csv").read_text().splitlines()) == 5
    ours, theirs = about(folder), about(whole)
    for name in ("time", "pid", "result"):
        ours.pop(name), theirs.pop(name)
    (resumed,) = ours.pop("resumed")
    assert ours == theirs
    assert (resumed["epoch"], resumed["overrides"]) == (3, [])
    assert (resumed["step"] > 1) == (when(StepsDone(3, 11)))
    assert sorted(one.name for one in folder.iterdir()) == sorted(
        one.name for one in whole.iterdir()
    )


@pytest.mark.parametrize("when", [within_epoch(1), after_epoch(1), within_epoch(3)])
def test_a_run_that_is_watched_is_so_when_it_goes_on(when: Callable[[Event], bool]) -> None:
    whole = run("--watch", "--backend", "tensor", root="whole")
    folder = broken_off(when, "run", "a.net", "--watch", "--backend", "tensor")
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert norms(folder) == norms(whole)


def test_a_run_may_be_broken_off_many_times() -> None:
    whole = run(root="whole")
    folder = broken_off(within_epoch(1))
    for epoch in (2, 3, 4):
        broken_off(within_epoch(epoch), "resume", folder)
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert model(folder) == model(whole)
    assert [one["epoch"] for one in about(folder)["resumed"]] == [1, 2, 3, 4]


def test_a_finished_run_says_so_and_takes_more_epochs(backend: str) -> None:
    whole = run("--set", "epochs=6", "--backend", backend, root="whole")
    folder = run("--backend", backend)
    before = {file: file.read_bytes() for file in folder.iterdir()}
    result = netlang("resume", folder)
    assert result.exit_code == 0
    told = f"{folder} is finished, after 4 epochs: `netlang resume {folder} --epochs 8` trains on\n"
    assert result.stdout == told
    as_data = netlang("resume", folder, "--json")
    assert json.loads(as_data.stdout) == about(folder)["result"]
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    assert netlang("resume", folder, "--epochs", "6", "--no-plots").exit_code == 0
    assert model(folder) == model(whole)
    assert history(folder) == history(whole)
    assert about(folder)["overrides"] == ["epochs=6"]


def test_a_finished_run_without_a_checkpoint_is_not_trained_again_from_nothing() -> None:
    folder = run("--checkpoint-minutes", "0")
    told = netlang("resume", folder).stdout
    assert told == (
        f"{folder} is finished, after 4 epochs, and kept no checkpoint to train on from\n"
    )
    assert "it is finished, and kept no checkpoint" in refused(folder, "--epochs", "8")


def test_its_events_are_those_of_a_run() -> None:
    folder = broken_off(after_epoch(2))
    result = netlang("resume", folder, "--json", "--no-plots")
    assert result.stderr == ""
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["event"], one.get("epoch")) for one in events] == [
        ("start", None),
        ("epoch", 3),
        ("epoch", 4),
        ("result", 4),
    ]


def test_it_may_go_on_with_smaller_steps_and_keeps_to_them() -> None:
    folder = broken_off(after_epoch(2))
    change = "optimizer.lr=1e-4"
    result = netlang("resume", folder, "--set", change, "--set", "epochs=5", "--no-plots")
    assert result.exit_code == 0, result.output
    kept = about(folder)
    assert kept["overrides"] == [change, "epochs=5"]
    assert kept["resumed"][0]["overrides"] == [change, "epochs=5"]
    assert netlang("resume", folder, "--epochs", "6", "--no-plots").exit_code == 0
    assert about(folder)["overrides"] == [change, "epochs=6"]
    other = run(root="other")
    assert history(folder)[:2] == history(other)[:2]
    assert history(folder)[2:4] != history(other)[2:]


def test_what_was_measured_after_the_checkpoint_and_half_written_files_go() -> None:
    whole = run(root="whole")
    folder = broken_off(after_epoch(2))
    kept = (folder / "history.jsonl").read_text()
    more = (whole / "history.jsonl").read_text().splitlines(keepends=True)[2]
    (folder / "history.jsonl").write_text(f'{kept}{more}{{"event": "epo')
    (folder / ".part-0123456789abcdef").write_text("half")
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert history(folder) == history(whole)
    assert model(folder) == model(whole)
    assert not [one for one in folder.iterdir() if one.name.startswith(".")]


@pytest.mark.parametrize("when", [after_epoch(2), within_epoch(3)], ids=["after", "within"])
def test_it_may_end_with_the_epochs_that_it_has_and_go_on_later(
    when: Callable[[Event], bool],
) -> None:
    whole = run("--set", "epochs=4", root="whole")
    two = run("--set", "epochs=2", root="two")
    folder = broken_off(when)
    (folder / "model.safetensors").unlink()  # as after a kill
    command = f"netlang resume {folder} --epochs 2"
    assert f"; `{command}` ends it with what it has learned" in netlang("eval", folder).stderr
    assert netlang(*command.split()[1:], "--no-plots").exit_code == 0
    assert model(folder) == model(two)
    assert history(folder) == history(two)
    assert (about(folder)["status"], about(folder)["result"]["epochs"]) == ("finished", 2)
    assert netlang("resume", folder, "--epochs", "4", "--no-plots").exit_code == 0
    assert model(folder) == model(whole)
    assert history(folder) == history(whole)


def test_who_uses_a_model_is_told_how_far_its_run_has_come() -> None:
    folder = run(file="table.net")
    assert netlang("eval", folder).stderr == ""
    broken_off(within_epoch(6), "resume", folder, "--epochs", "9")
    said = f"{folder}: interrupted, 5 of 9 epochs done; its model is that of epoch 5\n"
    for command in (["eval"], ["predict", "--values", "1"], ["inspect"]):
        used = netlang(command[0], folder, *command[1:])
        assert (used.exit_code, used.stderr) == (0, said)
    record = about(folder) | {"status": "running"}
    (folder / "run.json").write_text(json.dumps(record))
    assert "killed, 5 of 9" in netlang("eval", folder / "model.safetensors", "a.csv").stderr
    (folder / "run.json").write_text("{")
    assert netlang("eval", folder, "a.csv").stderr == ""


def test_an_epoch_whose_line_a_signal_kept_from_being_written_gets_it() -> None:
    whole = run(root="whole")
    folder = broken_off(after_epoch(2))
    file = folder / "history.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    for left in (lines[:1], [*lines[:1], "\udcff\n", '{"epoch": []}\n']):
        file.write_text("".join(left), errors="surrogateescape")
        broken_off(within_epoch(3), "resume", folder)
        assert history(folder) == history(whole)[:2]
        assert file.read_text() == "".join(lines)
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert history(folder) == history(whole)


def test_the_model_that_a_run_began_with_is_not_read_again() -> None:
    Path("base.safetensors").write_bytes(model(run(root="base")))
    Path("b.net").write_text(f'{MODEL}start = "base.safetensors"\n')
    whole = run(file="b.net", root="whole")
    folder = broken_off(within_epoch(3), "run", "b.net")
    Path("base.safetensors").unlink()
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert model(folder) == model(whole)
    assert about(folder)["beginning"] == about(whole)["beginning"]
    assert netlang("resume", folder, "--epochs", "5", "--no-plots").exit_code == 0


def test_what_asks_for_steps_is_refused_where_none_is_left() -> None:
    folder = run()
    told = refused(folder, "--set", "optimizer.lr=1e-4")
    assert "no step is left for `optimizer.lr=1e-4`" in told
    assert "`--epochs 8` beside it trains on" in told
    before = {file: file.read_bytes() for file in folder.iterdir()}
    assert "is finished, after 4 epochs" in netlang("resume", folder, "--epochs", "4").stdout
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_patience_for_all_that_is_left_is_no_reason_to_warn() -> None:
    data = MODEL.replace("epochs = 4", "epochs = 10")
    Path("b.net").write_text(f"{data}stop = Early(train.loss, patience=2)\n")
    more = ("--set", "stop.patience=20")
    assert "W0619" in netlang("check", "b.net", *more).stderr
    folder = run(file="b.net")
    resumed = netlang("resume", folder, *more, "--epochs", "12", "--no-plots")
    assert resumed.exit_code == 0
    assert "W0619" not in resumed.stderr


def test_the_first_epoch_after_a_break_is_shown() -> None:
    folder = run("--set", "epochs=6")
    result = netlang("resume", folder, "--epochs", "100", "--no-plots")
    assert result.stdout.splitlines()[1].startswith("epoch   7/100  ")


def test_a_run_that_its_stopping_rule_has_ended_goes_on_with_more_patience() -> None:
    data = MODEL.replace("Disc(", "Disc(validation=20, ").replace("epochs = 4", "epochs = 40")
    Path("b.net").write_text(f"{data}stop = Early(validation.accuracy, patience=2)\n")
    more = ("--set", "stop.patience=6")
    whole = run(*more, file="b.net", root="whole")
    folder = run(file="b.net")
    done = about(folder)["result"]["epochs"]
    assert done < about(whole)["result"]["epochs"]
    assert netlang("resume", folder).stdout == (
        f"{folder} is finished, after {done} epochs, as its stopping rule has ended it: "
        f"`netlang resume {folder} --set stop.patience=...` trains on\n"
    )
    told = refused(folder, "--epochs", "50")
    assert f"its stopping rule has ended it, after {done} epochs" in told
    assert "`--set stop.patience=...`" in told
    assert "its stopping rule" in refused(folder, "--set", "stop.patience=1")
    assert netlang("resume", folder, *more, "--no-plots").exit_code == 0
    assert model(folder) == model(whole)
    assert history(folder) == history(whole)
    told = refused(folder, "--set", "stop=Early(train.loss)")
    assert "`stop` was `Early(metric=validation.accuracy" in told


def test_a_text_that_was_edited_since_is_named() -> None:
    folder = broken_off(after_epoch(2))
    Path("a.net").write_text(f"{MODEL}batch = 3\n")
    said = "a.net has changed since the run began, which goes on with the text that it keeps"
    told = netlang("resume", folder, "--no-plots").stderr
    assert f"{said}: `netlang run a.net` trains the new one\n" in told
    Path("a.net").unlink()
    assert "changed" not in netlang("resume", folder, "--epochs", "5", "--no-plots").stderr


def test_other_threads_and_versions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlang.engine.threads.THREADS_FROM", 1)
    whole = run("--backend", "tensor", root="whole")
    folder = broken_off(after_epoch(2), "run", "a.net", "--backend", "tensor")
    file, threads = folder / "checkpoint.safetensors", torch.get_num_threads()
    kept = from_bytes(file.read_bytes())
    other = kept.replace(threads=4096, versions={**kept.versions, "torch": "1.0", "python": "3.0"})
    file.write_bytes(to_bytes(other))
    result = netlang("resume", folder, "--quiet", "--no-plots")
    assert result.exit_code == 0
    assert result.stderr == (
        f"the run was trained with torch 1.0 and threads 4096, and goes on with torch "
        f"{torch.__version__} and threads {threads}: the last digits of its numbers may be others "
        "than without the break\n"
    )
    assert model(folder) == model(whole)
    after = from_bytes(file.read_bytes())
    assert (after.threads, after.versions) == (threads, versions())


def test_other_threads_that_change_no_bit_are_not_named(backend: str) -> None:
    folder = broken_off(after_epoch(2), "run", "a.net", "--backend", backend)
    file = folder / "checkpoint.safetensors"
    file.write_bytes(to_bytes(from_bytes(file.read_bytes()).replace(threads=4096)))
    result = netlang("resume", folder, "--quiet", "--no-plots")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_finished_run_that_lost_its_model_gets_it_again() -> None:
    folder = run()
    before = model(folder)
    (folder / "model.safetensors").unlink()
    assert f"`netlang resume {folder}` goes on with it" in netlang("eval", folder).stderr
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert model(folder) == before


def test_a_history_that_is_no_file_is_refused() -> None:
    folder = broken_off(after_epoch(2))
    (folder / "history.jsonl").unlink()
    (folder / "history.jsonl").mkdir()
    assert "its history.jsonl is no regular file" in refused(folder)


def test_a_run_that_was_broken_off_before_its_first_checkpoint_begins_anew() -> None:
    whole = run(root="whole")
    folder = broken_off(after_epoch(1))
    (folder / "checkpoint.safetensors").unlink()
    result = netlang("resume", folder, "--no-plots")
    assert "begins anew, as it has no checkpoint" in result.stderr
    assert model(folder) == model(whole)
    assert history(folder) == history(whole)


def refused(folder: Path, *options: str) -> str:
    """What is said of a run that cannot go on, whose folder then stays as it is."""
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    result = netlang("resume", folder, *options)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    return result.stderr


def test_another_program_is_refused_with_what_differs() -> None:
    folder = broken_off(after_epoch(2))
    told = refused(folder, "--set", "batch=5")
    assert told.startswith(f"error[E0511]: the run in `{folder}` cannot go on")
    assert "`batch` was `7`, and is `5`" in told
    told = refused(folder, "--set", "batch=5", "--epochs", "1")  # of which it has two
    assert "of another program" in told
    assert "more than" not in told
    text = (folder / "a.net").read_text()
    (folder / "a.net").write_text(text.replace("Linear(4, 2)", "Linear(4, 3) -> Linear(3, 2)"))
    assert "`layer linear7` was not there" in refused(folder)


def test_other_data_are_refused() -> None:
    folder = broken_off(after_epoch(2), "run", "table.net")
    Path("a.csv").write_text(ROWS.replace("29,", "30,"))
    assert "has been changed since" in refused(folder)


def folds_broken_off(fold: int) -> Path:
    """The folder of a run in three folds, which ended after two epochs of this one."""
    with pytest.MonkeyPatch.context() as patch:
        show = OfSeries.show

        def unread(self: OfSeries, number: int, event: Event, folder: str | None = None) -> None:
            show(self, number, event, folder)
            if number == fold and after_epoch(2)(event):
                raise BrokenPipeError

        patch.setattr(OfSeries, "show", unread)
        netlang("run", "table.net", "--folds", "3", "--no-plots")
    assert about(only())["status"] == "interrupted"
    return only()


def test_a_run_in_folds_goes_on_with_those_that_are_left() -> None:
    whole = run("--folds", "3", file="table.net", root="whole")
    folder = folds_broken_off(2)
    assert [about(folder / f"fold-{n}")["status"] for n in (1, 2)] == ["finished", "interrupted"]
    (line,) = [line for line in netlang("runs").stdout.splitlines() if str(folder) in line]
    assert "interrupted  1/3 folds" in line
    done = (folder / "fold-1" / "run.json").read_bytes()
    (folder / ".part-fold-3-1").mkdir()  # of a process that was killed as it made the folder
    result = netlang("resume", folder, "--no-plots")
    assert result.exit_code == 0, result.output
    assert f"{folder} goes on with the 2 of its 3 folds that are left" in result.stderr
    assert [line.split()[1] for line in result.stdout.splitlines() if line[:4] == "fold"] == [
        *("1/3", "2/3", "3/3")
    ]
    assert (folder / "fold-1" / "run.json").read_bytes() == done
    assert not [one for one in folder.iterdir() if one.name.startswith(".")]
    for fold in ("fold-1", "fold-2", "fold-3"):
        assert model(folder / fold) == model(whole / fold)
        assert history(folder / fold) == history(whole / fold)
    ours, theirs = about(folder)["result"], about(whole)["result"]
    assert (ours["metrics"], ours["folds"]) == (theirs["metrics"], 3)
    assert about(folder)["status"] == "finished"


def test_a_finished_run_in_folds_says_so_and_trains_each_for_more_epochs() -> None:
    whole = run("--folds", "2", "--set", "epochs=6", file="table.net", root="whole")
    folder = run("--folds", "2", file="table.net")
    assert "is finished, all 2 folds of it, after 4 epochs" in netlang("resume", folder).stdout
    assert "was `4`, and is `5`" in refused(folder, "--set", "batch=5")
    assert netlang("resume", folder, "--epochs", "6", "--no-plots").exit_code == 0
    assert about(folder)["result"]["metrics"] == about(whole)["result"]["metrics"]
    for fold in ("fold-1", "fold-2"):
        assert history(folder / fold) == history(whole / fold)


def test_a_finished_run_in_folds_refuses_changes_that_no_step_is_left_for() -> None:
    folder = run("--folds", "2", file="table.net")
    told = refused(folder, "--set", "optimizer.lr=0.5")
    assert f"the run in `{folder}` cannot go on: no step is left for `optimizer.lr=0.5`" in told
    before = (folder / "run.json").read_bytes()
    assert "is finished, all 2 folds" in netlang("resume", folder, "--epochs", "4").stdout
    assert (folder / "run.json").read_bytes() == before


def test_folds_that_their_stopping_rule_has_ended_are_told_how_they_train_on() -> None:
    stop = "stop = Early(validation.loss, patience=1)\n"
    table = TABLE.replace("test=0.25", "validation=0.25").replace("lr=1e-2", "lr=3.0")
    Path("table.net").write_text(f"{table.replace('epochs = 4', 'epochs = 90')}{stop}")
    folder = run("--folds", "2", file="table.net")
    ends = [len(history(folder / fold)) for fold in ("fold-1", "fold-2")]
    assert max(ends) < 90
    assert netlang("resume", folder).stdout == (
        f"{folder} is finished, all 2 folds of it, after at most {max(ends)} epochs, as its "
        f"stopping rule has ended it: `netlang resume {folder} --set stop.patience=...` trains on\n"
    )
    assert "its stopping rule has ended it" in refused(folder, "--epochs", "99")
    result = netlang("resume", folder, "--set", "stop.patience=3", "--no-plots")
    assert f"{folder} goes on with all its folds" in result.stderr


def test_folds_of_one_mean_are_not_trained_with_different_settings() -> None:
    folder = folds_broken_off(2)
    told = refused(folder, "--set", "optimizer.lr=0.5")
    assert "its folds would not be trained alike, some without `optimizer.lr=0.5`" in told
    result = netlang("resume", folder, "--epochs", "5", "--no-plots")
    assert f"{folder} goes on with all its folds" in result.stderr
    whole = run("--folds", "3", "--set", "epochs=5", file="table.net", root="whole")
    assert about(folder)["result"]["metrics"] == about(whole)["result"]["metrics"]


def test_a_fold_that_lost_its_model_gets_it_again() -> None:
    folder = run("--folds", "2", file="table.net")
    before = model(folder / "fold-1")
    (folder / "fold-1" / "model.safetensors").unlink()
    result = netlang("resume", folder, "--no-plots")
    assert f"{folder} goes on with the 1 of its 2 folds that is left" in result.stderr
    assert model(folder / "fold-1") == before
    assert about(folder)["status"] == "finished"


def test_a_fold_whose_place_is_taken_is_not_trained_elsewhere() -> None:
    folder = folds_broken_off(2)
    (folder / "fold-1" / "run.json").write_text("{")
    assert "its `fold-1` is not the folder of a run, or has a broken record" in refused(folder)
    (folder / "fold-1").rename("aside")
    assert netlang("resume", folder, "--no-plots").exit_code == 0
    assert [one.name for one in sorted(folder.glob("fold-*"))] == ["fold-1", "fold-2", "fold-3"]


def test_texts_that_were_edited_are_told_of_folds_too() -> None:
    folder = folds_broken_off(2)
    Path("table.net").write_text(f"{TABLE}seed = 4\n")
    told = netlang("resume", folder, "--no-plots").stderr
    assert told.count("table.net has changed since the run began") == 1


def test_folds_that_are_broken_off_say_how_far_they_came_and_that_they_go_on() -> None:
    program = compile_source(read("table.net"), ["data.folds=4"], to_run=True).require()
    series = Series(program)
    folder = new_series_folder(Path("runs"), series, "tensor")
    end = Finished({"test.loss": 0.25, "test.r2": 0.5}, 1.0, (), "tensor", 0, 4, 4)
    assert folder.way_on == f"0 of 4 folds done: `netlang resume {folder.path}` goes on"
    folder.keep_together(
        series.summary({1: end, 2: end.replace(metrics={**end.metrics, "test.r2": 1})})
    )
    assert folder.left_behind == f"2 of 4 folds done (mean test.r2 0.75), kept in {folder.path}"
    folder.close("interrupted")
    assert about(folder.path)["result"]["metrics"]["test.r2"] == 0.75
    assert about(folder.path)["result"]["expectations"] == []


def test_fewer_epochs_than_it_has_are_refused() -> None:
    told = refused(run(), "--epochs", "3")
    assert "it has 4 epochs already, more than 3" in told


@pytest.mark.usefixtures("compiler")
def test_a_run_in_c_is_refused_where_there_is_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = broken_off(after_epoch(2), "run", "a.net", "--backend", "native")

    def missing() -> NoReturn:
        raise NotCompiled("no C compiler was found")

    monkeypatch.setattr("netlang.engine.native.cache.find_compiler", missing)
    told = refused(folder)
    assert "it was trained in C, and would now be trained on tensors: no C compiler was" in told
    assert "help: mend that, or run the file again with `--backend tensor`" in told


def test_a_damaged_checkpoint_is_refused() -> None:
    folder = broken_off(after_epoch(2))
    file = folder / "checkpoint.safetensors"
    data = file.read_bytes()
    for damaged in (b"", data[:-1], data[:-1] + bytes([data[-1] ^ 1]), b"{" * 100):
        file.write_bytes(damaged)
        assert f"error[E0510]: cannot read the checkpoint `{file}`" in refused(folder)


def test_a_run_that_still_goes_on_is_refused() -> None:
    folder = broken_off(after_epoch(2))
    lock = Lock(folder)
    told = refused(folder)
    lock.release()
    assert f"error[E0512]: the run in `{folder}` still goes on" in told
    assert f"process {about(folder)['pid']} on" in told
    assert netlang("resume", folder, "--no-plots").exit_code == 0


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("nowhere", "nowhere is no run's folder: there is no such folder"),
        (".", "is no run's folder: it has no run.json"),
        ("a.net", "a.net is no run's folder: it is a file"),
    ],
)
def test_what_is_no_run_is_told(named: str, told: str) -> None:
    result = netlang("resume", named)
    assert result.exit_code == 1
    assert told in result.stderr


def test_a_record_from_elsewhere_has_no_file_outside_of_the_folder_read() -> None:
    folder = broken_off(after_epoch(2))
    Path("secret.net").write_text("secret = [1, 2")
    record = json.loads((folder / "run.json").read_text())
    for kept in ("../../secret.net", str(Path("secret.net").resolve()), "", "none.net"):
        (folder / "run.json").write_text(json.dumps(record | {"kept": kept}))
        told = refused(folder)
        assert "cannot read" in told
        assert "[1, 2" not in told


def test_a_run_goes_on_with_its_text_by_its_name_and_with_a_backend_that_there_is() -> None:
    Path("deep").mkdir()
    Path("a.net").rename("deep/a.net")
    folder = run("--set", "epochs=1", "--backend", "tensor", file="deep/a.net")
    for said, taken in (
        *(("tensor", "tensor"), ("native", "native"), ("abacus", "auto"), (3, "auto")),
        *(([], "auto"), (None, "auto")),
    ):
        (folder / "run.json").write_text(json.dumps(about(folder) | {"backend": said}))
        with StoppedRun(kept_run(folder)) as stopped:
            assert stopped.backend == taken
            assert stopped.source().name == about(folder)["file"] == "deep/a.net"


def test_a_run_is_named_by_its_name_in_runs_too() -> None:
    folder = broken_off(after_epoch(2))
    assert netlang("resume", folder.name, "--no-plots").exit_code == 0


def test_no_checkpoint_is_kept_with_zero_minutes() -> None:
    folder = run("--checkpoint-minutes", "0")
    assert not (folder / "checkpoint.safetensors").exists()
    assert netlang("run", "a.net", "--checkpoint-minutes", "-1").exit_code == 2


def test_checkpoints_are_saved_after_epochs_and_minutes_but_not_too_often(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = 100.0
    saved: list[float] = []

    def write(path: Path, data: bytes) -> None:
        nonlocal now
        saved.append(now)
        now += 0.5  # a slow disk

    monkeypatch.setattr("netlang.runs.folders.saving.write_whole", write)
    monkeypatch.setattr("netlang.runs.folders.saving.to_bytes", lambda checkpoint: b"")
    monkeypatch.setattr("netlang.runs.folders.saving.time.monotonic", lambda: now)

    class Trained:
        def checkpoint(self) -> None: ...

    checkpoints = Checkpoints(tmp_path, Trained(), minutes=1)  # type: ignore[arg-type]

    def at(seconds: float, event: Event) -> None:
        nonlocal now
        now = seconds
        checkpoints.save_after(event)

    epoch, steps = EpochDone(1, {}, 0.0), StepsDone(1, 1)
    for seconds in (100.5, 101.5, 102.1, 111.9, 112.1):
        at(seconds, epoch)
    assert saved == [101.5, 112.1]  # it takes half a second, a twentieth of ten
    for seconds in (122.7, 172.5, 172.7):
        at(seconds, steps)
    assert saved == [101.5, 112.1, 172.7]
