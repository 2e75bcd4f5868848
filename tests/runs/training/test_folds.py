"""A program is trained for each fold, and judged by the mean of what all of them give."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from netlang.tools.cli.group import cli
from tests.catalogue.data.examples import FLOWERS

TEXT = (
    'net = Linear(_, 3) -> Softmax\ndata = Table("t.csv", target="y")\n'
    "loss = CrossEntropy\noptimizer = Adam\nepochs = 2\nexpect test.loss < 1000\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(FLOWERS)
    (tmp_path / "m.net").write_text(TEXT)
    return tmp_path / "m.net"


def events(file: Path, *arguments: str) -> list[dict[str, Any]]:
    command = ["run", str(file), "-o", str(file.parent / "runs"), "--no-plots", "--json"]
    result = CliRunner().invoke(cli, [*command, *arguments])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def folds_in(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that end a fold."""
    return [event for event in found if event["event"] == "fold"]


def test_it_is_said_once_that_no_pictures_are_drawn(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    arguments = ["run", str(file), "-o", str(file.parent / "runs"), "--folds", "3", "-q"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0
    assert result.stderr.count("no pictures are drawn") == 1


def test_each_fold_is_trained_and_kept_and_the_result_is_their_mean(file: Path) -> None:
    found = events(file, "--folds", "3")
    ends = folds_in(found)
    assert [event["fold"] for event in ends] == [1, 2, 3]
    assert {event["fold"] for event in found if event["event"] == "epoch"} == {1, 2, 3}
    result = found[-1]
    losses = [event["metrics"]["test.loss"] for event in ends]
    assert result["metrics"]["test.loss"] == statistics.fmean(losses)
    assert result["deviations"]["test.loss"] == statistics.stdev(losses)
    assert result["expectations"] == [
        {"expect": "expect test.loss < 1000", "value": statistics.fmean(losses), "met": True}
    ]
    folder = Path(str(result["run"]))
    kept = json.loads((folder / "run.json").read_text())
    assert (kept["status"], kept["result"]) == ("finished", result)
    for fold in (1, 2, 3):
        assert (folder / f"fold-{fold}" / "model.safetensors").stat().st_size
        record = json.loads((folder / f"fold-{fold}" / "run.json").read_text())
        assert record["status"] == "finished"
        assert record["overrides"] == ["data.folds=3", f"data.fold={fold}"]
    tested = [
        line.split(",")[0]
        for fold in (1, 2, 3)
        for line in (folder / f"fold-{fold}" / "split.csv").read_text().splitlines()
        if line.endswith(",test")
    ]
    assert sorted(map(int, tested)) == list(range(1, 31))


def test_a_fold_alone_is_trained_as_among_all(file: Path) -> None:
    among = folds_in(events(file, "--folds", "3"))
    alone = events(file, "--set", "data.folds=3", "--set", "data.fold=2")[-1]
    assert (alone["event"], alone["metrics"]) == ("result", among[1]["metrics"])


def test_an_expectation_that_the_mean_misses_is_missed_and_lines_say_so(file: Path) -> None:
    file.write_text(TEXT.replace('"y")', '"y", folds=2)').replace("< 1000", "< 0"))
    result = CliRunner().invoke(cli, ["run", str(file), "--no-folder"])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].endswith("2 folds")
    assert lines[1:3] == ["inputs: a and b (numbers)", "target: y, 3 classes (x 10, y 10 and z 10)"]
    assert [line.split()[:2] for line in lines[3:5]] == [["fold", "1/2"], ["fold", "2/2"]]
    assert "±" in lines[5]
    assert lines[-1].endswith("MISSED")


def test_on_a_terminal_each_fold_has_a_line_that_its_result_takes_the_place_of(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("netlang.tools.cli.training.series.sys", terminal)
    monkeypatch.setattr("netlang.runs.lines.progress._SECONDS", 0)
    result = CliRunner().invoke(cli, ["run", str(file), "--no-folder", "--folds", "2"])
    assert result.exit_code == 0, result.output
    for fold in ("fold 1/2", "fold 2/2"):
        shown, _, ended = result.stdout.partition(f"\r\x1b[K\x1b[?25h{fold}  test.loss ")
        assert f"\x1b[?25l{fold}  epoch 1/2" in shown
        assert f"\r{fold}  epoch 2/2  " in shown
        assert ended
    assert result.stdout.count("\x1b[?25l") == result.stdout.count("\x1b[?25h") == 2


def test_a_data_set_without_folds_has_no_such_argument(file: Path) -> None:
    file.write_text(TEXT.replace('Table("t.csv", target="y")', "Disc").replace("_, 3", "2, 2"))
    result = CliRunner().invoke(cli, ["run", str(file), "--no-folder", "--folds", "3"])
    assert result.exit_code == 1
    assert "`Disc` has no argument `folds`" in result.stderr
    assert "--> --folds:1:6" in result.stderr
    assert "the rows of a table alone are dealt into folds" in result.stderr


def test_more_folds_than_rows_are_told_as_the_option_that_was_typed(file: Path) -> None:
    result = CliRunner().invoke(cli, ["run", str(file), "--no-folder", "--folds", "31"])
    assert result.exit_code == 1
    assert "folds=31 of 30 rows leaves no rows to test on" in result.stderr
    assert "--> --folds:1:12" in result.stderr
    assert "give the file more rows, or `folds` a smaller number" in result.stderr
    grouped = ["--set", 'data.group="a"', "--folds", "31"]
    told = CliRunner().invoke(cli, ["run", str(file), "--no-folder", *grouped]).stderr
    assert "give `a` more groups, as each is in one part, or `folds` a smaller number" in told


def test_folds_are_watched_as_one_run_is(file: Path) -> None:
    result = events(file, "--folds", "2", "--watch")[-1]
    for fold in ("fold-1", "fold-2"):
        history = Path(str(result["run"])) / fold / "history.jsonl"
        assert all(json.loads(line)["layers"] for line in history.read_text().splitlines())


def test_netlang_test_judges_the_mean_of_all_folds(file: Path) -> None:
    losses = [event["metrics"]["test.loss"] for event in folds_in(events(file, "--folds", "3"))]
    above, below = sorted((losses[0], statistics.fmean(losses)))
    between = f"{(above + below) / 2!r}"
    file.write_text(TEXT.replace('"y")', '"y", folds=3)').replace("1000", between))
    done = CliRunner().invoke(cli, ["test", str(file), "--json"])
    (expected,) = json.loads(done.stdout)["expectations"]
    assert expected["value"] == statistics.fmean(losses)
    assert "  (mean of 3 folds, " in CliRunner().invoke(cli, ["test", str(file)]).stdout
    assert expected["met"] == (done.exit_code == 0) == (statistics.fmean(losses) < losses[0])
