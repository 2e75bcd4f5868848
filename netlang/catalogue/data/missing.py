"""How tables mark a value that is missing: the one table of such marks, for numbers and classes."""

from __future__ import annotations

from collections.abc import Collection

# What marks nothing else, however its letters are written: what pandas takes for missing, and the
# signs of the UCI repository, SAS and the World Bank.
_MARKS = frozenset(
    {"", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "nan", "-nan", "nat", "null", "?", "??"}
    | {"???", ".", "..", "...", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#null!"}
)
# So does a dash, unless there is a plus beside it.
_DASHES = frozenset({"-", "--", "---", "\u2212", "\u2013", "\u2014"})
# Words that name a class as well: none, beside mild and severe. Those that mark are written so.
_WORDS = frozenset({"na", "none", "nil", "missing"})
_MARKING = frozenset({"na", "NA", "None"})


def marks_no_number(cell: str) -> bool:
    """Whether it says, where a number should stand, that there is none.

    >>> marks_no_number("n/a"), marks_no_number("none"), marks_no_number("5 cm")
    (True, True, False)
    """
    word = cell.casefold()
    return word in _MARKS or word in _DASHES or word in _WORDS


def missing(cells: Collection[str]) -> set[str]:
    """Those of ``cells``, which are all there are, that mark a missing class.

    >>> sorted(missing({"NULL", "?", "none", "-", "setosa"}))
    ['-', '?', 'NULL']
    """
    dashes = frozenset[str]() if any(set(cell) == {"+"} for cell in cells) else _DASHES
    marks = _MARKS | dashes
    return {cell for cell in cells if cell in _MARKING or cell.casefold() in marks}
