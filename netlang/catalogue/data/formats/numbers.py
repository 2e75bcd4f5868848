"""Cells of a table are parsed as numbers here, one by one or many at a time."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Collection, Sequence

from netlang.catalogue.arguments import LARGEST

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CODE = re.compile(r"[0-9]{2,}")
_BLANKS = "\x1c\x1d\x1e\x1f"  # of ASCII: strip() takes them off, and float() refuses them
_LONG = 300  # characters: a longer cell may hold a number too small for a float


def is_number(cell: str) -> bool:
    """Whether a cell without blanks around it is a decimal number, of any size."""
    return NUMBER.fullmatch(cell) is not None


def are_codes(cells: Collection[str]) -> bool:
    """Whether ``cells`` are codes, not numbers: all of one length, some with leading zeros."""
    zeros = any(cell.startswith("0") for cell in cells)
    return zeros and len({*map(len, cells)}) == 1 and all(map(_CODE.fullmatch, cells))


def parse_number(cell: str) -> float:
    """The number in a cell; NaN if there is none, or one that is too large for a 32-bit float.

    A number that is not 0, but would be read as 0 because it is so small, gives NaN too.
    """
    value = float(cell) if is_number(cell) else math.nan
    return value if abs(value) <= LARGEST and not (value == 0 and _is_not_0(cell)) else math.nan


def parse_numbers(cells: Sequence[str]) -> array[float] | None:
    """The numbers in all cells, or None if ``parse_number`` finds none in one. This is faster."""
    text = ",".join(cells)
    if not text.isascii() or any(blank in text for blank in _BLANKS):
        cells = [cell.strip() for cell in cells]
        text = ",".join(cells)
    # float() also takes other digits than 0 to 9, 1_000, NaN and infinity.
    if not text.isascii() or any(sign in text for sign in "_nN"):
        return None
    try:
        values = array("d", map(float, cells))
    except ValueError:
        return None
    if not (min(values) >= -LARGEST and max(values) <= LARGEST):
        return None
    may_be_tiny = "e-" in text or "E-" in text or max(map(len, cells)) > _LONG
    if may_be_tiny and 0.0 in values:
        zeros = (cell for cell, value in zip(cells, values, strict=True) if value == 0)
        if any(map(_is_not_0, zeros)):
            return None
    return values


def _is_not_0(cell: str) -> bool:
    digits = cell.lower().partition("e")[0]
    return any(digit in digits for digit in "123456789")
