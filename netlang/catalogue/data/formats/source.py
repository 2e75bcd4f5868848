"""A source gives the cells of a file out, in whatever format they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data.formats.gathering import Gathering
from netlang.language.source import Span

if TYPE_CHECKING:
    from polars import Series

    # The number of the first of some rows, from 1 on, and their cells as they came, by column.
    Slice = tuple[int, Mapping[str, Series]]


class Malformed(Exception):
    """Raised for text that makes no cells: ``line`` says where the row starts."""

    def __init__(self, line: int, reason: str, help: str) -> None:
        super().__init__(reason)
        self.line, self.help = line, help


class Ragged(Exception):
    """Raised for a ``row``, counted from 0, that has more or fewer ``cells`` than the header."""

    def __init__(self, row: int, cells: list[str]) -> None:
        super().__init__(row)
        self.row, self.cells = row, cells


class Changed(Exception):
    """Raised for a file that is not what it was when it was read."""


class Damaged(Exception):
    """Raised for a file that is not in the format that its name says, for a ``reason`` that follows
    "cannot read it".
    """

    def __init__(self, reason: str, help: str) -> None:
        super().__init__(reason)
        self.reason, self.help = reason, help


class Unfit(Exception):
    """Raised for a ``column`` of a type that is neither number nor text."""

    def __init__(self, column: str, kind: str) -> None:
        self.column, self.problem = column, f"holds values of the type {kind}"
        super().__init__(f"the column `{column}` {self.problem}")


class Source(ABC):
    """The table in a ``file``: its ``header`` names the columns, and its rows are numbered from 0.

    To read it raises Malformed and Ragged if it is text, and Damaged and Unfit if it has types.
    """

    file: Path
    header: list[str]
    delimiter: str = ","
    named: frozenset[str] = frozenset()
    """Columns that hold names by their type, whatever a text looks like: 7, 007 and NA are names
    there, and only a cell that holds nothing is missing."""

    @abstractmethod
    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> Mapping[int, Gathering]:
        """All cells of some columns, by column; those ``as_text`` have no numbers.

        If one of the ``limited`` columns has very many texts, it takes those that are numbers for
        such; if it does so already, it cannot be of use, and the file need not be read to its end.
        """

    @abstractmethod
    def slices(self) -> Iterator[Slice]:
        """All rows, some at a time, so that a table may have any length. There is one slice at
        least, which may have no rows.
        """

    def first_rows(self) -> Sequence[Sequence[str]]:
        """Some rows as they are written, if they are; none in a table without rows."""
        return ()

    def row(self, number: int) -> Span | None:
        """The span of a row, without the line break that ends it; None where no line holds it."""
        return None

    def cell(self, number: int, column: int) -> Span | None:
        """The span of a cell, with its quotes; None where no line holds it."""
        return None
