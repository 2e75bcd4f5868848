"""A file that a data set or a command names is looked for here, and told of where it is no use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netlang.language import paths
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.messages.files import unreachable
from netlang.language.source import Span
from netlang.system.files import files_beside
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


class NamedFile(Record):
    """A file at ``path``, as a user has named it.

    Messages point to ``span``, where a file names the data set, or to where ``at`` finds the
    argument of a name. There is no span for a data set that Python makes, or that is a command's.
    """

    path: str
    span: Span | None
    at: Callable[[str], Span | None]

    @property
    def folder(self) -> Path:
        """The folder that ``path`` is relative to."""
        return self.span.source.folder if self.span else Path()


def locate(file: NamedFile, told: str = "") -> paths.Located:
    """Where the file is, whether or not it exists; a message says ``told`` for a path that leads
    out of bounds, if it is made of another.

    A .net file is confined to its folder; Python is not.  Raises NetError.
    """
    try:
        if file.span:
            return paths.locate(file.span.source, file.path)
    except paths.OutOfBounds as problem:
        name = Path(file.path).name
        beside = name if (file.folder / name).is_file() else None
        refused = unreachable(problem, file.at("path"), told or file.path, beside)
        raise NetError(refused) from None
    except paths.Gone as problem:
        raise NetError(unreachable(problem, file.at("path"), file.path)) from None
    return paths.Located(Path(file.path))


def check_expected(file: NamedFile, found: paths.Located, known: Fingerprint) -> None:
    """Raises NetError if what was ``found`` is not what a run has read that wants it again;
    ``known`` is what it is.
    """
    try:
        found.check(known)
    except paths.Gone as gone:
        raise NetError(unreachable(gone, file.at("path"), file.path)) from None


def unreadable(file: NamedFile, reason: str, help: str) -> NetError:
    return NetError(DataFileUnreadable(file.at("path"), file.path, reason, help))


def way_out(file: NamedFile, meant: str | None) -> str:
    """What to do where the file is not there: name the one that was ``meant`` beside it, if one may
    be; else it says where files are looked for.
    """
    wanted = Path(file.path)
    if not file.path.isprintable():
        return r"in a string, `\n` is a line break and `\t` a tab: write `/` between folders"
    if meant:
        return f"did you mean `{(wanted.parent / meant).as_posix()}`?"
    if wanted.parent.name and wanted.name in files_beside(file.folder / "_"):
        return f"did you mean `{wanted.name}`, which is beside the file that names it?"
    if file.span:
        return "a data file's path is relative to the folder of the file that names it"
    return "name a file by its path from this folder"
