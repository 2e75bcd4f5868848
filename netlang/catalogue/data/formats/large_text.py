"""The cells of a large table of text are read here, block by block, by polars.

A block goes to polars as text, and comes back as columns of texts, which numpy and polars take for
numbers many at a time. What is no plain number is looked at text by text, by the same rules as in a
small table; and where quotes or line breaks are such that polars may part cells otherwise than csv
of the standard library, the rest of the file is left to that. So both find the same table.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import IO, TYPE_CHECKING

import numpy as np
import polars as pl

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.numbers import parse_number
from netlang.catalogue.data.formats.rows import Mark, Rows
from netlang.catalogue.data.formats.small_text import add_rows
from netlang.catalogue.data.formats.vocabulary import Vocabulary
from netlang.system.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]

_BLOCK = 1 << 23  # bytes that are read at once
_LONGEST = 1 << 20  # bytes that a block may be longer, to end where a row does
_MANY = 100_000  # different texts: no column of so many is an input, and few are a target
_BLANK_LINES = re.compile(rb"\n\n+")
_QUOTE, _LINE = ord('"'), ord("\n")


def gather(
    rows: Rows, columns: Sequence[int], as_text: Collection[int], limited: Collection[int]
) -> dict[int, Gathering]:
    """The cells of some columns, by column; those ``as_text`` have no numbers.

    If one of the ``limited`` columns has very many texts, it takes those that are numbers for such;
    if it does so already, it cannot be of use, and the table is not read to its end.

    Raises Malformed, Ragged.
    """
    gathered = {column: Gathering(column in as_text) for column in columns}
    plain = {*columns} - {*as_text}  # of numbers alone, in the last block
    with rows.open() as file:
        head = b"".join(file.readline() for _ in range(rows.header_lines))
        mark = Mark(0, rows.header_lines + 1, len(head))
        if _has_lone_returns(head):  # which end lines, too
            file.seek(0)
            add_rows(rows.chunks(), gathered)
            return gathered
        while text := _block(file):
            rows.marks.append(mark)
            block = _clear(text, rows)
            frame = _parted(block, rows, plain) if block else None
            if block is None or frame is None:
                file.seek(mark.bytes)
                add_rows(rows.chunks(file), gathered)
                break
            for column, cells in gathered.items() if frame.height else ():
                is_plain = add_series(cells, frame.to_series(column), block)
                (plain.add if is_plain else plain.discard)(column)
            if not all(keep_limited(gathered[column]) for column in limited):
                break
            lines = frame.height
            if block.quoted or not _is_full(frame):
                lines = _count(text, _LINE)
            mark = Mark(mark.row + frame.height, mark.line + lines, mark.bytes + len(text))
    return gathered


def keep_limited(cells: Gathering) -> bool:
    """Whether more texts may come: they are not too many, or those that are numbers become such."""
    if len(cells.vocabulary) <= _MANY:
        return True
    was_as_text = cells.as_text
    if was_as_text:
        cells.take_numbers()
    return was_as_text


def _has_lone_returns(text: bytes) -> bool:
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")


def _block(file: IO[bytes]) -> bytes:
    """The next rows of a file; b"" at its end. If the last one is not whole, no line break ends it.

    The text behind an odd number of quotes is in quotes, and line breaks there are no row's.
    """
    pieces = [file.read(_BLOCK), file.readline(_LONGEST)]
    quotes, longer = _count(pieces[0], _QUOTE) + _count(pieces[1], _QUOTE), 0
    while quotes % 2 and longer < _LONGEST and (line := file.readline(_LONGEST)):
        pieces.append(line)
        quotes, longer = quotes + _count(line, _QUOTE), longer + len(line)
    text = b"".join(pieces)
    is_last = text and not text.endswith(b"\n") and not file.read(1)
    return text + b"\n" if is_last else text


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
    if _has_lone_returns(text) or not text.endswith(b"\n"):
        return None
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


def _parted(block: Block, rows: Rows, plain: Collection[int]) -> pl.DataFrame | None:
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
    if not _is_full(frame) and block.delimiters != frame.height * (width - 1):
        shorter = block if block.quoted else block.without_blank_lines()
        return _parted(shorter, rows, plain) if len(shorter.text) < len(block.text) else None
    numbers = {column: frame.to_series(column).to_numpy() for column in plain}
    still = {c for c, found in numbers.items() if _are_plain(found, block).all()}
    return frame if len(still) == len(plain) else _parted(block, rows, still)


def _is_full(frame: pl.DataFrame) -> bool:
    """Whether no last cell is missing."""
    return frame.to_series(frame.width - 1).null_count() == 0


def _are_plain(numbers: NDArray[np.float64], block: Block) -> NDArray[np.bool_]:
    """Which are numbers as netlang reads them, for certain."""
    plain = np.abs(numbers) <= LARGEST  # NaN, of what is no number, is not
    zero = numbers == 0
    return plain & ~zero if zero.any() and block.may_be_tiny else plain


def add_series(cells: Gathering, series: pl.Series, block: Block) -> bool:
    """Add the cells of a block; whether they are numbers alone, plainly written."""
    if series.dtype == pl.Float64:
        cells.add_numbers(series.to_numpy().data)
        return True
    if cells.as_text:
        _add_codes(cells, series)
        return False
    numbers = np.array(series.cast(pl.Float64, strict=False).to_numpy())
    others = np.flatnonzero(~_are_plain(numbers, block))
    if not len(others):
        cells.add_numbers(numbers.data)
        return True
    found, codes, firsts, counts = _different(series.gather(others))
    values = np.array([parse_number(text) for text in found])
    if np.isnan(values).all() and len(others) == len(numbers):
        _add_codes(cells, series)
        return False
    numbers[others] = values[codes]
    for index in np.flatnonzero(np.isnan(values)).tolist():
        row = cells.rows + int(others[firsts[index]])
        cells.vocabulary.add(found[index], row, int(counts[index]))
    cells.add_numbers(numbers.data)
    return False


def _add_codes(cells: Gathering, texts: pl.Series) -> None:
    found, codes, firsts, counts = _different(texts)
    each = zip(found, firsts.tolist(), counts.tolist(), strict=True)
    known = [cells.vocabulary.add(text, cells.rows + first, count) for text, first, count in each]
    cells.add_codes(np.array(known, np.int32)[codes].data)


def _different(texts: pl.Series) -> tuple[list[str], Indices, Indices, Indices]:
    """The different texts without blanks around them, in their order; and for each cell the index
    of its text, for each text the first cell and how many cells hold it.
    """
    texts = texts.fill_null("")
    raw = texts.unique(maintain_order=True)
    codes = texts.replace_strict(raw, pl.Series(range(len(raw))), return_dtype=pl.Int64).to_numpy()
    vocabulary = Vocabulary()
    merged = np.array([vocabulary.add(text.strip(), 0) for text in raw], np.int64)
    codes = merged[codes]
    firsts = np.zeros(len(vocabulary), np.int64)
    firsts[codes[::-1]] = np.arange(len(codes))[::-1]
    return vocabulary.texts, codes, firsts, np.bincount(codes, minlength=len(vocabulary))
