"""A data file is found and read here, or a message says why it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.endings import FRAMES, is_packed
from netlang.catalogue.data.formats.request import FileRequest, unreadable
from netlang.language import paths
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.files import unreachable
from netlang.language.diagnostics.suggest import nearest
from netlang.system.files import (
    Irregular,
    TooLarge,
    files_beside,
    read_regular,
    why_unreadable,
)
from netlang.system.machine import memory_limit

_SMALL = 1 << 22  # bytes of a file that is read as a whole
_MOST = 16  # times the memory of the machine: most columns of a file may be ignored
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".data", *FRAMES)
_NO_TABLES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz"))


def locate(request: FileRequest) -> paths.Located:
    """Where the file of ``request`` is, whether or not it exists.  Raises DiagnosticError.

    A .net file is confined to its folder; Python is not.
    """
    found = paths.Located(Path(request.path))
    try:
        if request.span:
            found = paths.locate(request.span.source, request.path)
    except (paths.OutOfBounds, paths.Gone) as problem:
        name = Path(request.path).name
        beside = name if (request.folder / name).is_file() else None
        refused = unreachable(problem, request.at("path"), request.path, beside)
        raise DiagnosticError(refused) from None
    if found.path.suffix.lower() in _NO_TABLES:
        reason = "it is no table of text, and such files can run code when they are read"
        raise unreadable(request, reason, "save the data as CSV")
    return found


def read(request: FileRequest, found: paths.Located, as_a_whole: bool = True) -> Content:
    """The file that ``locate`` found; a large one is opened to see that it can be read, and may be
    far larger than memory unless it is needed ``as_a_whole``.

    Raises DiagnosticError.
    """
    if found.fingerprint:
        return Content(request, found.path, found.data)
    file = found.path
    try:
        # A packed table is some times as large.
        most = _SMALL >> 3 if is_packed(file.name) else _SMALL
        return Content(request, file, read_regular(file, most))
    except TooLarge:
        if not as_a_whole or file.stat().st_size <= _MOST * memory_limit():
            return Content(request, file, is_large=True)
        reason, help = "it is far larger than this machine's memory", "take a part of it"
    except Irregular:
        reason, help = "it is no regular file", "name a file of comma-separated values"
    except OSError as error:
        reason, remedy = why_unreadable(file, error)
        help = remedy or _hint(request)
    raise unreadable(request, reason, help)


def _hint(request: FileRequest) -> str:
    """The file that was meant, or where files are looked for."""
    file, wanted = request.folder / request.path, Path(request.path)
    if not request.path.isprintable():
        return r"in a string, `\n` is a line break and `\t` a tab: write `/` between folders"
    names = [one for one in files_beside(file) if Path(one).suffix != ".net"]
    if meant := _meant(wanted.name, names):
        return f"did you mean `{wanted.parent / meant}`?"
    if wanted.parent.name and wanted.name in files_beside(request.folder / "_"):
        return f"did you mean `{wanted.name}`, which is beside the file that names it?"
    if request.span:
        return "a data file's path is relative to the folder of the file that names it"
    return "name a file by its path from this folder"


def _meant(name: str, beside: Sequence[str]) -> str | None:
    """The file among those ``beside`` that was meant by ``name``.

    Its name is similar, with the same ending if there is such a file; or only its ending differs.
    """
    wanted = Path(name)
    alike = [one for one in beside if Path(one).suffix.lower() == wanted.suffix.lower()]
    if meant := nearest(name, alike):
        return meant
    same = [one for one in beside if Path(one).stem.casefold() == wanted.stem.casefold()]
    tables = [one for one in beside if Path(one).suffix.lower() in _TABLES]
    if not same:
        return nearest(name, tables)
    likely = [one for one in same if one in tables] or same
    return nearest(name, likely) or likely[0]
