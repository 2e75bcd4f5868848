"""What a cell of a table says: a number, or none."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LARGEST = 3.4e38  # that a float32 holds


def is_number(cell: str) -> bool:
    """Whether it is written as a decimal number, of any size; blanks around it are cut before."""
    return _NUMBER.fullmatch(cell) is not None


def number(cell: str) -> float:
    """The number that it holds; NaN if it holds none, or one that a 32-bit float does not."""
    value = float(cell) if is_number(cell) else math.nan
    return value if abs(value) <= _LARGEST else math.nan
