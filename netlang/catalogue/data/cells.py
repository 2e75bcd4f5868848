"""What a cell of a table says: a number, or none."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence

LARGEST = 3.4e38  # that a 32-bit float holds

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONG = 300  # digits that may stand for a number too small for a float, without an exponent


def is_number(cell: str) -> bool:
    """Whether it is written as a decimal number, of any size; blanks around it are cut before."""
    return _NUMBER.fullmatch(cell) is not None


def number(cell: str) -> float:
    """The number that it holds; NaN if it holds none, or one that a 32-bit float does not.

    One that is not 0 and smaller than any float is none: it would be read as 0.
    """
    value = float(cell) if is_number(cell) else math.nan
    return value if abs(value) <= LARGEST and not (value == 0 and _is_not_0(cell)) else math.nan


def numbers(cells: Sequence[str]) -> array[float] | None:
    """The numbers that all of them hold, or None if ``number`` finds none in one of them."""
    text = ",".join(cells)
    if not text.isascii():  # which blanks around a number may be, as a non-breaking space
        cells = [cell.strip() for cell in cells]
        text = ",".join(cells)
    # What float() takes beside decimal numbers: other digits than 0 to 9, 1_000, NaN, infinity.
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
