"""Tables mark missing numbers and missing classes by the signs and words listed here."""

from __future__ import annotations

from collections.abc import Collection

# These mark nothing else, in capitals or not: pandas takes them for missing, or the UCI repository,
# SAS or the World Bank writes them.
MARKS = frozenset(
    {"", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "?", "??"}
    | {"???", ".", "..", "...", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#null!"}
)
# A dash is such a mark, unless a plus is another class.
DASHES = frozenset({"-", "--", "---", "\u2212", "\u2013", "\u2014"})
# These words may name a class, too: none, mild, severe. As a class, only these spellings are marks.
_WORDS = frozenset({"na", "none", "nil", "missing"})
MARKING_WORDS = frozenset({"na", "NA", "None"})

NO_NUMBER = MARKS | DASHES | _WORDS
"""All that may mark a missing cell, without capitals."""


def marks_no_number(cell: str) -> bool:
    """Whether a cell that should hold a number says that there is none.

    >>> marks_no_number("n/a"), marks_no_number("none"), marks_no_number("5 cm")
    (True, True, False)
    """
    return cell.casefold() in NO_NUMBER


def marks_of_missing(cells: Collection[str]) -> set[str]:
    """The marks of a missing class among the ``cells`` of a column.

    >>> sorted(marks_of_missing({"NULL", "?", "none", "-", "setosa"}))
    ['-', '?', 'NULL']
    """
    dashes = frozenset[str]() if any(set(cell) == {"+"} for cell in cells) else DASHES
    marks = MARKS | dashes
    return {cell for cell in cells if cell in MARKING_WORDS or cell.casefold() in marks}
