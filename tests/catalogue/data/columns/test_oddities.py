"""What a table holds that is of no use, or makes its test say nothing: told, and never in vain."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import pytest

from netlang.catalogue.data import CSV
from netlang.catalogue.data.columns.oddities import copies
from netlang.catalogue.data.columns.table import Column
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.catalogue.data.examples import Make
from tests.paths import MODELS


def repeated_in(data: CSV) -> int:
    table = data.table
    return copies(table.columns, table.target.values or table.target.labels)


def codes(data: CSV) -> list[str]:
    data.describe()
    return [found.code for found in data.warnings()]


# Columns of one number


@pytest.mark.parametrize("cell", ["7", "0", "-2.5", "1e3"])
def test_inputs_that_are_the_same_in_all_rows_are_told_with_how_to_leave_them_out(
    csv: Make, cell: str
) -> None:
    text = "a,b,c,id,y\n" + "".join(f"{cell},{row},{cell},n,{'pq'[row % 2]}\n" for row in range(9))
    data = csv(text, ignore=("id",))
    assert codes(data) == ["W0614"]
    (found,) = data.warnings()
    assert found.notes == ("they are `a` and `c`",)
    assert found.helps == ('leave them out, `ignore=["id", "a", "c"]`, or mend the file',)
    assert codes(csv(text, ignore=("id", "a", "c"))) == []


def test_a_column_that_differs_in_one_row_is_an_input(csv: Make) -> None:
    for row in (0, 4, 8):
        cells = ["1"] * 9
        cells[row] = "2"
        text = "a,b,y\n" + "".join(f"{cell},{i},{'pq'[i % 2]}\n" for i, cell in enumerate(cells))
        assert codes(csv(text)) == []


def test_ones_beside_inputs_that_are_not_standardised_are_a_bias(csv: Make) -> None:
    text = "one,a,y\n" + "".join(f"1,{row},{'pq'[row % 2]}\n" for row in range(9))
    assert codes(csv(text, standardize=False)) == []


@pytest.mark.parametrize(("cell", "told"), [("0", False), ("3", True)])
def test_a_pictures_black_border_is_not_told(csv: Make, cell: str, told: bool) -> None:
    header = ",".join(f"pixel{index}" for index in range(64))
    rows = [
        ",".join([cell, *(str(index * row % 17) for index in range(1, 64))]) for row in range(9)
    ]
    text = f"{header},y\n" + "".join(f"{row},{'pq'[i % 2]}\n" for i, row in enumerate(rows))
    assert codes(csv(text)) == ["W0614"] * told


@pytest.mark.parametrize(("cell", "task"), [("0.5", "auto"), ("7", "regression")])
def test_a_number_to_predict_that_is_always_the_same_is_told(
    csv: Make, cell: str, task: str
) -> None:
    data = csv("a,y\n" + "".join(f"{row},{cell}\n" for row in range(9)), task=task)
    assert codes(data) == ["W0614"]
    assert data.warnings()[0].label == "leaves nothing to predict"


# Copies


def table_of(rows: list[str]) -> str:
    width = rows[0].count(",")
    return ",".join([*(f"x{column}" for column in range(width)), "y"]) + "\n" + "\n".join(rows)


def measured(rows: int, columns: int = 3) -> list[str]:
    """Rows of numbers with decimals."""
    source = random.Random(0)
    return [
        ",".join([*(f"{source.gauss(5, 1)!r}" for _ in range(columns)), source.choice("pqr")])
        for _ in range(rows)
    ]


@pytest.mark.parametrize(("copied", "told"), [(0, 0), (1, 0), (5, 0), (15, 15), (100, 100)])
def test_copies_of_measured_rows_are_told_if_they_are_more_than_a_few(
    csv: Make, copied: int, told: int
) -> None:
    rows = measured(100)
    data = csv(table_of([*rows, *rows[:copied]]))
    assert codes(data) == ["W0616"] * bool(told)
    assert repeated_in(data) == told


NATURAL = {
    "signs": [f"{row % 2},{row // 2 % 2},{'pq'[row % 2]}" for row in range(200)],
    "classes and ages": [f"{row % 3},{row * 7 % 40},{'pq'[row % 2]}" for row in range(800)],
    "categories": [f"{'ab'[row % 2]},{row % 3},{'pq'[row % 5 // 3]}" for row in range(90)],
    "votes": [",".join([*"101010110101", "pq"[row % 2]]) for row in range(100)],
    "doses": [f"{row % 4 / 2},{'pq'[row % 4 // 2]}" for row in range(80)],
    "prices of a few goods": [
        f"{row % 5 + 0.99},{row % 3},{'pq'[row % 5 % 2]}" for row in range(90)
    ],
    "one column to one decimal": [f"{row % 60 / 10},{'pq'[row % 7 % 2]}" for row in range(400)],
}


@pytest.mark.parametrize("rows", NATURAL.values(), ids=NATURAL)
def test_rows_of_few_different_numbers_repeat_by_nature(csv: Make, rows: list[str]) -> None:
    data = csv(table_of(rows))
    data.describe()
    assert repeated_in(data) == 0


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("columns", [1, 4])
def test_a_small_table_copied_as_a_whole_is_told(csv: Make, times: int, columns: int) -> None:
    rows = [f"{','.join([str(row * 1.37)] * columns)},{'pq'[row % 2]}" for row in range(12)]
    data = csv(table_of(rows * times))
    assert codes(data) == ["W0616"]
    assert repeated_in(data) == 12 * (times - 1)


def test_rows_of_the_same_inputs_and_other_targets_are_no_copies(csv: Make) -> None:
    rows = [f"{row * 1.37},{(row + 9 * time) * 0.7}" for time in range(2) for row in range(12)]
    assert codes(csv(table_of(rows))) == []


def test_the_shipped_iris_is_not_told_of() -> None:
    data = CSV(str(MODELS / "iris.csv"), target="species")
    assert codes(data) == []


def test_more_rows_than_are_looked_at_are_not_waited_for() -> None:
    halves = Column("a", "number", array("d", [0.5]) * 200_000)
    assert copies([halves], [0.0] * 200_000) == 0


# Metrics of too few samples


@pytest.mark.parametrize(
    ("arguments", "metrics", "told"),
    [
        ("test=0.1", "", ["test on"]),
        ("test=0.1", "metrics = [mae, r2]\n", ["test on"]),
        ("test=0.1", "metrics = [mae]\n", []),
        ("test=0.2", "", []),
        ("test=0.2, validation=0.1", "", ["validate on"]),
        ("test=0.1, validation=0.1", "", ["test on", "validate on"]),
    ],
)
def test_r2_of_one_sample_is_told(
    tmp_path: Path, arguments: str, metrics: str, told: list[str]
) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{i * i}.5\n" for i in range(10)))
    text = f'net = Linear(1, 1)\ndata = CSV("t.csv", target="y", {arguments})\n{metrics}'
    found = compile_source(SourceFile("m.net", text, tmp_path / "m.net")).diagnostics
    assert [one.code for one in found] == ["W0615"] * len(told)
    assert sorted(one.label for one in found) == [f"1 to {purpose}" for purpose in told]


# Numbers to predict


@pytest.mark.parametrize(("factor", "told"), [(1, False), (30, False), (1e4, True), (-1e5, True)])
def test_large_numbers_to_predict_are_told_before_training(
    csv: Make, factor: float, told: bool
) -> None:
    text = "a,y\n" + "".join(f"{row},{factor * (1 + row / 7)!r}\n" for row in range(10))
    assert codes(csv(text, task="regression", standardize=False)) == ["W0617"] * told
    assert not codes(csv(text, task="regression"))


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("net = Linear(1, 1)\nloss = MSE\n", True),
        ("net = Linear(1, _)\nloss = MSE\n", True),
        ("net = Linear(1, 2) -> Softmax\nloss = MSE\n", False),
        ("net = Linear(1, 2)\nloss = SoftmaxCrossEntropy\n", False),
        ("net = Linear(1, 1)\nloss = MSE\nmetrics = [accuracy]\n", False),
        ("net = Linear(1, 1)\nloss = MSE\nexpect test.accuracy > 0.5\n", False),
    ],
)
def test_classes_of_whole_numbers_are_told_where_nothing_else_says_that_they_are(
    tmp_path: Path, rest: str, told: bool
) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(10)))
    text = f'data = CSV("t.csv", target="y")\n{rest}'
    found = compile_source(SourceFile("m.net", text, tmp_path / "m.net")).diagnostics
    assert [one.code for one in found] == ["W0609"] * told


# Columns that are left out for nothing


@pytest.mark.parametrize(
    ("ignore", "title", "help"),
    [
        (("id", "y"), "`ignore` names the target `y`", 'write `ignore=["id"]`'),
        (("y",), "`ignore` names the target `y`", "remove the argument `ignore`"),
        (("id", "id", "a"), "`ignore` names `id` twice", 'write `ignore=["id", "a"]`'),
    ],
)
def test_a_column_that_need_not_be_ignored_is_told_with_what_to_write(
    csv: Make, ignore: tuple[str, ...], title: str, help: str
) -> None:
    text = "id,a,b,y\n" + "".join(f"{row},{row},{row},{'pq'[row % 2]}\n" for row in range(9))
    data = csv(text, ignore=ignore)
    assert codes(data) == ["W0618"]
    (found,) = data.warnings()
    assert found.title == title
    assert found.helps[0] == help
    assert codes(csv(text, ignore=("id", "a"))) == []


def test_rows_of_few_numbers_are_no_copies_where_cells_are_missing(csv: Make) -> None:
    rows = "".join(f"{i % 5},{'' if i % 2 else i % 4},{'pq'[i % 3 == 0]}\n" for i in range(200))
    assert "W0616" not in [one.code for one in csv("a,b,y\n" + rows, missing="mean").warnings()]
    fine = "".join(f"{i}.37,{'' if i % 2 else i % 4},{'pq'[i % 3 == 0]}\n" for i in range(50)) * 4
    assert "W0616" in [one.code for one in csv("a,b,y\n" + fine, missing="mean").warnings()]


def test_each_of_several_targets_is_looked_at(csv: Make) -> None:
    rows = "".join(f"{i},{i * i % 13}.5,{1000 * (i % 7)}.5,2\n" for i in range(40))
    data = csv("a,x,y,z\n" + rows, target=("x", "y", "z"), standardize=False)
    assert [one.code for one in data.warnings()] == ["W0614", "W0617"]
    titles = [one.title for one in data.warnings()]
    assert titles[0] == "`z` is the same in all rows"
