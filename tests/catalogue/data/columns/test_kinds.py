"""Which columns hold numbers, which categories, and what the categories are."""

from __future__ import annotations

from math import isnan

import pytest

from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats import datafile, large_text, series
from tests.catalogue.data.examples import Make, mistake


def column(csv: Make, cells: list[str], **arguments: object) -> Column:
    text = "a;b;y\n" + "".join(f"{row};{cell};{row}.5\n" for row, cell in enumerate(cells))
    found: Column = csv(text, delimiter=";", **arguments).table.columns[1]
    return found


@pytest.mark.parametrize(
    ("cells", "categories"),
    [
        (["wide", "narrow", "wide"], ("narrow", "wide")),
        (["true", "false", "true"], ("false", "true")),
        (["yes", "no", "no"], ("no", "yes")),
        (["Zebra", "apple", "Zebra"], ("Zebra", "apple")),
        (["5 mg", "10 mg", "5 mg"], ("10 mg", "5 mg")),
        (["none", "mild", "severe"], ("mild", "none", "severe")),
        (["A12", "7", "B3", "A12"], ("7", "A12", "B3")),
        (["2nd", " 1st ", "2nd"], ("1st", "2nd")),
        (["+", "-", "+"], ("+", "-")),
    ],
    ids=str,
)
def test_a_column_that_is_mostly_text_holds_categories(
    csv: Make, cells: list[str], categories: tuple[str, ...]
) -> None:
    found = column(csv, cells)
    assert (found.kind, found.categories, found.missing) == ("category", categories, 0)
    assert [categories[int(code)] for code in found.values] == [cell.strip() for cell in cells]
    assert memoryview(found.values).format == "i"


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (["1", "2", "x"], "x"),
        (["1", "x"], "x"),
        (["1,5", "2,5", "0,5"], "1,5"),
        ([f"{n} kg" for n in range(6)], "0 kg"),
        (["1e300", "1e301", "few"], "1e300"),
        (["inf", "inf", "2"], "inf"),
    ],
)
def test_a_column_that_is_mostly_numbers_in_whatever_notation_has_mistakes(
    csv: Make, cells: list[str], wrong: str
) -> None:
    text = "a;b;y\n" + "".join(f"{row};{cell};{row}.5\n" for row, cell in enumerate(cells))
    found = mistake(csv(text, delimiter=";"))
    assert found.code == "E0406"
    assert f"`{wrong}`" in found.title or found.title.endswith("no number that can be used")


@pytest.mark.parametrize(
    ("cells", "categories"),
    [
        (["10", "9", "10", "9.0"], ("9", "10")),
        (["02139", "10001", "02139", "10001"], ("02139", "10001")),
        (["0.5", "x", "0.50", "x"], ("0.5", "0.50", "x")),
    ],
)
def test_columns_that_are_said_to_be_categories_may_be_numbers(
    csv: Make, cells: list[str], categories: tuple[str, ...]
) -> None:
    found = column(csv, cells, categories=("b",))
    assert (found.kind, found.categories) == ("category", categories)


def test_missing_cells_are_nan_in_numbers_and_minus_one_in_categories(csv: Make) -> None:
    found = column(csv, ["1", "NA", "2", ""], missing="mean")
    assert (found.kind, found.missing) == ("number", 2)
    assert [isnan(value) for value in found.values] == [False, True, False, True]
    found = column(csv, ["x", "NA", "y", "?"], missing="mean")
    assert (found.kind, found.missing, found.categories) == ("category", 2, ("x", "y"))
    assert [*found.values] == [0, -1, 1, -1]


def test_a_text_after_many_numbers_is_found_wherever_the_table_is_cut(csv: Make) -> None:
    """A column of categories may begin with numbers that name some, row after row."""
    cells = [f"{row % 9:02}" for row in range(24_000)] + ["x", "y"] * 12_500
    found = column(csv, cells)
    assert found.categories == tuple(sorted({*cells}))
    assert [found.categories[int(code)] for code in found.values] == cells


def test_a_text_after_many_numbers_is_found_in_a_large_table_too(
    csv: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datafile, "_SMALL", 0)
    monkeypatch.setattr(large_text, "_BLOCK", 5000)
    monkeypatch.setattr(series, "_MANY", 8)  # fewer than the names
    cells = [f"{row % 9:02}" for row in range(3000)] + ["x", "y"] * 1550
    found = column(csv, cells)
    assert found.categories == tuple(sorted({*cells}))
    assert [found.categories[int(code)] for code in found.values] == cells
