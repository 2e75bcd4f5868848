"""The cells of a large table of text are read here, block by block, by polars.

A block goes to polars as text, and comes back as columns of texts, which numpy and polars take for
numbers many at a time. What is no plain number is looked at text by text, by the same rules as in a
small table; and where quotes or line breaks are such that polars may part cells otherwise than csv
of the standard library, the rest of the file is left to that. So both find the same table.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import IO, TYPE_CHECKING

import numpy as np
import polars as pl

from netlang.catalogue.data.formats.content import joined
from netlang.catalogue.data.formats.gathering import Gathering, add_rows
from netlang.catalogue.data.formats.rows import Mark, Rows
from netlang.catalogue.data.formats.series import add_series, are_plain, keep_limited
from netlang.system.record import Record

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.source import Slice

_BLOCK = 1 << 23  # bytes that are read at once
_LONGEST = 1 << 20  # bytes that a block may be longer, to end where a row does
_BLANK_LINES = re.compile(rb"\n\n+")
_QUOTE, _LINE = ord('"'), ord("\n")


class LargeText(Rows):
    """A table of text of any size."""

    def gather(
        self, columns: Sequence[int], as_text: Collection[int], limited: Collection[int] = ()
    ) -> dict[int, Gathering]:
        gathered = {column: Gathering(column in as_text) for column in columns}
        plain = {*columns} - {*as_text}  # of numbers alone, in the last block
        pieces = self._pieces(plain)
        for piece in pieces:
            if isinstance(piece, list):
                add_rows(chain([piece], pieces), gathered)  # type: ignore[arg-type]
                break
            for column, cells in gathered.items() if piece.frame.height else ():
                series = piece.frame.to_series(column)
                if series.dtype == pl.Float64:  # which are plain, as is known
                    cells.add_numbers(series.to_numpy().data)
                    continue
                is_plain = add_series(cells, series, piece.may_be_tiny)
                (plain.add if is_plain else plain.discard)(column)
            if not all(keep_limited(gathered[column]) for column in limited):
                break
        return gathered

    def slices(self) -> Iterator[Slice]:
        first = 1
        for piece in self._pieces(()):
            if isinstance(piece, list):
                named = zip(self.header, zip(*piece, strict=True), strict=True)
                yield first, {name: pl.Series(name, cells, pl.String) for name, cells in named}
                first += len(piece)
            else:
                yield first, dict(zip(self.header, piece.frame, strict=True))
                first += piece.frame.height
        if first == 1:
            yield first, {name: pl.Series(name, [], pl.String) for name in self.header}

    def _pieces(self, plain: Collection[int]) -> Iterator[Parted | list[list[str]]]:
        """All rows: blocks of them, while polars can be trusted to part their cells, and then those
        that csv finds. Columns that are ``plain`` when a block is read come as numbers.

        Raises Malformed, Ragged.
        """
        with self.open() as file:
            head = b"".join(file.readline() for _ in range(self.header_lines))
            mark = Mark(0, self.header_lines + 1, len(head))
            if _has_lone_returns(head):  # which end lines, too
                yield from self.chunks(joined(head, file))
                return
            while text := _block(file):
                self.marks.append(mark)
                block = _clear(text, self)
                found = _parted(block, self, plain) if block else None
                if found is None:
                    yield from self.chunks(joined(text, file), mark)
                    return
                yield found
                rows, lines = found.frame.height, found.frame.height
                if found.block.quoted or found.block is not block or not _is_full(found.frame):
                    lines = _count(text, _LINE)
                mark = Mark(mark.row + rows, mark.line + lines, mark.bytes + len(text))


def _has_lone_returns(text: bytes) -> bool:
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")


def _block(file: IO[bytes]) -> bytes:
    """The next rows of a file; b"" at its end. If the last one is not whole, it may be that no line
    break ends it.

    The text behind an odd number of quotes is in quotes, and line breaks there are no row's.
    """
    pieces = [file.read(_BLOCK), file.readline(_LONGEST)]
    quotes, longer = _count(pieces[0], _QUOTE) + _count(pieces[1], _QUOTE), 0
    while quotes % 2 and longer < _LONGEST and (line := file.readline(_LONGEST)):
        pieces.append(line)
        quotes, longer = quotes + _count(line, _QUOTE), longer + len(line)
    text = b"".join(pieces)
    if not text or text.endswith(b"\n"):
        return text
    more = file.read(1)
    return text + (more or b"\n")


def _count(text: bytes, character: int) -> int:
    """How often a character of ASCII stands in a text."""
    if character not in text:
        return 0
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == character))


class Block(Record):
    """Rows of a table, with quotes around some cells if it is ``quoted``."""

    text: bytes
    delimiter: int
    quoted: bool

    @property
    def delimiters(self) -> int:
        """How many delimiters there are between cells."""
        if not self.quoted:
            return _count(self.text, self.delimiter)
        text = np.frombuffer(self.text, np.uint8)
        quotes, delimiters = np.flatnonzero(text == _QUOTE), text == self.delimiter
        return int((np.searchsorted(quotes, np.flatnonzero(delimiters)) % 2 == 0).sum())

    @cached_property
    def may_be_tiny(self) -> bool:
        """Whether a number may be read as 0, and is not 0."""
        pieces = np.frombuffer(self.text, np.uint8, len(self.text) // 100 * 100).reshape(-1, 100)
        # A number of 300 zeros holds all of one of these pieces.
        pieces = pieces[pieces[:, 0] == ord("0")]
        has_zeros = bool((pieces == ord("0")).all(1).any())
        # A single character is looked for many times faster.
        return has_zeros or any(e in self.text and e + b"-" in self.text for e in (b"e", b"E"))

    def without_blank_lines(self) -> Block:
        return self.replace(text=_BLANK_LINES.sub(b"\n", self.text).lstrip(b"\n"))


def _clear(text: bytes, rows: Rows) -> Block | None:
    """Some rows; None where polars may part the cells otherwise than csv, or csv refuses them."""
    if _has_lone_returns(text) or not text.endswith(b"\n") or text.startswith(BOM_UTF8):
        return None  # polars would leave out a byte-order mark, which is a cell's first character
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    # A line of which a cell may be too long holds one of these pieces.
    half = csv.field_size_limit() // 2
    if any(text.find(_LINE, at, at + half) < 0 for at in range(0, len(text) - half, half)):
        return None
    quoted, delimiter = _QUOTE in text, ord(rows.delimiter)
    if quoted and not _has_quotes_around_cells(text, delimiter):
        return None
    return Block(text, delimiter, quoted)


def _has_quotes_around_cells(block: bytes, delimiter: int) -> bool:
    """Whether the first quote opens a cell, the next one closes it, and so on."""
    text = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(text == _QUOTE)
    around = np.concatenate([text, [_LINE]])  # index -1 is what stands before the first character
    edges = np.concatenate([around[quotes[::2] - 1], around[quotes[1::2] + 1]])
    return len(quotes) % 2 == 0 and bool(np.isin(edges, [delimiter, _LINE]).all())


class Parted(Record):
    """The cells of a ``block``, by column."""

    frame: pl.DataFrame
    block: Block

    def may_be_tiny(self) -> bool:
        return self.block.may_be_tiny


def _parted(block: Block, rows: Rows, plain: Collection[int]) -> Parted | None:
    """The cells of a block: as numbers in those columns that are ``plain`` and hold nothing else,
    and else as texts. None where that takes csv.
    """
    width = len(rows.header)
    schema = {str(column): pl.Float64 if column in plain else pl.String for column in range(width)}
    try:
        frame = pl.read_csv(
            block.text,
            has_header=False,
            schema=schema,
            separator=rows.delimiter,
            quote_char='"' if block.quoted else None,
        )
    except pl.exceptions.PolarsError:  # a number is none, a row has too many cells, or no UTF-8
        return _parted(block, rows, ()) if plain else None
    # A row of too few cells, or of none, is not told from one of empty cells otherwise.
    if not _is_full(frame) and (width == 1 or block.delimiters != frame.height * (width - 1)):
        shorter = block if block.quoted else block.without_blank_lines()
        return _parted(shorter, rows, plain) if len(shorter.text) < len(block.text) else None
    numbers = {column: frame.to_series(column).to_numpy() for column in plain}
    parted = Parted(frame, block)
    still = {c for c, found in numbers.items() if are_plain(found, parted.may_be_tiny).all()}
    return parted if len(still) == len(plain) else _parted(block, rows, still)


def _is_full(frame: pl.DataFrame) -> bool:
    """Whether no last cell is missing."""
    return frame.to_series(frame.width - 1).null_count() == 0
