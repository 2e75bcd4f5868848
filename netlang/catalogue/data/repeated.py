"""Rows of a table that are copies of others, where that is no chance."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

_LOOKED_AT = 100_000  # rows at most, as what is found is not worth a second of waiting
_SHARE = 0.1  # of the rows, that have to be copies
_FINE = 50  # different whole numbers, from which on a column is as good as continuous
_ROOM = 100  # combinations for each row, with which chance makes no copies
_ALONE = 10  # rows at least, which one column tells apart


def copies(inputs: array[float], width: int, targets: Sequence[float]) -> int:
    """How many rows are copies of an earlier one, 0 where that is natural.

    Rows of few different numbers repeat without being copies, so columns have to leave room: those
    with decimals, or with many different whole numbers.
    """
    rows = len(targets)
    if not 1 < rows <= _LOOKED_AT:
        return 0
    cells, size = memoryview(inputs).cast("B"), inputs.itemsize * width
    starts = range(0, rows * size, size)
    # A hash takes less room than a row; two rows of one hash are next to impossible.
    keys = (hash(cells[at : at + size].tobytes()) for at in starts)
    different = len({*zip(keys, targets, strict=True)})
    repeated = rows - different
    if repeated < max(2, _SHARE * rows):
        return 0
    columns = [{*inputs[index::width]} for index in range(width)]
    room = math.prod(len(values) for values in columns if _is_fine(values))
    told_apart = max((len(values) for values in columns if _is_fine(values)), default=0)
    alone = different >= _ALONE and told_apart >= 0.9 * different
    return repeated if alone or room >= _ROOM * rows else 0


def _is_fine(values: set[float]) -> bool:
    return len(values) > _FINE or not all(value.is_integer() for value in values)
