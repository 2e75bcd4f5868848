"""The bytes of a table's file, which gzip may have packed, and which may have to be text."""

from __future__ import annotations

import codecs
import io
import os
import re
from abc import abstractmethod
from pathlib import Path
from typing import IO, Any

from netlang.catalogue.data.formats.endings import is_packed
from netlang.catalogue.data.formats.request import FileRequest, TableRequest
from netlang.catalogue.data.named_file import unreadable
from netlang.language.diagnostics import NetError
from netlang.system.files import open_regular
from netlang.system.fingerprint import Fingerprint
from netlang.system.pattern import files_of, is_pattern
from netlang.system.record import Record

_LONG_WORD = 40  # letters
_PIECE = 1 << 19  # bytes that are read at once
_FREE, _TIMES = 1 << 30, 200  # bytes, and times its size, that a packed file may have unpacked
_SIGNATURES = {  # the first bytes of files that are often taken for a table of text
    b"PK\3\4": "an Excel workbook, or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or another file of Microsoft Office",
    b"\x1f\x8b": "compressed by gzip",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF-": "a PDF document",
}
_IDX_TYPES = (b"\x08", b"\x09", b"\x0b", b"\x0c", b"\x0d", b"\x0e")  # behind two bytes of 0
_BY_NAME = {  # of these, what the file's name has to say
    b"\x1f\x8b": "let its name end in `.gz`, as that of `table.csv.gz` does",
    b"PAR1": "let its name end in `.parquet`",
    b"ARROW1": "let its name end in `.arrow`",
}
_BY_STREAM = {  # and of these, what to do where they come by a stream, which has no name
    b"\x1f\x8b": "unpack it before, as `gunzip -c table.csv.gz | netlang ...` does",
    b"PAR1": "name the file, whose name has to end in `.parquet`",
    b"ARROW1": "name the file, whose name has to end in `.arrow`",
}


class Content(Record):
    """The bytes of the ``file`` of a ``request``: its ``data``, or, if it ``is_large``, what is in
    the file, or in the files that a pattern stands for.

    Of a ``stream``, ``data`` is the beginning; what comes behind it comes once.
    """

    request: FileRequest
    file: Path
    data: bytes = b""
    is_large: bool = False
    stream: IO[bytes] | None = None

    def packed(self) -> IO[bytes]:
        """The bytes as they are in the file."""
        if self.stream:
            return joined(self.data, self.stream)
        return open_regular(self.file) if self.is_large else io.BytesIO(self.data)

    def open(self) -> IO[bytes]:
        """The bytes of the table: those that are in the file, unless gzip has packed them.

        To read what gzip cannot unpack, or what is far larger then, raises NetError.
        """
        if not is_packed(self.file.name):
            return self.packed()
        return io.BufferedReader(_Unpacked(self.packed(), self.request), _PIECE)

    def open_text(self) -> IO[bytes]:
        """The same, once it is known that they are text.

        To read what is no text in UTF-8 raises NetError.
        """
        return io.BufferedReader(_Text(self.open(), self.request), _PIECE)

    def check_text(self) -> None:
        """Read all of it.  Raises NetError for what is no text in UTF-8."""
        with self.open_text() as text:
            while text.read(_PIECE):
                pass

    def fingerprint(self) -> Fingerprint:
        """Reads all that is in the file, or in the files."""
        if not self.is_large:
            return Fingerprint.of(self.file, self.data)
        import hashlib

        digest = hashlib.sha256()
        for one in files_of(self.file):
            with open_regular(one) if is_pattern(self.file) else self.packed() as file:
                if is_pattern(self.file):
                    digest.update(f"{one.name}\0{one.stat().st_size}\0".encode())
                while piece := file.read(_PIECE):
                    digest.update(piece)
        return Fingerprint(self.file, os.path.realpath(self.file), digest.hexdigest())


class _Passed(io.RawIOBase):
    """Bytes of a ``stream`` that are looked at as they pass by."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    @abstractmethod
    def next(self, count: int) -> bytes:
        """At most ``count`` more bytes; b"" at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self.next(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self.stream.close()
        super().close()


class _Joined(_Passed):
    """Bytes that have been read already, and then those of a stream, which is not closed."""

    def __init__(self, beginning: bytes, stream: IO[bytes]) -> None:
        super().__init__(io.BytesIO(beginning))
        self._rest = stream

    def next(self, count: int) -> bytes:
        return self.stream.read(count) or self._rest.read(count)


def joined(beginning: bytes, stream: IO[bytes]) -> IO[bytes]:
    """What has been read of a stream already, and then the stream, which is not closed with it."""
    return io.BufferedReader(_Joined(beginning, stream))


class _Unpacked(_Passed):
    """What gzip has packed."""

    def __init__(self, packed: IO[bytes], request: FileRequest) -> None:
        import gzip

        super().__init__(packed)
        self._request, self._size, self._unpacked = request, 0, gzip.GzipFile(fileobj=packed)
        self._most = _FREE
        if packed.seekable():
            self._most = max(_FREE, _TIMES * packed.seek(0, io.SEEK_END))
            packed.seek(0)

    def next(self, count: int) -> bytes:
        import zlib

        try:
            piece = self._unpacked.read(count)
        except (OSError, EOFError, zlib.error):
            help = "pack the table anew, or name the table itself"
            reason = "gzip cannot unpack it: it is damaged"
            raise unreadable(self._request, reason, help) from None
        self._size += len(piece)
        if self._size > self._most:
            reason = f"unpacked, it has more than {self._most:,} bytes"
            help = "unpack it if that is right, and name the table itself"
            raise unreadable(self._request, reason, help)
        return piece


class _Text(_Passed):
    """Text in UTF-8."""

    def __init__(self, stream: IO[bytes], request: FileRequest) -> None:
        super().__init__(stream)
        self._request = request
        self._signature, self._left, self._place, self._line = b"", b"", 0, 1

    def next(self, count: int) -> bytes:
        piece = self.stream.read(min(count, _PIECE))
        self._signature = self._signature or piece[:_LONGEST_SIGNATURE]
        text = self._left + piece if self._left else piece
        used = self._whole(text, is_end=not piece)
        self._left, self._place = text[used:], self._place + used
        self._line += text.count(b"\n", 0, used)
        return piece

    def _whole(self, text: bytes, is_end: bool) -> int:
        """How many bytes of ``text`` are whole characters.  Raises NetError."""
        if text.isascii() and 0 not in text:
            return len(text)
        if (nul := text.find(0)) >= 0:
            place = f"byte {self._place + nul}"
            raise self._no_text(f"{place} is NUL, which is in no text but UTF-16 or UTF-32")
        try:
            return codecs.utf_8_decode(text, "strict", is_end)[1]
        except UnicodeDecodeError as error:
            at, line = error.start, self._line + text.count(b"\n", 0, error.start)
            fault = f"byte {self._place + at}, in line {line}, is not UTF-8"
            raise self._no_text(fault, word_in_windows_1252(text, at)) from None

    def _no_text(self, fault: str, word: str = "") -> NetError:
        for start, kind in _SIGNATURES.items():
            if self._signature.startswith(start):
                helps = _BY_STREAM if self._request.path == "<stdin>" else _BY_NAME
                help = helps.get(start, "export the table in it as CSV")
                return unreadable(self._request, f"it is {kind}", help)
        if self._signature[:2] == b"\0\0" and self._signature[2:3] in _IDX_TYPES:
            help = "name a table in its place"
            if isinstance(self._request, TableRequest):
                help = 'name the folder of MNIST\'s four files: `data = IDX("folder")`'
            return unreadable(self._request, "it is an IDX file", help)
        help = "save it as UTF-8 text"
        if word:
            help = (
                f"it holds `{word}` if it is in Windows-1252: save it as UTF-8 text, which Excel "
                "calls `CSV UTF-8`; or write `iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv`"
            )
        return unreadable(self._request, fault, help)


def word_in_windows_1252(text: bytes, at: int) -> str:
    """The word around byte ``at`` in the encoding that western Windows calls ANSI; "" for none.

    >>> word_in_windows_1252(b"a,Gr\\xf6\\xdfe,1", 4), word_in_windows_1252(b"1,\\xff\\n", 2)
    ('Größe', '')
    """
    begin = max(0, at - _LONG_WORD)
    around = text[begin : at + _LONG_WORD].decode("cp1252", "replace")
    words = (found for found in re.finditer(r"[^\W\d_]+", around))
    word = next((found[0] for found in words if found.start() <= at - begin < found.end()), "")
    return word if any(map(str.isascii, word)) else ""


_LONGEST_SIGNATURE = max(map(len, _SIGNATURES))
