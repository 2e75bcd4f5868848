"""``netlang compare``: what it prints and keeps, and what it says where it cannot."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Never

import pytest
from click.testing import Result

from netlang.catalogue.layers import ReLU
from netlang.lowering.pytorch import lowers
from netlang.runs.comparison.lockstep import Difference
from netlang.runs.comparison.turns import Comparison
from netlang.system.interruption import _process
from tests.program import DISC, NUMBERS, NUMBERS_TABLE, about, netlang, only

MODEL = f"{DISC}epochs = 2\n"


@pytest.fixture(autouse=True)
def _files() -> None:
    Path("a.net").write_text(MODEL)
    Path("b.net").write_text(NUMBERS)
    Path("a.csv").write_text(NUMBERS_TABLE)
    Path("other").mkdir()
    Path("other/a.net").write_text(MODEL)


def compare(*arguments: str, backend: str = "tensor") -> Result:
    return netlang("compare", *arguments, "--backend", backend)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_table_sentences_and_pictures_of_two_files() -> None:
    result = compare("a.net", "b.net", "--runs", "2")
    assert result.exit_code == 0
    head, *rows = result.stdout.splitlines()
    assert head.startswith("file   trained by  test.accuracy or test.mae")
    assert [row.split()[:2] for row in rows[:4]] == [
        ["a.net", "netlang"], ["PyTorch", rows[1].split()[1]],
        ["b.net", "netlang"], ["PyTorch", rows[3].split()[1]],
    ]  # fmt: skip
    assert result.stdout.count("of PyTorch's time, with the tensor backend and one thread") == 2
    assert result.stdout.splitlines()[-1] == f"kept in {only()}"
    assert names(only()) == [
        "a.py", "b.py", "comparison.json", "figure2.png", "figure3.png", "history.jsonl",
        "table.md",
    ]  # fmt: skip
    turns = [line for line in result.stderr.splitlines() if line.startswith(("a.net ", "b.net "))]
    assert len(turns) == 4


def test_no_plane_no_third_figure() -> None:
    assert compare("b.net", "--runs", "1").exit_code == 0
    assert "figure3.png" not in names(only())


def test_json_is_one_object_and_the_one_that_is_kept() -> None:
    result = compare("a.net", "--runs", "2", "--json")
    said = json.loads(result.stdout)
    assert said["folder"] == str(only())
    assert said["comparisons"] == about(only())["comparisons"]
    (one,) = said["comparisons"]
    assert (one["file"], one["metric"], one["backend"]) == ("a.net", "test.accuracy", "tensor")
    assert [len(runs) for runs in one["runs"].values()] == [2, 2]


def test_files_of_one_name_stay_apart() -> None:
    result = compare("a.net", "other/a.net", "a.net", "--runs", "1")
    assert result.exit_code == 0
    assert {"a-1.py", "a-2.py", "a-3.py"} < set(names(only()))


def test_a_file_from_standard_input_has_a_printable_export() -> None:
    result = netlang("compare", "-", "--runs", "1", "--backend", "tensor", text=MODEL)
    assert result.exit_code == 0
    assert [name for name in names(only()) if name.endswith(".py")] == ["stdin.py"]


def test_a_number_makes_no_name_that_another_file_has() -> None:
    Path("a-1.net").write_text(MODEL)
    result = compare("a.net", "other/a.net", "a-1.net", "--runs", "1", "--set", "epochs=1")
    assert result.exit_code == 0
    assert len([name for name in names(only()) if name.endswith(".py")]) == 3


def test_a_folder_without_a_file_is_an_error_in_json_too() -> None:
    Path("empty").mkdir()
    for command in ("compare", "test", "check"):
        result = netlang(command, "empty", "--json")
        said = {"event": "error", "message": "there is no .net file in empty"}
        assert (result.exit_code, json.loads(result.stdout)) == (1, said)


def test_a_folder_stands_for_the_files_in_it() -> None:
    result = compare("other", "--lockstep", "--set", "epochs=1", "--json")
    assert [one["file"] for one in json.loads(result.stdout)["lockstep"]] == ["other/a.net"]


def test_lockstep_has_a_line_for_each_epoch_and_says_what_they_come_to() -> None:
    result = compare("a.net", "b.net", "--lockstep", "--set", "epochs=3")
    assert result.exit_code == 0
    assert result.stdout.count("epoch ") == 2
    assert result.stdout.count("with the tensor backend, netlang and PyTorch are at most ") == 2
    assert result.stdout.count(" apart in float64, as rounding explains, and end ") == 2
    kept = about(only())["lockstep"]
    assert [(one["file"], one["backend"], len(one["epochs"])) for one in kept] == [
        ("a.net", "tensor", 3), ("b.net", "tensor", 3)
    ]  # fmt: skip
    assert [one["threads"] for one in kept] == [1, 1]
    assert max(epoch["float64"] for one in kept for epoch in one["epochs"]) < 1e-9
    again = compare("a.net", "--lockstep", "--json", "--set", "epochs=3")
    assert json.loads(again.stdout)["lockstep"] == kept[:1]


def test_lockstep_has_no_metric_for_a_plateau_and_says_so_before_a_folder_is_made() -> None:
    result = compare("a.net", "--lockstep", "--set", "schedule=Plateau(train.loss)")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "a.net: in lockstep nothing is measured that a Plateau could look at" in result.stderr
    assert not Path("runs").exists()


def test_lockstep_of_what_diverges_is_told_and_kept() -> None:
    diverging = "--lockstep", "--set", "optimizer.lr=1e30", "--set", "epochs=3"
    result = compare("b.net", *diverging)
    assert result.exit_code == 1
    assert "b.net: training diverges" in result.stdout
    text = (only() / "lockstep.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["lockstep"][0]["epochs"][-1]["float32"] is None


def test_lockstep_that_is_interrupted_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(difference: Difference) -> str:
        if difference.epoch == 2:
            raise KeyboardInterrupt
        return ""

    monkeypatch.setattr("netlang.runs.comparison.lockstep_report.line", interrupted)
    result = compare("a.net", "--lockstep", "--set", "epochs=3")
    assert result.exit_code == 130
    (one,) = about(only())["lockstep"]
    assert [epoch["epoch"] for epoch in one["epochs"]] == [1, 2]


def test_the_record_of_a_comparison_that_is_interrupted_has_the_runs_of_its_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse_the_second(comparison: Comparison) -> str:
        if len(comparison.turns) == 2:
            raise KeyboardInterrupt
        return ""

    monkeypatch.setattr("netlang.runs.comparison.report.latest_turn", refuse_the_second)
    assert compare("a.net", "--runs", "3", "--set", "epochs=1").exit_code == 130
    history = (only() / "history.jsonl").read_text().splitlines()
    (kept,) = about(only())["comparisons"]
    assert sum(map(len, kept["runs"].values())) == len(history) == 2


@pytest.mark.parametrize("way", [["--runs", "1"], ["--lockstep"]])
def test_a_comparison_that_is_interrupted_before_an_epoch_says_that_nothing_was_measured(
    way: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    before = list(_process.closings)
    monkeypatch.setattr("netlang.tools.cli.commands.compare._twins", interrupted)
    result = compare("a.net", *way)
    assert result.exit_code == 130
    assert result.stderr == f"interrupted: nothing was measured yet, and {only()} says so\n"
    assert _process.closings == before


def test_lockstep_that_fails_leaves_nothing_to_do_at_a_signal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> str:
        raise KeyboardInterrupt

    before = list(_process.closings)
    monkeypatch.setattr("netlang.runs.comparison.lockstep_report.line", refuse)
    assert compare("a.net", "--lockstep", "--set", "epochs=1").exit_code == 130
    assert _process.closings == before


@pytest.mark.parametrize("way", [["--runs", "2"], ["--lockstep"]])
def test_why_another_backend_trains_is_said_once(
    way: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    result = compare("a.net", *way, backend="native")
    assert result.exit_code == 0
    assert result.stderr.count("a.net: trained on tensors: $CC is 'no-such-compiler'") == 1
    assert "with the tensor backend" in result.stdout


def test_a_name_neither_commands_the_terminal_nor_breaks_the_table() -> None:
    Path("a|\x1b[31m.net").write_text(MODEL)
    result = compare("a|\x1b[31m.net", "--runs", "1")
    assert "a|\\x1b[31m.net  netlang" in result.stdout
    assert "\x1b" not in result.output
    assert "| a\\|\\x1b[31m.net | netlang |" in (only() / "table.md").read_text()


def test_what_the_command_line_changed_is_kept_with_where_it_ran() -> None:
    assert compare("a.net", "--runs", "1", "--set", "epochs=1").exit_code == 0
    kept = about(only())
    (one,) = kept["comparisons"]
    assert (one["overrides"], one["epochs"]) == (["epochs=1"], 1)
    assert {"netlang", "torch", "python"} == kept["versions"].keys()
    assert "- a.net was run with `--set epochs=1`." in (only() / "table.md").read_text()
    assert "# It was read with --set epochs=1.\n" in (only() / "a.py").read_text()


def test_a_module_that_pytorch_needs_is_no_name_for_a_program() -> None:
    Path("math.net").write_text(MODEL)
    assert compare("math.net", "--runs", "1").exit_code == 0
    assert "math-1.py" in names(only())


def test_a_seed_and_a_setting_may_be_changed() -> None:
    result = compare("a.net", "--runs", "1", "--json", "--set", "seed=5", "--set", "epochs=1")
    (one,) = json.loads(result.stdout)["comparisons"]
    assert [run["seed"] for run in (*one["runs"]["netlang"], *one["runs"]["PyTorch"])] == [5, 6]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.net"], "cannot read `none.net`"),
        (["bad.net"], "E0301"),
        (["bare.net"], "data"),
        (["a.net", "--runs", "0"], "0 is not in the range"),
        (["a.net", "-o", "a.csv"], "a.csv"),
        (["a.net", "-o", "a.csv/runs"], "cannot write a.csv/runs"),
        (["a.net", "--lockstep", "--runs", "3"], "--lockstep trains once: it takes no --runs"),
        (["a.net", "--runs", "99999999999999999999"], "is not in the range"),
        ([], "Missing argument 'FILE...'"),
    ],
)
def test_mistakes_are_said(arguments: list[str], said: str) -> None:
    Path("bad.net").write_text(MODEL.replace("Linear(4", "Linear(7"))
    Path("bare.net").write_text("net = Linear(2, 2)\n")
    result = compare(*arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert not Path("runs").exists()


def test_a_layer_that_pytorch_has_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(lowers.functions, ReLU)
    result = compare("b.net", "a.net", "--runs", "1")
    assert result.exit_code == 1
    assert "ReLU in line 1 has no counterpart in PyTorch" in result.output
    assert "a.net" in result.output
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["matplotlib"], "matplotlib is not installed: pip install matplotlib"),
        (
            ["matplotlib", "scipy"],
            "matplotlib and scipy are not installed: pip install matplotlib scipy",
        ),
    ],
)
def test_what_is_not_installed_is_said_before_training(
    missing: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in missing:
        monkeypatch.setitem(sys.modules, library, None)
    result = compare("a.net", "--runs", "2")
    assert result.exit_code == 1
    assert result.output == f"Error: {said}\n"


class Broken(ModuleType):
    """A library that nothing can be imported from."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Never:
        raise self.error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ImportError("libblas.so.0: cannot open\nand so on"),
            ": libblas.so.0: cannot open",
        ),
        (ValueError("numpy.dtype size changed"), ": numpy.dtype size changed"),
        (ModuleNotFoundError("No module named 'numpy'", name="numpy"), ": No module named 'numpy'"),
        (SystemExit(), ""),
    ],
    ids=repr,
)
@pytest.mark.parametrize("library", ["scipy", "matplotlib"])
def test_what_is_installed_and_broken_is_said_before_training(
    library: str, error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, Broken(error))
    result = compare("a.net", "--runs", "2")
    assert result.exit_code == 1
    reason = f"{library} does not work here ({type(error).__name__}{said}): install it anew"
    assert result.output == f"Error: {reason}\n"
    assert not Path("runs").exists()


def test_a_scipy_that_fails_only_at_its_work_is_said_before_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AttributeError("module 'numpy' has no attribute 'bool'")

    monkeypatch.setattr("scipy.stats.ttest_ind", fail)
    result = compare("a.net", "--runs", "2")
    assert "scipy does not work here (AttributeError: module 'numpy' has no" in result.output
    assert not Path("runs").exists()


def test_lockstep_needs_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("scipy", "matplotlib"):
        monkeypatch.setitem(sys.modules, library, Broken(ImportError()))
    assert compare("a.net", "--lockstep", "--set", "epochs=1").exit_code == 0


def test_a_figure_that_fails_takes_neither_the_table_nor_another_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("test.loss")

    monkeypatch.setattr("netlang.runs.comparison.comparison_folder.draw_curves", fail)
    result = compare("a.net", "--runs", "1")
    assert result.exit_code == 0
    assert "figure2.png is not drawn, for an error of netlang's own" in result.stderr
    assert "of PyTorch's time" in result.stdout
    assert result.stdout.splitlines()[-1] == f"kept in {only()}"
    assert names(only()) == ["a.py", "comparison.json", "figure3.png", "history.jsonl", "table.md"]
    assert about(only())["status"] == "finished"


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_figure_that_cannot_be_written_comes_after_the_result(
    option: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "figure2.png")

    monkeypatch.setattr("netlang.runs.comparison.comparison_folder.draw_curves", full)
    result = compare("a.net", "--runs", "1", *option)
    assert result.exit_code == 1
    assert result.stderr.endswith("Error: cannot write figure2.png: No space left on device\n")
    assert (
        ("netlang" in json.loads(result.stdout)["comparisons"][0]["runs"])
        if option
        else ("of PyTorch's time" in result.stdout)
    )


@pytest.mark.parametrize("way", [["--runs", "2"], ["--lockstep"]])
def test_a_table_that_goes_meanwhile_cannot_be_read_and_not_written(
    way: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Path("a.csv").resolve()

    def gone(*_: object) -> None:
        table.unlink(missing_ok=True)

    monkeypatch.setattr("netlang.runs.comparison.twin.torch.manual_seed", gone)
    result = compare("b.net", *way)
    assert result.exit_code == 1
    assert f"cannot read the data file `{table.parent}/runs/" in result.stderr
    assert "a.csv`: no such file or directory" in result.stderr
    assert "cannot write" not in result.stderr
    assert about(only())["status"] == "failed"


def test_a_training_that_diverges_is_a_message() -> None:
    result = compare("b.net", "--runs", "1", "--set", "optimizer.lr=1e30", "--set", "epochs=40")
    assert result.exit_code == 1
    assert "E0" in result.output
    assert "Traceback" not in result.output
    assert about(only())["status"] == "finished"
    (one,) = about(only())["comparisons"]
    assert [run["diverged"] for runs in one["runs"].values() for run in runs] == [True, True]
    assert names(only()) == ["b.py", "comparison.json", "history.jsonl", "table.md"]


def test_the_folder_keeps_settings_files_and_all_epochs() -> None:
    assert compare("a.net", "--runs", "2", "--set", "epochs=3").exit_code == 0
    (program,) = about(only())["programs"]
    assert (program["file"], program["epochs"]) == ("a.net", 3)
    assert [len(file["sha256"]) for file in program["reads"]] == [64]
    lines = (only() / "history.jsonl").read_text().splitlines()
    runs = [json.loads(line) for line in lines]
    assert [run["side"] for run in runs] == ["netlang", "PyTorch"] * 2
    (one,) = about(only())["comparisons"]
    assert one["threads"] == 1
    for run in runs:
        (kept,) = (last for last in one["runs"][run["side"]] if last["seed"] == run["seed"])
        assert len(run["epochs"]) == 3
        assert run["epochs"][-1] == kept["metrics"]
