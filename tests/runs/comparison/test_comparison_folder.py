"""A comparison's folder grows by what is new, and says at the end what all came to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.comparison import comparison_folder as module
from netlang.runs.comparison.comparison_folder import ComparisonFolder
from netlang.runs.comparison.turns import Comparison, Run, Turn, in_turns
from netlang.runs.comparison.twin import Twin
from netlang.runs.plots import Decision

MODEL = """\
net = Linear(2, 6) -> Tanh -> Linear(6, 2) -> Softmax
data = Disc(train=60, test=40)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 2
seed = 10
"""
PROGRAM = compile_source(SourceFile("a.net", MODEL), to_run=True).require()


@pytest.fixture
def folder(tmp_path: Path) -> ComparisonFolder:
    return ComparisonFolder(tmp_path, [PROGRAM], in_lockstep=False)


def turn(seed: int) -> Turn:
    history = [{"train.loss": 0.5, "test.loss": 0.25, "test.accuracy": 0.9}]
    return Turn(Run(seed, history, 2.0, 1.0), Run(seed + 100, history, 4.0, 3.0), "tensor", 1)


def sizes(path: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in path.iterdir()}


def test_a_turn_costs_as_much_as_the_one_before(folder: ComparisonFolder) -> None:
    """It adds its two lines to the history, and no other file is written again."""
    turns: tuple[Turn, ...] = ()
    before = sizes(folder.path)
    lines = []
    for seed in range(10, 60):
        turns = (*turns, turn(seed))
        folder.keep(Comparison(PROGRAM, turns))
        now = sizes(folder.path)
        lines.append(now.pop("history.jsonl"))
        assert now == before
    steps = [after - before for before, after in zip([0, *lines], lines, strict=False)]
    assert set(steps) == {steps[0]}


def test_a_turn_is_whole_in_the_history_as_soon_as_it_is_kept(folder: ComparisonFolder) -> None:
    folder.keep(Comparison(PROGRAM, (turn(10),)))
    ours, theirs = map(json.loads, (folder.path / "history.jsonl").read_text().splitlines())
    assert ours == {
        "file": "a.net",
        "side": "netlang",
        "seed": 10,
        "metrics": {"train.loss": 0.5, "test.loss": 0.25, "test.accuracy": 0.9},
        "diverged": False,
        "seconds": 2.0,
        "train_seconds": 1.0,
        "epochs": [{"train.loss": 0.5, "test.loss": 0.25, "test.accuracy": 0.9}],
    }
    assert (theirs["side"], theirs["seed"], theirs["seconds"]) == ("PyTorch", 110, 4.0)


@pytest.mark.parametrize("status", ["finished", "failed", "interrupted"])
def test_in_the_end_the_record_and_the_table_have_all_turns(
    status: str, folder: ComparisonFolder
) -> None:
    turns = (turn(10), turn(11))
    folder.keep(Comparison(PROGRAM, turns[:1]))
    folder.keep(Comparison(PROGRAM, turns))
    folder.keep(Comparison(PROGRAM.with_settings(seed=5), turns[:1]))
    folder.close(status)
    about = json.loads((folder.path / "comparison.json").read_text())
    assert about["status"] == status
    assert [len(one["runs"]["PyTorch"]) for one in about["comparisons"]] == [2, 1]
    assert (folder.path / "table.md").read_text().count("| a.net | netlang |") == 2


def test_a_full_disk_takes_the_table_and_not_the_status(
    folder: ComparisonFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.keep(Comparison(PROGRAM, (turn(10),)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "table.md")

    monkeypatch.setattr(module, "write_whole", full)
    with pytest.raises(OSError, match="No space left"):
        folder.close("failed")
    assert json.loads((folder.path / "comparison.json").read_text())["status"] == "failed"


def test_the_first_run_of_either_side_shows_what_it_decides(
    folder: ComparisonFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Decision] = []
    monkeypatch.setattr(module, "draw_decisions", lambda rows, _: drawn.extend(*rows))
    list(in_turns(Twin(PROGRAM, tmp_path / "twin.py"), "tensor", 2, folder.look))
    folder.pictures()["figure3.png"](tmp_path / "figure3.png")
    assert [decision.points.shape for decision in drawn] == [(40, 2), (40, 2)]
    titles = [decision.title.split(":")[0] for decision in drawn]
    assert titles == ["a.net\nnetlang, seed 10", "a.net\nPyTorch, seed 12"]
    assert drawn[0].corners == drawn[1].corners
