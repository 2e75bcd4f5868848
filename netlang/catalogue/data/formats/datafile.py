"""A table's file is read here, or a message says why it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed
from netlang.catalogue.data.formats.request import FileRequest, TableRequest
from netlang.catalogue.data.named_file import unreadable, way_out
from netlang.language import paths
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import counted
from netlang.system.files import (
    Irregular,
    TooLarge,
    files_beside,
    open_regular,
    read_regular,
    why_unreadable,
)
from netlang.system.machine import memory_limit
from netlang.system.pattern import files_of, is_pattern

_SMALL = 1 << 22  # bytes of a file that is read as a whole
_MOST = 16  # times the memory of the machine: most columns of a file may be ignored
_PARTS = Path("*.parquet")
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".data", *FRAMES)
_NO_TABLES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz"))
_OTHER_TABLES = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), ("it is a spreadsheet", "save it as CSV")),
    ".json": ("it is JSON", "write an object a line, `.ndjson`, or save it as CSV"),
}


def read(request: FileRequest, found: paths.Located, as_a_whole: bool = True) -> Content:
    """The file that was ``found``; a large one is opened to see that it can be read, and may be
    far larger than memory unless it is needed ``as_a_whole``.

    Raises NetError.
    """
    file = found.path
    if file.suffix.lower() in _NO_TABLES:
        reason = "it is no table of text, and such files can run code when they are read"
        help = "save the data as CSV"
        if isinstance(request, TableRequest) and file.suffix.lower() in (".npy", ".npz"):
            reason, help = "it holds arrays", f'name it as arrays: `Arrays("{request.path}")`'
        raise unreadable(request, reason, help)
    if (other := _OTHER_TABLES.get(file.suffix.lower())) and file.is_file():
        raise unreadable(request, *other)
    if found.fingerprint:
        return Content(request, file, found.data)
    if is_pattern(file):
        return _of_files(request, file)
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
        parts = files_of(file / _PARTS)
        if parts and parts == files_of(file / "*"):  # and no others lie beside them
            reason, what = "it is a folder", counted(len(parts), "file")
            help = f"name the {what} in it: `{(Path(request.path) / _PARTS).as_posix()}`"
    except OSError as error:
        reason, remedy = why_unreadable(file, error)
        names = files_beside(request.folder / request.path)
        beside = [one for one in names if Path(one).suffix != ".net"]
        help = remedy or way_out(request, _meant(Path(request.path).name, beside))
    raise unreadable(request, reason, help)


def _of_files(request: FileRequest, pattern: Path) -> Content:
    """The files that a pattern stands for.  Raises NetError."""
    files = files_of(pattern)
    if not files:
        reason = "no file has such a name"
        help = "`*` stands for any characters in the name of a file, and not in that of a folder"
        raise unreadable(request, reason, help)
    if FRAMES.get(ending_of(pattern.name)) != "Parquet" or is_packed(pattern.name):
        reason = "only files of Parquet are a table together"
        raise unreadable(request, reason, "save the table as one file, or as Parquet")
    for file in files:
        try:
            open_regular(file).close()
        except Irregular:
            raise unreadable(request, f"`{file.name}` is no regular file", "move it away") from None
        except OSError as error:
            why, remedy = why_unreadable(file, error)
            raise unreadable(request, f"`{file.name}`: {why}", remedy or "read it again") from None
    return Content(request, pattern, is_large=True)


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
