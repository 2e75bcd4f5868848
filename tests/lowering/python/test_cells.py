"""An exported file takes the cells that netlang takes, and refuses the others by where they are."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netlang.lowering.python.cells import by_name, normal_scores, number, numbers
from tests.together import together


@together("cell", [None, "", "n/a", "-", float("nan"), pd.NA, pd.NaT, np.nan])
def test_a_missing_cell_is_filled(cell: Any) -> None:
    assert numbers(by_name({"a": [cell, 3]}, ["a"]), "a", fill=2.0).tolist() == [[2.0], [3.0]]


@together(
    ("cell", "why"),
    [
        ([1, 2], r"row 1, column `a` holds `\[1, 2\]`, which is no number"),
        (datetime.date(2020, 1, 1), "row 1, column `a` holds `2020-01-01`, which is no number"),
        (1j, "which is no number"),
        ("0x10", "which is no number"),
        ("1e39", "which is too large"),
        (10**400, "which is too large"),
        (float("inf"), "which is too large"),
    ],
)
def test_what_is_no_number_is_not_filled(cell: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        number(cell, "a", 1)


@together(
    ("samples", "why"),
    [
        ({"a": [1]}, "there is no column `b`"),
        ({"a": 1.5, "b": [1]}, r"column `a` takes a list with a cell for each row: `\[1.5\]`"),
        ({"a": [1], "b": "xyz"}, "column `b` takes a list"),
        ({"a": [1], "b": [1, 2]}, "the column `a` has 1 cells, and `b` 2"),
        (np.zeros((2, 3)), r"an array has 2 columns, and not the shape \(2, 3\)"),
        ([1, 2], r"an array has 2 columns, and not the shape \(2,\)"),
    ],
)
def test_what_is_no_table_is_told(samples: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        by_name(samples, ["a", "b"])


def test_rows_and_tables_without_rows_are_tables() -> None:
    assert by_name([[1, "x"], [2, None]], ["a", "b"]) == {"a": [1, 2], "b": ["x", ""]}
    assert by_name(np.zeros((0, 2)), ["a", "b"]) == {"a": [], "b": []}
    assert normal_scores(np.zeros((0, 1)), [0.0, 1.0]).shape == (0, 1)
