"""Columns that cannot be inputs as they are: they lack cells, or hold too many texts."""

from __future__ import annotations

import pytest

from netlang.language.diagnostics.rendering.text import render
from tests.catalogue.data.examples import Make, mistake, shown


def test_missing_cells_are_counted_by_column_with_the_first_place_of_each(csv: Make) -> None:
    text = "a,b,c,y\n1,2,u,p\n3,?,v,q\n4,NA,,p\n5,6,u,q\n"
    found = mistake(csv(text))
    assert (found.code, found.title) == ("E0417", "2 columns lack some cells")
    assert shown(found) == ("t.csv", 3, 3, "?")
    assert found.notes == (
        "`b` lacks 2 of 4 cells, the first in row 2, `?`",
        "`c` lacks 1 of 4 cells, the first in row 3",
    )
    assert '`ignore=["b", "c"]`' in found.helps[-1]
    assert 'missing="mean"' in found.helps[0]
    for way in ("mean", "median", "indicator"):
        assert csv(text, missing=way, test=0.5).describe().train == 2


def test_a_column_without_a_cell_is_refused_whatever_is_done_about_missing_ones(csv: Make) -> None:
    found = mistake(csv("a,b,y\n1,,p\n2,NA,q\n", missing="mean"))
    assert (found.code, found.title) == ("E0417", "column `b` lacks all of 2 cells")
    assert found.helps == ('leave the column out: `ignore=["b"]`',)


def names(count: int, rows: int) -> str:
    lines = [f"{row},n{row % count},{row}.5\n" for row in range(rows)]
    return "a,b,y\n" + "".join(lines)


@pytest.mark.parametrize(
    ("count", "rows", "refused"),
    [(20, 20, False), (21, 21, True), (21, 42, False), (1000, 3000, False), (1001, 3000, True)],
)
def test_a_column_of_too_many_texts_is_no_category_unless_it_is_said_to_be(
    csv: Make, count: int, rows: int, refused: bool
) -> None:
    text = names(count, rows)
    if refused:
        found = mistake(csv(text))
        told = f"column `b` holds {count:,} different texts in {rows:,} rows"
        assert (found.code, found.title) == ("E0418", told)
        assert '`ignore=["b"]`' in found.helps[0]
        assert '`categories=["b"]`' in found.helps[1]
    stated = csv(text, categories=("b",)).describe()
    assert stated.input.sizes == (1 + count,)


def test_dates_are_told_how_to_become_numbers(csv: Make) -> None:
    days = [f"2024-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 29)]
    text = "a,day,y\n" + "".join(f"{row},{day},{row}.5\n" for row, day in enumerate(days))
    found = mistake(csv(text))
    assert found.code == "E0418"
    assert "a date is no input" in found.helps[1]


def test_several_columns_of_too_many_texts_are_one_message(csv: Make) -> None:
    rows = "".join(f"{row},n{row},m{row},{row}.5\n" for row in range(30))
    text = render(mistake(csv("a,b,c,y\n" + rows)))
    assert "2 columns hold too many texts to be categories" in text
    assert "column `c` holds 30 different texts in 30 rows, such as `m0`" in text
