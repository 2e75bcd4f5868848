"""A run leaves all that there is to know of it, and what cannot be kept takes nothing with it."""

from __future__ import annotations

import csv
import errno
import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.folders.result_folder import new_folder
from netlang.runs.folders.run_folder import RunFolder, new_run_folder
from netlang.runs.plots import canvas
from netlang.runs.plots.style import DPI
from netlang.runs.training.events import EpochDone
from netlang.runs.training.training import Training
from netlang.system.lock import is_held
from tests.program import DISC, NUMBERS, NUMBERS_TABLE, about, netlang, only

MODEL = f"{DISC}epochs = 3\nseed = 4\n"
as_user = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere"
)


@pytest.fixture(autouse=True)
def _model() -> None:
    Path("a.net").write_text(MODEL)


def history_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def run(*arguments: str, file: str = "a.net") -> Result:
    return netlang("run", file, *arguments)


def size_of(picture: Path) -> tuple[int, int]:
    head = picture.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def test_what_is_kept_is_what_was_printed() -> None:
    result = run("--set", "epochs=4", "--json")
    *_, last = map(json.loads, result.stdout.splitlines())
    folder = only()
    assert last["run"] == str(folder)
    assert sorted(file.name for file in folder.iterdir()) == [
        "a.net", "checkpoint.safetensors", "confusion.png", "curves.png", "decision.png",
        "history.csv", "history.jsonl", "model.safetensors", "run.json",
    ]  # fmt: skip
    assert (folder / "a.net").read_text() == MODEL
    kept = about(folder)
    assert kept["result"] == last
    assert (kept["status"], kept["seed"], kept["epochs"]) == ("finished", 4, 4)
    assert kept["overrides"] == ["epochs=4"]
    versions = kept["versions"]
    assert isinstance(versions, dict)
    assert set(versions) == {"netlang", "torch", "python"}
    _, *printed, _ = map(json.loads, result.stdout.splitlines())
    history = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert history == printed
    with (folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{k: float(v) for k, v in row.items()} for row in rows] == [
        {"epoch": one["epoch"], **one["metrics"], "train_seconds": one["train_seconds"]}
        for one in history
    ]


def test_the_pictures_can_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "DPI", DPI)  # which tests make fewer
    run()
    for name in ("confusion.png", "curves.png", "decision.png"):
        width, height = size_of(only() / name)
        assert width > 600
        assert height > 600


def test_a_terminal_is_told_where() -> None:
    assert run().stdout.splitlines()[-1] == f"kept in {only()}"


def test_of_three_inputs_there_is_no_plane_to_draw() -> None:
    Path("b.net").write_text(NUMBERS)
    Path("a.csv").write_text(NUMBERS_TABLE)
    assert run(file="b.net").exit_code == 0
    assert {one.name for one in only().glob("*.png")} == {"curves.png", "predicted.png"}


def test_pictures_and_folder_can_be_left_out() -> None:
    assert run("--no-folder").exit_code == 0
    assert not Path("runs").exists()
    assert run("--no-plots", "-o", "elsewhere/deep").exit_code == 0
    assert not list(only("elsewhere/deep").glob("*.png"))
    assert (only("elsewhere/deep") / "history.csv").exists()


@pytest.mark.parametrize(
    "taken", ["model.safetensors", "checkpoint.safetensors", "history.jsonl", "Run.json", "fold-1"]
)
def test_an_import_does_not_cost_a_run_one_of_its_files(taken: str) -> None:
    Path(taken).mkdir()
    Path(taken, "p.net").write_text("block body(n) = Linear(n, 4) -> ReLU\n")
    text = MODEL.replace("Linear(2, 4) -> ReLU", "body(2)")
    Path("a.net").write_text(f'import "{taken}/p.net"\n{text}')
    result = run("--no-plots")
    folder = only()
    assert (result.exit_code, about(folder)["status"], len(history_of(folder))) == (
        0, "finished", 3,
    )  # fmt: skip
    assert netlang("resume", str(folder), "--epochs", "5", "--no-plots").exit_code == 0
    assert len(history_of(folder)) == 5
    evaluated = netlang("eval", folder)
    assert evaluated.exit_code == 0, evaluated.output


@pytest.mark.parametrize("folder", ["../lib", "{here}/lib"])
def test_the_model_of_a_run_that_went_on_has_what_is_imported_from_elsewhere(folder: str) -> None:
    Path("lib").mkdir()
    Path("lib/p.net").write_text("block body(n) = Linear(n, 4) -> ReLU\n")
    Path("nets").mkdir()
    path = folder.format(here=Path.cwd())
    text = MODEL.replace("Linear(2, 4) -> ReLU", "body(2)")
    Path("nets/a.net").write_text(f'import "{path}/p.net"\n{text}')
    run("--no-plots", "--allow", "lib", file="nets/a.net")
    assert netlang("resume", only(), "--epochs", "5", "--no-plots").exit_code == 0
    evaluated = netlang("eval", only())
    assert evaluated.exit_code == 0, evaluated.output


def test_commands_to_copy_name_a_folder_with_a_blank_as_one_word() -> None:
    run("--no-plots", "-o", "my runs")
    folder = only("my runs")
    assert f"`netlang resume '{folder}' --epochs 6` trains on" in netlang("resume", folder).stdout
    (folder / "model.safetensors").unlink()
    refused = netlang("predict", folder / "run.json", "--values", "1,2").stderr
    assert f"`netlang resume '{folder}'` goes on with it" in refused


def test_a_run_that_diverged_says_how_it_goes_on() -> None:
    run("--no-plots", "--set", "optimizer=SGD(lr=1e-2)")
    folder = only()
    options = ("--no-plots", "--epochs", "6")
    failed = netlang("resume", folder, *options, "--set", "optimizer.lr=1e30")
    resume = f"`netlang resume {folder} --set optimizer.lr=...`"
    assert failed.stderr.endswith(f"kept in {folder}: {resume} goes on from the last checkpoint\n")
    assert about(folder)["status"] == "failed"
    assert "interrupted or failed" in netlang("runs").stderr
    assert netlang("resume", folder, "--no-plots", "--set", "optimizer.lr=1e-3").exit_code == 0
    assert len(history_of(folder)) == 6
    assert "netlang resume" not in netlang("runs").stderr


@pytest.mark.slow
def test_matplotlib_is_imported_for_pictures_alone() -> None:
    code = (
        "import sys; from netlang.tools.cli.group import cli; "
        "cli(sys.argv[1:], standalone_mode=False); assert 'matplotlib' not in sys.modules"
    )
    for arguments in (["run", "a.net", "--no-plots"], ["check", "a.net"]):
        subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


def test_without_matplotlib_the_rest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run()
    assert result.exit_code == 0
    assert result.stderr.count("pip install matplotlib") == 1
    assert about(only())["status"] == "finished"


def test_a_matplotlib_that_does_not_work_costs_the_pictures_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise AttributeError("numpy has no attribute \x1b[31m")

    monkeypatch.setattr("netlang.runs.plots.canvas._matplotlib", broken)
    result = run()
    assert result.exit_code == 0
    assert result.stderr == (
        "no pictures are drawn, as matplotlib does not work here (AttributeError: numpy has no "
        "attribute \\x1b[31m): install it anew, or run with --no-plots\n"
    )
    assert about(only())["status"] == "finished"
    assert not [*only().glob("*.png")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("\x1b[31m"), ", for an error of netlang's own, not yours: KeyError('\\x1b[31m')\n"
         "Set NETLANG_DEBUG=1 to see where, and please report it.\n"),
        (MemoryError(), ", as there is not memory enough\n"),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize(
    ("drawing", "name", "others"),
    [
        ("folders.run_folder.draw_curves", "curves", ["confusion.png", "decision.png"]),
        ("plots.pictures.decision", "decision", ["confusion.png", "curves.png"]),
        ("plots.pictures.confusion", "confusion", ["curves.png", "decision.png"]),
    ],
)
def test_a_picture_that_fails_takes_neither_the_result_nor_another_with_it(
    error: Exception, said: str, drawing: str, name: str, others: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(f"netlang.runs.{drawing}", fail)
    result = run()
    assert result.exit_code == 0
    assert result.stderr == f"{name}.png is not drawn{said}"
    assert result.stdout.splitlines()[-1] == f"kept in {only()}"
    assert sorted(picture.name for picture in only().glob("*.png")) == others
    assert about(only())["status"] == "finished"
    assert about(only())["result"]


def test_runs_of_the_same_second_have_folders_of_their_own() -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        made = pool.starmap(new_folder, [(Path("runs"), "a", {"run.json": "{}"})] * 12)
    assert len(set(made)) == 12
    assert all((path / "run.json").is_file() for path in made)


def test_a_run_holds_its_folder_before_others_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool | None] = []
    rename = Path.rename

    def seen(part: Path, target: Path) -> Path:
        held.append(is_held(part))
        return rename(part, target)

    monkeypatch.setattr(Path, "rename", seen)
    assert run("--no-plots").exit_code == 0
    assert held == [True]
    assert is_held(only()) is False


@pytest.mark.parametrize(
    "name",
    [
        "-a.net",
        "a b.net",
        'a"$x$.net',
        "\N{CJK UNIFIED IDEOGRAPH-96EA}.net",
        "é" * 120 + ".net",
        ".net",
    ],
    ids=ascii,
)
def test_any_name_of_a_file_will_do(name: str, recwarn: pytest.WarningsRecorder) -> None:
    Path(name).write_text(MODEL)
    result = netlang("run", "--", name)
    assert result.exit_code == 0, result.output
    assert (only() / "decision.png").exists()
    assert not recwarn.list


def test_a_run_of_standard_input_has_a_folder_too() -> None:
    assert netlang("run", "-", text=MODEL).exit_code == 0
    assert only().name.startswith("stdin-")
    assert (only() / "stdin.net").read_text() == MODEL


@pytest.mark.parametrize("root", ["a.net", "a.net/runs"])
def test_where_no_folder_can_be_made_nothing_is_trained(root: str) -> None:
    result = run("-o", root)
    assert result.exit_code in (1, 2)
    assert "epoch" not in result.stdout
    assert root in result.stderr


@as_user
def test_a_folder_that_may_not_be_written_is_named_with_a_way_out() -> None:
    Path("runs").mkdir(mode=0o500)
    result = run()
    assert result.exit_code == 1
    assert "runs" in result.stderr
    assert "--no-folder" in result.stderr


def test_a_disk_that_is_full_costs_the_folder_and_not_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(folder: RunFolder, event: object) -> None:
        calls.append(event)
        if len(calls) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    calls: list[object] = []
    monkeypatch.setattr(RunFolder, "keep", full)
    result = run()
    assert result.exit_code == 1
    assert result.stderr == (
        "nothing more is kept of this run: cannot write the run's folder: No space left on device\n"
    )
    assert "epoch 3/3" in result.stdout
    assert "test.accuracy" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize("reason", [UnicodeError, KeyboardInterrupt])
def test_whatever_keeps_a_folder_from_being_made_leaves_no_part_of_it(
    reason: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise reason

    monkeypatch.setattr("netlang.runs.folders.result_folder.write_whole", refuse)
    with pytest.raises(reason):
        new_folder(Path("runs"), "a", {"run.json": "{}"})
    assert not list(Path("runs").iterdir())


def test_a_run_that_diverges_at_once_does_not_say_that_something_was_measured() -> None:
    Path("a.net").write_text(MODEL.replace("CrossEntropy", "MSE").replace(" -> Softmax", ""))
    result = run("--set", "optimizer.lr=1e30", "--set", "epochs=1")
    assert result.exit_code == 1
    assert not (only() / "history.jsonl").exists()
    assert "error[E0411]" in result.stderr
    assert result.stderr.endswith(f"nothing was measured yet, and {only()} says so\n")


def test_a_run_that_diverges_says_so_in_its_folder() -> None:
    Path("a.net").write_text(MODEL.replace("CrossEntropy", "MSE").replace(" -> Softmax", ""))
    result = run("--set", "optimizer.lr=1e30", "--set", "epochs=40")
    assert result.exit_code == 1
    assert about(only())["status"] == "failed"
    (problem,) = about(only())["diagnostics"]
    assert problem["code"] == "E0411"
    assert "diverged in step 2 of epoch 1, at `linear2`" in problem["title"]
    assert problem["file"] == "--set"


def test_a_run_that_goes_on_keeps_the_epochs_by_their_own_numbers() -> None:
    program = compile_source(SourceFile("a.net", MODEL), to_run=True).require()
    first = Training(program)
    for event in first.events():
        if isinstance(event, EpochDone) and event.epoch == 2:
            break
    folder = new_run_folder(Path("runs"), program)
    for event in Training(program, start=first.checkpoint()).events():
        folder.keep(event)
    folder.close("finished")
    (row,) = csv.DictReader((folder.path / "history.csv").read_text().splitlines())
    assert row["epoch"] == "3"


@pytest.mark.parametrize("reason", [KeyboardInterrupt, SystemExit(143)])
def test_a_run_that_is_broken_off_keeps_its_history(
    reason: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = RunFolder.keep

    def stopped(folder: RunFolder, event: object) -> None:
        keep(folder, event)  # type: ignore[arg-type]
        if getattr(event, "epoch", 0) == 2:
            raise reason

    monkeypatch.setattr(RunFolder, "keep", stopped)
    result = run("--set", "batch=60")
    assert result.exit_code in (130, 143)
    assert about(only())["status"] == "interrupted"
    assert len((only() / "history.csv").read_text().splitlines()) == 2


def test_a_picture_says_so_where_it_is_of_no_test_data(monkeypatch: pytest.MonkeyPatch) -> None:
    titles: list[str] = []

    def draw(title: str, names: object, predicted: object, true: object, file: Path) -> None:
        titles.append(title)
        file.touch()

    monkeypatch.setattr("netlang.runs.plots.pictures.draw_predicted", draw)
    Path("a.csv").write_text(NUMBERS_TABLE)
    for share in ("0.5", "0", "0, validation=0.5"):
        Path("b.net").write_text(NUMBERS.replace("test=0.5", f"test={share}"))
        assert run(file="b.net").exit_code == 0
    assert titles == ["b.net", "b.net, train data", "b.net, validation data"]


def test_a_signal_between_an_epoch_and_its_line_loses_no_line() -> None:
    program = compile_source(SourceFile("a.net", MODEL), to_run=True).require()
    folder, training = new_run_folder(Path("runs"), program), Training(program, "tensor")
    folder.save_checkpoints(training, 5)
    for event in training.events():
        if isinstance(event, EpochDone) and event.epoch == 2:
            break
        folder.keep(event)
    assert "its model is that of epoch 2" in folder._interrupted()
    assert [one["epoch"] for one in history_of(folder.path)] == [1, 2]
    with (folder.path / "history.csv").open(newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]


def test_a_signal_closes_the_record_even_where_no_checkpoint_can_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = compile_source(SourceFile("a.net", MODEL), to_run=True).require()
    folder = new_run_folder(Path("runs"), program, "tensor")

    def fail(_: RunFolder) -> None:
        raise MemoryError("too little")

    monkeypatch.setattr(RunFolder, "break_off", fail)
    assert "cannot be written: too little" in folder._interrupted()
    assert about(folder.path)["status"] == "interrupted"
