"""The cells of a column are gathered here, piece by piece, before anybody knows what they mean."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data.formats.numbers import are_codes, is_number, parse_number, parse_numbers
from netlang.catalogue.data.formats.vocabulary import Vocabulary

if TYPE_CHECKING:
    Buffer = array[float] | array[int] | memoryview


TRUTHS = {"true": "1", "false": "0"}
"""What truth values are as numbers; they may be written in capitals, too."""

_NONE = array("i")
_LARGE = 1 << 20  # cells: for as many, numpy is worth its import
_FIRST = 1 << 16  # cells of a column that is counted alone


class Gathering:
    """The cells of a column, so far: each is a number, or one of the texts of ``vocabulary``.

    While all cells are texts, ``values`` are their codes (int32), and it is ``coded``; else they
    are the numbers (float64), with NaN for a text. With ``as_text``, a number is a text, too.
    ``is_cut_off`` says that its file was not read to the end.
    """

    # A table may have a hundred thousand columns, most of which are an array and no more.
    __slots__ = ("_values", "_vocabulary", "as_text", "coded", "is_cut_off", "rows")

    def __init__(self, as_text: bool = False) -> None:
        self.as_text, self.coded = as_text, True
        self.rows, self.is_cut_off = 0, False
        self._vocabulary: Vocabulary | None = None
        self._values: array[Any] = _NONE

    @property
    def vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            self._vocabulary = Vocabulary()
        return self._vocabulary

    @property
    def numbers(self) -> int:
        """How many cells are numbers."""
        return self.rows - (sum(self._vocabulary.counts) if self._vocabulary else 0)

    def add_numbers(self, numbers: Buffer) -> None:
        """Add cells that are numbers, or have been added to ``vocabulary`` and are NaN here."""
        if self.coded:
            self.coded = False
            self._values = _nothing(len(self._values))
        self._append(numbers)

    def add_codes(self, codes: Buffer) -> None:
        """Add cells that are all texts, by their codes."""
        self._append(codes if self.coded else _nothing(len(codes)))

    def _append(self, values: Buffer) -> None:
        if self.rows:
            # A large array grows where it is, as nothing that numpy has can.
            self._values.frombytes(memoryview(values).cast("B"))
        elif isinstance(values, array):
            self._values = values
        else:
            self._values = array(values.format, values.tobytes())
        self.rows += len(values)

    def add(self, cells: Sequence[str]) -> None:
        """Add cells as they are written."""
        cells = [cell.strip() for cell in cells]
        known = {} if self.as_text else {cell: parse_number(cell) for cell in {*cells}}
        if all(map(math.isnan, known.values())):
            self.add_codes(self.vocabulary.add_all(cells, self.rows))
            return
        numbers = array("d", map(known.__getitem__, cells))
        for row, (cell, number) in enumerate(zip(cells, numbers, strict=True), self.rows):
            if math.isnan(number):
                self.vocabulary.add(cell, row)
        self.add_numbers(numbers)

    def take_numbers(self) -> None:
        """Take numbers for numbers from now on, and those that are there, if most cells are. They
        are none if they are codes.
        """
        texts = self.vocabulary
        if are_codes([*filter(is_number, texts.texts)]):
            return
        numbers = array("d", map(parse_number, texts.texts))
        each = [*zip(texts.texts, texts.rows, texts.counts, numbers, strict=True)]
        others = [(text, row, count) for text, row, count, number in each if math.isnan(number)]
        if 2 * sum(count for _, _, count in others) > self.rows:
            return
        self._values = taken(numbers, self._values)
        self._vocabulary, self.as_text, self.coded = Vocabulary(), False, False
        for text, row, count in others:
            self.vocabulary.add(text, row, count)

    @property
    def has_truths(self) -> bool:
        """Whether all cells are texts, and some are truth values."""
        return self.coded and any(text.lower() in TRUTHS for text in self.vocabulary.texts)

    def without_truths(self, as_text: bool = False) -> Gathering:
        """The cells, all of them texts, with 1 for true and 0 for false."""
        found = Gathering(as_text)
        texts = [TRUTHS.get(text.lower(), text) for text in self.vocabulary.texts]
        found.add([texts[code] for code in self._values])
        return found

    def of_rows(self, rows: Sequence[int]) -> Gathering:
        """The cells of some rows, in ascending order. Texts among numbers mark missing cells."""
        found = Gathering(self.as_text)
        if self.coded:
            texts = self.vocabulary.texts
            cells = (texts[self._values[row]] for row in rows)
            found.add_codes(found.vocabulary.add_all(cells, 0))
            return found
        numbers = array("d", [self._values[row] for row in rows])
        for row, number in enumerate(numbers):
            if math.isnan(number):
                found.vocabulary.add("", row)
        found.add_numbers(numbers)
        return found

    @property
    def counted(self) -> int:
        """How many cells there are, where ``values`` are not all of them; else 0."""
        return 0

    @property
    def values(self) -> array[Any]:
        """The codes or the numbers of all cells."""
        return self._values

    def release(self) -> array[Any]:
        """The same, which are not held here any longer."""
        values, self._values = self._values, _NONE
        return values


class Counted(Gathering):
    """The cells of a column that is too long to be kept: the first are, and all are counted."""

    __slots__ = ()

    @property
    def counted(self) -> int:
        return self.rows

    def _append(self, values: Buffer) -> None:
        rows, kept = self.rows + len(values), memoryview(values)[: _FIRST - len(self._values)]
        if len(kept) or not self.rows:
            super()._append(kept)
        self.rows = rows


def _nothing(count: int) -> array[float]:
    return array("d", [math.nan]) * count


def taken(values: array[Any], codes: array[int]) -> array[Any]:
    """For each of ``codes``, the one of ``values`` that it counts to."""
    if len(codes) < _LARGE and "numpy" not in sys.modules:
        return array(values.typecode, map(values.__getitem__, codes))
    import numpy

    return array(values.typecode, numpy.asarray(values)[numpy.asarray(codes)].tobytes())


def add_rows(chunks: Iterable[Sequence[Sequence[str]]], gathered: Mapping[int, Gathering]) -> None:
    """Add the cells of more rows, by column."""
    # Columns of numbers alone, as far as these rows show
    clean = [column for column, cells in gathered.items() if not cells.as_text]
    for chunk in chunks:
        for column in gathered.keys() - {*clean}:
            gathered[column].add([row[column] for row in chunk])
        clean = _add_numbers(chunk, clean, gathered)


def _add_numbers(
    rows: Sequence[Sequence[str]], columns: Sequence[int], gathered: Mapping[int, Gathering]
) -> list[int]:
    """Add rows of cells that are expected to be numbers; the columns where all of them are."""
    if not columns:
        return []
    picked = map(itemgetter(*columns), rows)
    flat = list(picked if len(columns) == 1 else chain.from_iterable(picked))
    found = parse_numbers(flat)
    clean = list[int]()
    for index, column in enumerate(columns):
        place = slice(index, None, len(columns))
        numbers = found[place] if found else parse_numbers(flat[place])
        if numbers is None:
            gathered[column].add(flat[place])
        else:
            gathered[column].add_numbers(numbers)
            clean.append(column)
    return clean
