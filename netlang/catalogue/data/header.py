"""A file's first line that seems to hold a row of data, where the columns' names should be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from netlang.catalogue.data.cells import is_number

_SPECTRUM = 10  # numbers at least
_NAMED = 8  # columns of which a line to write names each


def is_row(header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the first line is like ``row``, a row of data: numbers where that has numbers.

    Names may be numbers, too, as years are, but a target's name seldom is: this tells only where
    something else is wrong with the names.

    >>> is_row(["5.1", "setosa"], ["4.9", "setosa"]), is_row(["x", "kind"], ["4.9", "setosa"])
    (True, False)
    """
    kinds = [is_number(name) for name in header]
    return any(kinds) and kinds == [is_number(cell.strip()) for cell in row]


def is_row_for_sure(header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether nobody would give such names: numbers with decimals, in no order.

    Those in order may be thresholds or wavelengths, which rise, or as many as a spectrum has, fall.
    """
    written = [name for name in header if is_number(name)]
    if len(written) < 3 or not any("." in name for name in written) or not is_row(header, row):
        return False
    numbers = [float(name) for name in written]
    rises = all(before < after for before, after in pairwise(numbers))
    falls = all(before > after for before, after in pairwise(numbers))
    return not rises and not (falls and len(numbers) >= _SPECTRUM)


def names(columns: int, target: str, delimiter: str) -> str:
    """A first line to write, of so many columns, the last of them ``target``."""
    inputs = [f"x{number}" for number in range(1, columns)]
    if columns > _NAMED:
        inputs = [*inputs[:2], "...", inputs[-1]]
    return delimiter.join([*inputs, target or "y"])
