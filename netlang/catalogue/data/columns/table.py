"""A table is what a data file holds, once every cell of it is known to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netlang.catalogue.data.columns.target import Target
from netlang.system.record import Record

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.gathering import Buffer


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The cells of a column in ``values``, an array, or a view of one that numpy or polars made.

    A column of the ``kind`` "number" has float64, and NaN where a cell is missing; one of the kind
    "category" has int32, each the index of a cell's name in ``categories``, and -1 where it is
    missing. One of the kind "text" has the same, of whole texts. ``missing`` is how many cells are.
    Where a table is streamed, ``values`` are those of the first rows, and ``counted`` is how many
    there are of all.
    """

    name: str
    kind: str
    values: Buffer
    categories: tuple[str, ...] = ()
    missing: int = 0
    counted: int = 0

    @property
    def rows(self) -> int:
        """How many cells the column has."""
        return self.counted or len(self.values)


class ReadTable(Record):
    """``columns`` are the inputs, in the order of the file. ``line`` is one to write above the
    file's first line, if that is a row of data; "" if not. ``others`` are the columns that were
    asked for beside inputs and target.

    Of the file's rows, ``dropped`` are left out, ``without_target`` of them because they have none;
    ``kept`` has then the number of each that is here, from 0.
    """

    rows: int
    columns: tuple[Column, ...]
    target: Target
    line: str
    others: tuple[Column, ...] = ()
    kept: Buffer | None = None
    dropped: int = 0
    without_target: int = 0

    @property
    def size(self) -> int:
        """The bytes that its cells take."""
        values = (one.values for one in (*self.columns, *self.others))
        return sum(
            memoryview(one).nbytes for one in (*values, self.target.labels, self.target.values)
        )

    def in_file(self, row: int) -> int:
        """The number, from 1, that a row of the table, from 0, has in the file."""
        return 1 + (row if self.kept is None else int(self.kept[row]))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


class SurveyedTable(ReadTable):
    """A table of which ``columns`` and ``target`` have the first rows alone. Of each block of the
    file, ``in_blocks`` has how many rows are kept; ``of_classes`` says how many have each class.
    A row makes so many ``inputs`` at most, which say how large blocks are.
    """

    inputs: int = 0
    in_blocks: tuple[int, ...] = ()
    of_classes: tuple[int, ...] = ()
