"""What is asked of a table: its file, the columns that matter, and how its cells are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netlang.catalogue.data.formats.endings import separator
from netlang.language.source import Span
from netlang.system.record import Record


class TableRequest(Record):
    """The arguments of ``Table`` that a table is read by; ``others`` are columns that are read and
    are no inputs, each with the argument that names it.

    Messages point to ``span``, where a file names the data set, or to where ``at`` finds the
    argument of a name. There is no span for a data set that Python makes.
    """

    path: str
    target: str
    ignore: tuple[str, ...]
    task: str
    delimiter: str
    span: Span | None
    at: Callable[[str], Span | None]
    categories: tuple[str, ...] = ()
    missing: str = "refuse"
    others: tuple[tuple[str, str], ...] = ()

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return separator(self.path, self.delimiter)

    @property
    def folder(self) -> Path:
        """The folder that ``path`` is relative to."""
        return self.span.source.folder if self.span else Path()
