"""The different texts of a column, each kept once: the column's cells are their numbers.

What is decided by texts, such as the class of each or the number that it writes, is decided once
for each text, and then taken for each cell.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

MANY = 10_000  # texts: a column of more is no input


class Vocabulary:
    """Each text has a code: 0 for the first one that comes, then 1, and so on.

    ``texts`` are the texts by code; ``counts`` says how many cells hold each, and ``rows`` which
    row is the first that does, counted from 0.
    """

    __slots__ = ("_codes", "counts", "rows", "texts")

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self.texts, self.counts, self.rows = list[str](), list[int](), list[int]()

    def __len__(self) -> int:
        return len(self.counts)

    def by_count(self) -> Mapping[str, int]:
        return dict(zip(self.texts, self.counts, strict=True))

    def add(self, text: str, row: int, count: int = 1) -> int:
        """Count ``count`` more cells of a text, the first of them in ``row``; the text's code."""
        code = self._codes.setdefault(text, len(self._codes))
        if code == len(self.counts):
            self.texts.append(text)
            self.counts.append(0)
            self.rows.append(row)
        self.counts[code] += count
        return code

    def add_all(self, cells: Iterable[str], row: int) -> array[int]:
        """Count the cells from ``row`` on; their codes (int32)."""
        return array("i", [self.add(cell, at) for at, cell in enumerate(cells, row)])
