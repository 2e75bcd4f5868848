"""What is asked of a file: where it is, what stands between its cells, and what it has to hold."""

from __future__ import annotations

from netlang.catalogue.data.formats.endings import separator
from netlang.catalogue.data.named_file import NamedFile
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import EmptyData


class FileRequest(NamedFile):
    """A file of a table, with ``delimiter`` between its cells if it is text."""

    delimiter: str

    @property
    def separator(self) -> str:
        """What stands between cells."""
        return separator(self.path, self.delimiter)


class TableRequest(FileRequest):
    """The arguments of ``Table`` that a table is read by; ``others`` are columns that are read and
    are no inputs, each with the argument that names it. Those of ``text`` are inputs, and
    so are ``codes``, which are categories. Where it is ``streamed``, cells are counted, not kept.
    """

    target: str
    ignore: tuple[str, ...]
    task: str
    categories: tuple[str, ...] = ()
    missing: str = "refuse"
    others: tuple[tuple[str, str], ...] = ()
    text: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    streamed: bool = False


def new_table(path: str, delimiter: str) -> FileRequest:
    """What a command asks of a table that its user names: no file's text says so."""
    return FileRequest(path, None, lambda _: None, delimiter)


def lacking(request: FileRequest, what: str, help: str) -> NetError:
    problem = f"`{request.path}` has no {what}"
    return NetError(EmptyData(request.at("path"), problem, "", help))
