"""Inputs that number the rows, or give the target away: told, and not where that is natural."""

from __future__ import annotations

import random

import pytest

from netlang.catalogue.data import CSV, Table
from tests.catalogue.data.examples import Make
from tests.paths import MODELS


def codes(data: CSV) -> list[str]:
    data.describe()
    return [found.code for found in data.warnings()]


def numbered(name: str, rows: int, first: int = 1) -> str:
    """Rows whose column ``name`` counts up, beside a number and a class that do not."""
    draw = random.Random(0)
    lines = (f"{first + row},{draw.random():.3f},{draw.choice('pq')}\n" for row in range(rows))
    return f"{name},length,y\n" + "".join(lines)


@pytest.mark.parametrize("name", ["id", "PassengerId", "customer_id", "index", "Unnamed: 0", "row"])
@pytest.mark.parametrize("first", [0, 1])
def test_an_input_that_numbers_the_rows_is_told_by_its_name(
    csv: Make, name: str, first: int
) -> None:
    data = csv(numbered(name, 20, first))
    assert codes(data) == ["W0622"]
    (found,) = data.warnings()
    assert found.helps == (f'leave it out: `ignore=["{name}"]`',)
    assert codes(csv(numbered(name, 20, first), ignore=(name,))) == []
    assert codes(csv(numbered(name, 19, first))) == []  # of few rows, it may be chance


@pytest.mark.parametrize(("name", "told"), [("a", True), ("day", False), ("timeStep", False)])
def test_any_column_that_counts_up_with_rows_of_classes_numbers_them_but_for_times(
    csv: Make, name: str, told: bool
) -> None:
    assert codes(csv(numbered(name, 100))) == ["W0622"] * told
    assert codes(csv(numbered(name, 99))) == []


def test_identifiers_need_not_count_up_but_are_all_different(csv: Make) -> None:
    numbers = random.Random(1).sample(range(10_000, 90_000), 30)
    rows = [(number, index % 7 + 0.5, "pqr"[index * index % 3]) for index, number in
            enumerate(numbers)]  # fmt: skip
    text = "{},b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows)
    assert codes(csv(text.format("user_id"))) == ["W0622"]
    assert codes(csv(text.format("rownames"))) == ["W0622"]
    assert codes(csv(text.format("income"))) == []
    twice = text.replace(str(numbers[0]), str(numbers[1]))
    assert codes(csv(twice.format("user_id"))) == []  # several rows of one user


def test_a_lone_input_may_count_up_and_so_may_the_rows_of_an_order(csv: Make) -> None:
    lone = "index,y\n" + "".join(f"{row},{row * row % 7 + 0.5}\n" for row in range(40))
    assert codes(csv(lone)) == []
    assert codes(csv(numbered("row", 40))) == ["W0622"]
    dated = numbered("row", 40).replace("row,length", "row,day")
    assert codes(csv(dated, order="day")) == []


def test_an_input_that_names_the_classes_otherwise_is_told(csv: Make) -> None:
    draw = random.Random(2)
    rows = [(draw.choice("pqr"), draw.random()) for _ in range(30)]
    code, city = {"p": 7, "q": 3, "r": 4}, {"p": "Rome", "q": "Oslo", "r": "Bern"}
    for names in (code, city):
        text = "code,b,y\n" + "".join(f"{names[y]},{b:.3f},{y}\n" for y, b in rows)
        data = csv(text)
        assert codes(data) == ["W0623"]
        (found,) = data.warnings()
        assert found.title == "the input `code` says the target `y` in all rows"
        assert found.helps == ('if new samples lack it, leave it out: `ignore=["code"]`',)
        other = names["q" if rows[-1][0] == "p" else "p"]
        wrong = f"code,b,y\n{other},0.5,{rows[-1][0]}\n" + text.partition("\n")[2]
        assert codes(csv(wrong)) == []  # one row is enough
        joined = text.replace(str(names["p"]), str(names["q"]))
        assert codes(csv(joined)) == []


def test_an_input_on_a_line_with_the_numbers_to_predict_is_told(csv: Make) -> None:
    draw = random.Random(3)
    rows = [(round(draw.uniform(-50, 50), 1), draw.random()) for _ in range(30)]
    text = "celsius,b,y\n" + "".join(f"{c},{b:.3f},{1.8 * c + 32:.10g}\n" for c, b in rows)
    assert codes(csv(text)) == ["W0623"]
    assert codes(csv(text + "1,0.5,34\n")) == []
    alone = "celsius,y\n" + "".join(f"{c},{1.8 * c + 32:.10g}\n" for c, _ in rows)
    assert codes(csv(alone)) == []  # what there is to learn


def test_each_of_several_targets_may_be_given_away(csv: Make) -> None:
    draw = random.Random(4)
    lines = (f"{draw.random()},{(z := draw.random())},{draw.random()},{z * 2}\n" for _ in range(25))
    data = csv("a,b,y,z\n" + "".join(lines), target=("y", "z"))
    assert codes(data) == ["W0623"]
    assert data.warnings()[0].title == "the input `b` says the target `z` in all rows"


def test_rows_that_are_left_out_number_nothing_and_say_no_target(csv: Make) -> None:
    draw = random.Random(5)
    lines = (f"{'' if row == 3 else row},{draw.random()},{'' if row == 5 else draw.random()}\n"
             for row in range(30))  # fmt: skip
    text = "id,b,y\n" + "".join(lines)
    assert codes(csv(text, missing="mean")) == []
    assert codes(csv(text, missing="drop")) == ["W0622"]
    told = csv(text.replace("0.", "1.").replace(",\n", ",NA\n"), missing="drop", target="b")
    assert "W0623" not in codes(told)


def test_nothing_is_told_of_flowers() -> None:
    assert codes(Table(str(MODELS / "iris.csv"), target="species")) == []
