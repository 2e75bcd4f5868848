"""The rows of a table of text come in parts, so that a table may have any length."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import IO

from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable, EmptyData

_CELLS = 1 << 16  # of a part

Part = tuple[int, Mapping[str, Sequence[str]]]


def in_parts(file: IO[bytes], named: str, delimiter: str) -> Iterator[Part]:
    """The number of each part's first row, from 1 on, and its columns. There is one part at least.

    Raises DiagnosticError for a file that is no table.
    """
    text = io.TextIOWrapper(file, "utf-8-sig", newline=None)
    lines = csv.reader(text, delimiter=delimiter, strict=True)
    rows, first = filter(None, lines), 1
    try:
        header = [cell.strip() for cell in next(rows, [])]
        if not header:
            help = "its first line names the columns, each line after it is a sample"
            raise DiagnosticError(EmptyData(None, f"`{named}` is empty", "", help))
        if twice := [name for name in header if header.count(name) > 1]:
            raise _unreadable(named, f"two of its columns are called `{twice[0]}`")
        count = max(1, _CELLS // len(header))
        while (part := list(islice(rows, count))) or first == 1:
            for row, cells in enumerate(part, first):
                if len(cells) != len(header):
                    has = f"row {row} has {len(cells)} cells, and its first line {len(header)}"
                    raise _unreadable(named, has)
            columns = zip(*part, strict=True) if part else [()] * len(header)
            yield first, dict(zip(header, columns, strict=True))
            first += max(1, len(part))
    except csv.Error as error:
        raise _unreadable(named, f"line {lines.line_num}: {error}") from None
    except UnicodeDecodeError:
        raise _unreadable(named, "it is no text in UTF-8") from None
    finally:
        with suppress(ValueError):  # the file is closed already
            text.detach()


def _unreadable(named: str, reason: str) -> DiagnosticError:
    return DiagnosticError(DataFileUnreadable(None, named, reason, "save it as UTF-8 text"))
