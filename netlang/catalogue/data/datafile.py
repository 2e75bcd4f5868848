"""Where a data file is, and its bytes, or why it cannot be read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data.cache import remember, stamp
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.data import DataFileUnreadable, ForbiddenPath
from netlang.language.diagnostics.suggest import nearest
from netlang.language.origin import Located, Read, as_read
from netlang.language.source import OutOfBounds, SourceFile, Span
from netlang.system.files import (
    SIZE_LIMIT,
    Irregular,
    TooLarge,
    read_regular,
    readable_beside,
    why_unreadable,
)

_TABLES = (".csv", ".tsv", ".txt", ".dat", ".data")
_NO_TABLES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz"))


def locate(path: str, used: Span | None, span: Span | None) -> Located:
    """The file, which need not be there; ``used`` is where a .net file uses it, ``span`` where it
    is named. A .net file is confined to its folder, and Python is not.  Raises DiagnosticError.
    """
    source = used.source if used else SourceFile("", "")
    try:
        found = used.source.locate(path) if used else Located(Path(path))
    except OutOfBounds as problem:
        name = Path(path).name
        beside = name if (source.folder / name).is_file() else None
        raise DiagnosticError(ForbiddenPath(span, path, str(problem), beside)) from None
    if found.path.suffix.lower() in _NO_TABLES:
        reason = "it is no table of text, and such files can run code when they are read"
        help = "save the data as CSV"
        raise DiagnosticError(DataFileUnreadable(span, path, reason, help))
    return found


def read_bytes(
    found: Located, path: str, used: Span | None, span: Span | None
) -> tuple[Read, bytes]:
    """The file that ``locate`` found, as it is read, and what it holds.  Raises DiagnosticError."""
    if found.read:
        return found.read, found.data
    file = found.path
    before = stamp(file)
    try:
        data = read_regular(file, SIZE_LIMIT)
        read = as_read(file, data)
        remember(before, read)
        return read, data
    except Irregular:
        reason, help = "it is no regular file", "name a file of comma-separated values"
    except TooLarge:
        reason = "it is over 32 MiB"
        help = "take a part of it; a table is held in memory as a whole"
    except OSError as error:
        folder = used.source.folder if used else SourceFile("", "").folder
        reason, help = why_unreadable(file, error), _hint(path, folder)
    raise DiagnosticError(DataFileUnreadable(span, path, reason, help))


def _hint(path: str, folder: Path) -> str:
    """The file that was meant, or where files are looked for."""
    if os.path.islink(folder / path):
        return "mend the link, or name another file"
    if not path.isprintable():
        return r"in a string, `\n` is a line break and `\t` a tab: write `/` between folders"
    wanted = Path(path)
    names = [one for one in readable_beside(folder / path) if Path(one).suffix != ".net"]
    if meant := _meant(wanted.name, names):
        return f"did you mean `{wanted.parent / meant}`?"
    if wanted.parent.name and wanted.name in readable_beside(folder / "_"):
        return f"did you mean `{wanted.name}`, which is beside the file that names it?"
    return "a data file's path is relative to the folder of the file that names it"


def _meant(name: str, beside: Sequence[str]) -> str | None:
    """The file that was meant by ``name``, which is none of those ``beside``: one that is called
    alike, if it can be with the same ending, or one that differs in its ending alone.
    """
    wanted = Path(name)
    alike = [one for one in beside if Path(one).suffix.lower() == wanted.suffix.lower()]
    if meant := nearest(name, alike):
        return meant
    same = [one for one in beside if Path(one).stem.casefold() == wanted.stem.casefold()]
    tables = [one for one in beside if Path(one).suffix.lower() in _TABLES]
    return min(same, key=lambda one: one not in tables) if same else nearest(name, tables)
