"""The cells of a table of text are read row by row, by csv of the standard library.

Few files need more, and none of them then waits for a library.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter

from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.numbers import parse_numbers
from netlang.catalogue.data.formats.rows import Rows


def gather(
    rows: Rows, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
) -> dict[int, Gathering]:
    """The cells of some columns, by column; those ``as_text`` have no numbers. No column has so
    many texts that a small table had to be ``limited``.

    Raises Malformed, Ragged.
    """
    gathered = {column: Gathering(column in as_text) for column in columns}
    add_rows(rows.chunks(), gathered)
    return gathered


def add_rows(chunks: Iterable[Sequence[Sequence[str]]], gathered: Mapping[int, Gathering]) -> None:
    """Add the cells of more rows."""
    # Columns of numbers alone, as far as these rows show
    clean = [column for column, cells in gathered.items() if not cells.as_text]
    for chunk in chunks:
        for column in gathered.keys() - {*clean}:
            gathered[column].add([row[column] for row in chunk])
        clean = _add_numbers(chunk, clean, gathered)


def _add_numbers(
    rows: Sequence[Sequence[str]], columns: Sequence[int], gathered: Mapping[int, Gathering]
) -> list[int]:
    """Add rows of cells that are expected to be numbers; the columns where all of them are."""
    if not columns:
        return []
    picked = map(itemgetter(*columns), rows)
    flat = list(picked if len(columns) == 1 else chain.from_iterable(picked))
    found = parse_numbers(flat)
    clean = list[int]()
    for index, column in enumerate(columns):
        place = slice(index, None, len(columns))
        numbers = found[place] if found else parse_numbers(flat[place])
        if numbers is None:
            gathered[column].add(flat[place])
        else:
            gathered[column].add_numbers(numbers)
            clean.append(column)
    return clean
