"""Text in columns. It is our own, as a library's table takes a millisecond for each row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from netlang.system.terminal import width

_BETWEEN = "  "


def aligned(rows: Iterable[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """A line for each row of cells. A column is as wide as its widest cell; the columns whose
    numbers are in ``right`` are flush right.

    >>> aligned([("Linear", "6"), ("ReLU", "12")], right=[1])
    ['Linear   6', 'ReLU    12']
    """
    padded = []
    for number, cells in enumerate(zip(*rows, strict=True)):
        spaces = [" " * (max(map(width, cells)) - width(cell)) for cell in cells]
        both = zip(cells, spaces, strict=True)
        padded.append([space + cell if number in right else cell + space for cell, space in both])
    return [_BETWEEN.join(row).rstrip() for row in zip(*padded, strict=True)]
