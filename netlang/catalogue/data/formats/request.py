"""What is asked of a file: where it is, what stands between its cells, and what it has to hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netlang.catalogue.data.formats.endings import separator
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable, EmptyData
from netlang.language.source import Span
from netlang.system.record import Record


class FileRequest(Record):
    """A file at ``path``, as a user has named it.

    Messages point to ``span``, where a file names the data set, or to where ``at`` finds the
    argument of a name. There is no span for a data set that Python makes, or that is a command's.
    """

    path: str
    delimiter: str
    span: Span | None
    at: Callable[[str], Span | None]

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return separator(self.path, self.delimiter)

    @property
    def folder(self) -> Path:
        """The folder that ``path`` is relative to."""
        return self.span.source.folder if self.span else Path()


class TableRequest(FileRequest):
    """The arguments of ``Table`` that a table is read by; ``others`` are columns that are read and
    are no inputs, each with the argument that names it.
    """

    target: str
    ignore: tuple[str, ...]
    task: str
    categories: tuple[str, ...] = ()
    missing: str = "refuse"
    others: tuple[tuple[str, str], ...] = ()


def new_table(path: str, delimiter: str) -> FileRequest:
    """What a command asks of a table that its user names: no file's text says so."""
    return FileRequest(path, delimiter, None, lambda _: None)


def unreadable(request: FileRequest, reason: str, help: str) -> DiagnosticError:
    return DiagnosticError(DataFileUnreadable(request.at("path"), request.path, reason, help))


def lacking(request: FileRequest, what: str, help: str) -> DiagnosticError:
    problem = f"`{request.path}` has no {what}"
    return DiagnosticError(EmptyData(request.at("path"), problem, "", help))
