"""The rows of a table come in parts, so that a table may have any length.

The ending of the file's name says its form: text with its cells separated, NDJSON, Parquet or
Arrow. Text may be compressed by gzip. Standard input is text.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable, EmptyData
from netlang.system.packages import silence

if TYPE_CHECKING:
    from polars import DataFrame

_BLOCK = 1 << 22  # bytes of a part of plain text
_CELLS = 1 << 16  # of a part of another text
_ROWS = 1 << 16  # of a part of another form
_SCANS = {
    ".parquet": "scan_parquet",
    ".arrow": "scan_ipc",
    ".feather": "scan_ipc",
    ".ipc": "scan_ipc",
}
_LINES = (".ndjson", ".jsonl")
_AS_TEXT = "save it as UTF-8 text, with a line of names above the rows"
_ANEW = "write it anew, or save the table as CSV"
_NO_TEXTS = {  # the first bytes of what may be taken for a table of text
    b"PK\3\4": "it is an Excel workbook, or another ZIP archive",
    b"PAR1": "it is a Parquet file, whose name has to end in `.parquet`",
    b"\x1f\x8b": "it is compressed by gzip, and its name has to end in `.gz`",
}

# The number of a part's first row, from 1 on, and its columns: texts, values, or a series.
Part = tuple[int, Mapping[str, Any]]


def in_parts(named: str, delimiter: str) -> Iterator[Part]:
    """The parts of the table ``named``, or ``-``, whose cells ``delimiter`` separates if they are
    text. There is one at least, which says what columns there are.

    Raises DiagnosticError for a file that is no table, and OSError.
    """
    if named == "-":
        yield from _cells(sys.stdin.buffer, "<stdin>", delimiter)
        return
    path = Path(named)
    if scan := _SCANS.get(path.suffix.lower()):
        yield from _series(path, named, scan)
        return
    is_packed = path.suffix.lower() == ".gz"
    form = Path(path.stem if is_packed else path.name).suffix.lower()
    with ExitStack() as opened:
        file: Any = opened.enter_context(path.open("rb"))
        if is_packed:
            file = opened.enter_context(io.BufferedReader(gzip.GzipFile(fileobj=file)))
        try:
            if form in _LINES:
                yield from _objects(file, named)
            else:
                _check_text(file.peek(4), named)
                yield from _cells(file, named, "\t" if form == ".tsv" else delimiter)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise _unreadable(named, "gzip cannot expand it", _ANEW) from None


def _cells(file: IO[bytes], named: str, delimiter: str) -> Iterator[Part]:
    """A table of text with its cells separated.

    Blocks of plain lines are cut into cells by polars, which is fast. From the first line on that
    is not plain, Python does it, which says what is wrong.
    """
    beginning = file.readline()
    lines, first, header = 1, 1, list[str]()
    with suppress(ValueError, csv.Error):  # it is a part of a row, or no text
        text = beginning.decode("utf-8-sig")
        header = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    if not header:
        yield from _rows(_joined(beginning, file), named, delimiter)
        return
    header = [cell.strip() for cell in header]
    _check_names(header, named)
    while block := file.read(_BLOCK):
        block += file.readline()
        frame = _plain_cells(block, header, delimiter)
        if frame is None:
            rest = _joined(block, file)
            yield from _rows(rest, named, delimiter, header, first, lines)
            return
        yield first, {series.name: series for series in frame}
        lines, first = lines + block.count(b"\n"), first + len(frame)
    if first == 1:
        yield first, dict.fromkeys(header, ())


def _plain_cells(block: bytes, header: Sequence[str], delimiter: str) -> DataFrame | None:
    """The cells of whole lines as texts; None where a line may be something else than a row."""
    import polars
    from polars.exceptions import PolarsError

    ends = block.count(b"\n")
    returns = block.count(b"\r")
    if b'"' in block or b"\0" in block or (returns and returns != block.count(b"\r\n")):
        return None
    if block[:1] in b"\r\n" or b"\n\n" in block or b"\n\r" in block:
        return None  # blank lines are no rows
    try:
        frame = polars.read_csv(
            block,
            has_header=False,
            new_columns=header,
            separator=delimiter,
            infer_schema=False,
            quote_char=None,
        )
    except PolarsError:
        return None
    rows = ends + (not block.endswith(b"\n"))
    separators = block.count(delimiter.encode())
    # A row that is too long is an error to polars, and one that is too short is not.
    are_whole = separators == rows * (len(header) - 1)
    return frame if are_whole and frame.shape == (rows, len(header)) else None


def _rows(
    file: IO[bytes],
    named: str,
    delimiter: str,
    header: Sequence[str] = (),
    first: int = 1,
    before: int = 0,
) -> Iterator[Part]:
    """The rows of a text from its row ``first`` on, behind so many lines ``before``; without a
    ``header``, from its first line on.
    """
    text = io.TextIOWrapper(file, "utf-8-sig", newline=None)
    lines = csv.reader(text, delimiter=delimiter, strict=True)
    rows = filter(None, lines)
    try:
        if not header:
            header = [cell.strip() for cell in next(rows, [])]
            _check_names(header, named)
        count = max(1, _CELLS // len(header))
        while (part := list(islice(rows, count))) or first == 1:
            for row, cells in enumerate(part, first):
                if len(cells) != len(header):
                    has = f"row {row} has {len(cells)} cells, and its first line {len(header)}"
                    raise _unreadable(named, has, f"give the row {len(header)} cells")
            columns = zip(*part, strict=True) if part else [()] * len(header)
            yield first, dict(zip(header, columns, strict=True))
            first += max(1, len(part))
    except csv.Error as error:
        line = before + lines.line_num
        raise _unreadable(named, f"line {line}: {error}", "mend that line") from None
    except UnicodeDecodeError:
        raise _unreadable(named, "it is no text in UTF-8", _AS_TEXT) from None
    finally:
        with suppress(ValueError):  # the file is closed already
            text.detach()


class _Joined(io.RawIOBase):
    """Bytes that have been read already, and then the file that they are from."""

    def __init__(self, beginning: bytes, file: IO[bytes]) -> None:
        self._beginning, self._file = io.BytesIO(beginning), file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._beginning.read(len(buffer)) or self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _joined(beginning: bytes, file: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Joined(beginning, file))


def _objects(file: IO[bytes], named: str) -> Iterator[Part]:
    """A table of NDJSON: an object in each line, with a value for each column."""
    lines, first = filter(bytes.strip, file), 1
    header: list[str] = []
    while part := list(islice(lines, _ROWS)):
        columns: dict[str, list[Any]] = {name: [] for name in header}
        for row, line in enumerate(part, first):
            try:
                values = json.loads(line)
            except (ValueError, RecursionError):
                raise _unreadable(named, f"row {row} is no JSON", "mend that line") from None
            if not isinstance(values, dict):
                raise _unreadable(named, f"row {row} is no object", "mend that line")
            if not header:
                header = [*values]
                _check_names(header, named)
                columns = {name: [] for name in header}
            if values.keys() - columns:
                more = min(values.keys() - columns)
                has = f"row {row} has `{more}`, which its first row lacks"
                raise _unreadable(named, has, "give all rows the same names; null is an empty cell")
            for name, cells in columns.items():
                value = values.get(name)
                cells.append(json.dumps(value) if isinstance(value, list | dict) else value)
        yield first, columns
        first += len(part)
    if not header:
        _check_names(header, named)


def _series(path: Path, named: str, scan: str) -> Iterator[Part]:
    """A table in a form of polars, which reads no more of it than the part."""
    import polars
    from polars.exceptions import PanicException, PolarsError

    with path.open("rb"):  # raises OSError where polars would say less
        pass
    first = 1
    while True:
        try:
            with silence():
                frame = getattr(polars, scan)(path, glob=False).slice(first - 1, _ROWS).collect()
        except (PolarsError, PanicException, OSError):
            form = "Parquet" if scan == "scan_parquet" else "Arrow"
            raise _unreadable(named, f"it is no {form} file that is whole", _ANEW) from None
        if first == 1:
            _check_names(frame.columns, named)
        if not len(frame) and first > 1:
            return
        yield first, {series.name: series for series in frame}
        if len(frame) < _ROWS:
            return
        first += len(frame)


def _check_text(start: bytes, named: str) -> None:
    """Raises DiagnosticError for what begins as other files do."""
    for sign, why in _NO_TEXTS.items():
        if start.startswith(sign):
            raise _unreadable(named, why, _AS_TEXT)


def _check_names(header: Sequence[str], named: str) -> None:
    """Raises DiagnosticError."""
    if not header:
        help = "its first line names the columns, each line after it is a sample"
        raise DiagnosticError(EmptyData(None, f"`{named}` is empty", "", help))
    if twice := [name for name in header if header.count(name) > 1]:
        reason = f"two of its columns are called `{twice[0]}`"
        raise _unreadable(named, reason, "call them differently")


def _unreadable(named: str, reason: str, help: str) -> DiagnosticError:
    return DiagnosticError(DataFileUnreadable(None, named, reason, help))
