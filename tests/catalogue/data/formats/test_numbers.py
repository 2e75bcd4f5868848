"""Cells: one by one and many at a time, they are the same numbers, and so is what is proposed."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.catalogue.data.columns.notation import interpret
from netlang.catalogue.data.formats.numbers import parse_number, parse_numbers


@given(
    st.text("0123456789.,eE+- _'xnaif%\"\t\x1c\x1f\xa0\x85\u2003\u200b", max_size=12),
    st.integers(0, 1),
)
def test_cells_are_numbers_whether_they_are_read_together_or_one_by_one(
    cell: str, index: int
) -> None:
    cells = ["1", "2"]
    cells[index] = cell
    together = parse_numbers(cells)
    alone = parse_number(cell.strip())
    assert (together is None) == math.isnan(alone)
    assert together is None or together[index] == alone
    if together is None:
        for written in re.findall("`(.*?)`", interpret(cell).change):
            assert not math.isnan(parse_number(written))


@pytest.mark.parametrize(
    "bad", ["x", "1e39", "nan", "1_0", "٣", "1e-999", "", "0." + "0" * 330 + "1"]
)
def test_one_cell_that_is_no_number_is_found_among_many(bad: str) -> None:
    assert parse_numbers(["1", "0", "2e-3"] * 50) is not None
    assert parse_numbers([*["1", "0", "2e-3"] * 50, bad, "4"]) is None
