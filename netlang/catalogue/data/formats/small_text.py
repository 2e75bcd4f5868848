"""The cells of a table of text are read row by row, by csv of the standard library.

Few files need more, and none of them then waits for a library.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data.formats.gathering import Gathering, add_rows
from netlang.catalogue.data.formats.rows import Rows

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.source import Slice


class SmallText(Rows):
    """A table of text that is small enough to be in memory."""

    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> dict[int, Gathering]:
        """No column has so many texts that a small table had to be ``limited``."""
        gathered = {column: Gathering(column in as_text) for column in columns}
        add_rows(self.chunks(), gathered)
        return gathered

    def slices(self) -> Iterator[Slice]:
        # Importing polars takes time, and whoever trains on a small table needs none.
        from netlang.catalogue.data.formats.large_text import LargeText

        return LargeText(self.file, self.open, self.delimiter).slices()
