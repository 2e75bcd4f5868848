"""The benchmark of tables has all learn from the same rows, and compares them fold by fold."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from tests.benchmarks import tables
from tests.benchmarks.peers.table_models import LINEAR, answered
from tests.benchmarks.tables import (
    FOLDS,
    OWN,
    TASKS,
    Difference,
    Task,
    first_text,
    key_of,
    peers_task,
    program_of,
    settings_of,
    summary,
    table,
)

HOUSES = Task("houses", "price", is_number=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "".join(
        f"{n % 7},{'Ulm' if n % 3 else 'Bonn'},{n % 5 or ''},{n % 7 * 2.5 + n % 3 + n % 2 / 8}\n"
        for n in range(60)
    )
    (tmp_path / "houses.csv").write_text(f"rooms,city,age,price\n{rows}")
    return tmp_path


@pytest.mark.slow
def test_others_learn_from_the_rows_of_netlangs_folds(folder: Path) -> None:
    source = first_text(HOUSES, folder)
    tested = []
    for fold in range(1, FOLDS + 1):
        task = peers_task(program_of(source, fold, 0), LINEAR, 0)
        parts = [task[part] for part in ("train", "validation", "test")]
        assert sorted(row for part in parts for row in part) == [*range(60)]
        tested += parts[-1]
    assert sorted(tested) == [*range(60)]
    assert task["columns"][1]["cells"][:2] == ["Bonn", "Ulm"]
    assert task["columns"][2]["cells"][0] is None
    assert answered(task)["score"] > 0.9


@pytest.mark.slow
def test_scores_are_kept_and_netlangs_are_measured_again_for_another_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables, "own_score", lambda program: {"score": 0.5, "seconds": 1.0})
    for expected in (FOLDS, 0):
        tables.measure([HOUSES], folder, sys.executable, [OWN], 1)
        assert len(capsys.readouterr().out.splitlines()) == expected
    scores = json.loads((folder / "scores.json").read_text())
    scores[key_of(HOUSES, OWN, 0, 1)]["text"] = "another"
    (folder / "scores.json").write_text(json.dumps(scores))
    tables.measure([HOUSES], folder, sys.executable, [OWN], 1)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_difference_is_that_of_the_folds() -> None:
    found = Difference.of([0.9, 0.8, 0.7], [0.8, 0.7, 0.6])
    assert (round(found.mean, 9), round(found.error, 9), found.verdict) == (0.1, 0.0, "better")
    assert Difference.of([0.9, 0.6], [0.8, 0.7]).verdict == "as good"
    assert Difference.of([0.5, 0.6], [0.8, 0.8]).verdict == "worse"


def test_a_line_of_the_table_says_where_netlang_is_better_or_worse(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text("a,target\n1,2\n")
    scores = {
        key_of(TASKS[0], contestant, 0, fold): {"score": score + fold / 100, "seconds": 1.0}
        for contestant, score in ((OWN, 0.8), (tables.MLP, 0.7), (LINEAR, 0.9))
        for fold in range(1, FOLDS + 1)
    }
    *_, line = table(scores, TASKS, tmp_path, 1)
    assert line.startswith("| iris | 1 | accuracy | 0.8300 ± 0.0071 | 0.7300 ± 0.0071 (+) | 0.9300")
    assert "(-)" in line


def test_netlang_may_have_other_settings_than_its_own(folder: Path) -> None:
    assert [settings_of(one) for one in (OWN, "netlang members=2", LINEAR)] == [
        [],
        ["members=2"],
        None,
    ]
    program = program_of(first_text(HOUSES, folder), 1, 0, ["average=EMA(0.5)"])
    assert str(program.average) == "EMA(decay=0.5)"


def test_the_summary_is_the_mean_over_tables_of_one_kind_of_score() -> None:
    tasks = [Task("a", "y"), Task("b", "y"), Task("c", "y", is_number=True)]
    scores = {
        key_of(task, contestant, 0, fold): {"score": score, "seconds": 1.0}
        for task, better in zip(tasks, (0.1, 0.3, 0.5), strict=True)
        for contestant, score in ((OWN, 0.5 + better), (LINEAR, 0.5))
        for fold in range(1, FOLDS + 1)
    }
    (line,) = summary(scores, tasks, 1, [LINEAR])
    assert line == "+0.2000 ± 0.1000 accuracy over linear model, 2 tables"


def test_a_table_that_is_another_one_than_was_measured_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,y\n1,2\n")
    known = Task("a", "y", hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest())
    assert tables.ready([known], tmp_path) == [known]
    with pytest.raises(SystemExit, match="another table"):
        tables.ready([Task("a", "y", "0")], tmp_path)
