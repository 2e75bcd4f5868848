"""A data file is found and read here, or a message says why it cannot be."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data.tables.request import TableRequest
from netlang.language import paths
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable, EmptyData
from netlang.language.diagnostics.messages.files import unreachable
from netlang.language.diagnostics.suggest import nearest
from netlang.system.files import (
    Irregular,
    TooLarge,
    files_beside,
    read_regular,
    why_unreadable,
)
from netlang.system.fingerprint import Fingerprint

_PIECE = 1 << 20  # bytes that are decoded at once
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".data")
_NO_TABLES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz"))
_SIGNATURES = {  # the first bytes of files that are often taken for a table of text
    b"PK\3\4": "an Excel workbook, or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or another file of Microsoft Office",
    b"\x1f\x8b": "compressed by gzip",
    b"PAR1": "a Parquet file",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF-": "a PDF document",
}


def locate(request: TableRequest) -> paths.Located:
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


def read(request: TableRequest, found: paths.Located) -> tuple[Fingerprint, bytes]:
    """The file that ``locate`` found, as it is read, and what it holds.

    Raises DiagnosticError.
    """
    if found.fingerprint:
        return found.fingerprint, found.data
    file = found.path
    try:
        content = read_regular(file, paths.DATA_LIMIT)
        return Fingerprint.of(file, content), content
    except Irregular:
        reason, help = "it is no regular file", "name a file of comma-separated values"
    except TooLarge:
        reason = f"it is over {paths.DATA_LIMIT >> 20} MiB"
        help = "take a part of it; a table is held in memory as a whole"
    except OSError as error:
        reason, remedy = why_unreadable(file, error)
        help = remedy or _hint(request)
    raise unreadable(request, reason, help)


def unreadable(request: TableRequest, reason: str, help: str) -> DiagnosticError:
    return DiagnosticError(DataFileUnreadable(request.at("path"), request.path, reason, help))


def lacking(request: TableRequest, what: str, help: str) -> DiagnosticError:
    problem = f"`{request.path}` has no {what}"
    return DiagnosticError(EmptyData(request.at("path"), problem, "", help))


def check_text(request: TableRequest, content: bytes) -> None:
    """Raises DiagnosticError for a file that is no text in UTF-8."""
    fault = _fault_of_text(content)
    if not fault:
        return
    for start, kind in _SIGNATURES.items():
        if content.startswith(start):
            raise unreadable(request, f"it is {kind}", "export the table in it as CSV")
    raise unreadable(request, fault, "save it as UTF-8 text")


def _fault_of_text(content: bytes) -> str:
    """Which byte is in no text in UTF-8; "" if there is none."""
    if (nul := content.find(0)) >= 0:
        return f"byte {nul} is NUL, which is in no text but UTF-16 or UTF-32"
    start = 0
    while start < len(content):  # by pieces, as a text may take four times the room of its bytes
        end = start + _PIECE
        try:
            start += codecs.utf_8_decode(content[start:end], "strict", end >= len(content))[1]
        except UnicodeDecodeError as error:
            return f"byte {start + error.start} is not UTF-8"
    return ""


def _hint(request: TableRequest) -> str:
    """The file that was meant, or where files are looked for."""
    file, wanted = request.folder / request.path, Path(request.path)
    if not request.path.isprintable():
        return r"in a string, `\n` is a line break and `\t` a tab: write `/` between folders"
    names = [one for one in files_beside(file) if Path(one).suffix != ".net"]
    if meant := _meant(wanted.name, names):
        return f"did you mean `{wanted.parent / meant}`?"
    if wanted.parent.name and wanted.name in files_beside(request.folder / "_"):
        return f"did you mean `{wanted.name}`, which is beside the file that names it?"
    return "a data file's path is relative to the folder of the file that names it"


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
    return min(same, key=lambda one: one not in tables) if same else nearest(name, tables)
