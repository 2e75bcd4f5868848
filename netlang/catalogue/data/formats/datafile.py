"""A data file is found and read here, or a message says why it cannot be."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from netlang.catalogue.data.formats.endings import FRAMES, is_packed
from netlang.catalogue.data.formats.request import TableRequest
from netlang.language import paths
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable, EmptyData
from netlang.language.diagnostics.messages.files import unreachable
from netlang.language.diagnostics.suggest import nearest
from netlang.system.files import (
    Irregular,
    TooLarge,
    files_beside,
    open_regular,
    read_regular,
    why_unreadable,
)
from netlang.system.fingerprint import Fingerprint
from netlang.system.machine import memory_limit
from netlang.system.record import Record

_SMALL = 1 << 22  # bytes of a file that is read as a whole
_MOST = 16  # times the memory of the machine: most columns of a file may be ignored
_PIECE = 1 << 20  # bytes that are decoded at once
_TABLES = (".csv", ".tsv", ".txt", ".dat", ".data", *FRAMES)
_NO_TABLES = frozenset((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz"))
_SIGNATURES = {  # the first bytes of files that are often taken for a table of text
    b"PK\3\4": "an Excel workbook, or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or another file of Microsoft Office",
    b"\x1f\x8b": "compressed by gzip",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF-": "a PDF document",
}
_BY_NAME = {  # of these, what the file's name has to say
    b"\x1f\x8b": "let its name end in `.gz`, as that of `table.csv.gz` does",
    b"PAR1": "let its name end in `.parquet`",
    b"ARROW1": "let its name end in `.arrow`",
}
_FREE, _FOLDS = 1 << 30, 200  # bytes, and times its size, that a packed file may have unpacked
_LONGEST_SIGNATURE = max(map(len, _SIGNATURES))


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


class Content(Record):
    """The bytes of a ``file``: its ``data``, or, if it ``is_large``, what is in the file."""

    file: Path
    data: bytes = b""
    is_large: bool = False

    def packed(self) -> IO[bytes]:
        """The bytes as they are in the file."""
        return open_regular(self.file) if self.is_large else io.BytesIO(self.data)

    def open(self) -> IO[bytes]:
        """The bytes of the table: those that are in the file, unless gzip has packed them."""
        return unpacked(self.packed()) if is_packed(self.file.name) else self.packed()

    def fingerprint(self) -> Fingerprint:
        """Reads all that is in the file."""
        if not self.is_large:
            return Fingerprint.of(self.file, self.data)
        import hashlib

        digest = hashlib.sha256()
        with self.packed() as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        return Fingerprint(self.file, os.path.realpath(self.file), digest.hexdigest())


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """What gzip has packed; to read it raises OSError, EOFError and zlib.error if it is damaged."""
    import gzip

    opened: Any = gzip.GzipFile(fileobj=file)
    opened.myfileobj = file  # which is closed with it
    return cast("IO[bytes]", opened)


def read(request: TableRequest, found: paths.Located) -> Content:
    """The file that ``locate`` found; a large one is opened to see that it can be read.

    Raises DiagnosticError.
    """
    if found.fingerprint:
        return Content(found.path, found.data)
    file = found.path
    try:
        # A packed table is some times as large.
        return Content(file, read_regular(file, _SMALL >> 3 if is_packed(file.name) else _SMALL))
    except TooLarge:
        if file.stat().st_size <= _MOST * memory_limit():
            return Content(file, is_large=True)
        reason, help = "it is far larger than this machine's memory", "take a part of it"
    except Irregular:
        reason, help = "it is no regular file", "name a file of comma-separated values"
    except OSError as error:
        reason, remedy = why_unreadable(file, error)
        help = remedy or _hint(request)
    raise unreadable(request, reason, help)


def unreadable(request: TableRequest, reason: str, help: str) -> DiagnosticError:
    return DiagnosticError(DataFileUnreadable(request.at("path"), request.path, reason, help))


def lacking(request: TableRequest, what: str, help: str) -> DiagnosticError:
    problem = f"`{request.path}` has no {what}"
    return DiagnosticError(EmptyData(request.at("path"), problem, "", help))


def check_text(request: TableRequest, content: Content) -> None:
    """Raises DiagnosticError for a file that is no text in UTF-8."""
    place, left = 0, b""
    with content.open() as file:
        signature = file.read(_LONGEST_SIGNATURE)
        file.seek(0)
        while piece := file.read(_PIECE):  # a text may take four times the room of its bytes
            fault, used = _fault_of_text(left + piece, place)
            if fault:
                raise _no_text(request, signature, fault)
            left, place = (left + piece)[used:], place + used
    if left:
        raise _no_text(request, signature, f"byte {place} is not UTF-8")


def check_packed(request: TableRequest, content: Content) -> None:
    """Raises DiagnosticError for a file that gzip cannot unpack, or that is far larger then."""
    import zlib

    size = 0
    with content.packed() as packed:
        most = max(_FREE, _FOLDS * packed.seek(0, io.SEEK_END))
    try:
        with content.open() as file:
            while size <= most and (piece := file.read(_PIECE)):
                size += len(piece)
    except (OSError, EOFError, zlib.error):
        help = "pack the table anew, or name the table itself"
        raise unreadable(request, "gzip cannot unpack it: it is damaged", help) from None
    if size > most:
        reason = f"unpacked, it has more than {most:,} bytes"
        raise unreadable(request, reason, "unpack it if that is right, and name the table itself")


def _no_text(request: TableRequest, signature: bytes, fault: str) -> DiagnosticError:
    for start, kind in _SIGNATURES.items():
        if signature.startswith(start):
            help = _BY_NAME.get(start, "export the table in it as CSV")
            return unreadable(request, f"it is {kind}", help)
    return unreadable(request, fault, "save it as UTF-8 text")


def _fault_of_text(piece: bytes, place: int) -> tuple[str, int]:
    """Which byte is in no text in UTF-8, "" if there is none; and how many bytes are whole
    characters. The piece stands behind ``place`` bytes.
    """
    if piece.isascii() and 0 not in piece:
        return "", len(piece)
    if (nul := piece.find(0)) >= 0:
        return f"byte {place + nul} is NUL, which is in no text but UTF-16 or UTF-32", 0
    try:
        return "", codecs.utf_8_decode(piece, "strict", False)[1]
    except UnicodeDecodeError as error:
        return f"byte {place + error.start} is not UTF-8", 0


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
    if not same:
        return nearest(name, tables)
    likely = [one for one in same if one in tables] or same
    return nearest(name, likely) or likely[0]
