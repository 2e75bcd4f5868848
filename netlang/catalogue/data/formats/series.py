"""Cells that came as a series of polars are gathered here, by the same rules as cells of text.

Numbers are taken as they are, and all else as text: training, a test file, predictions and
evaluations know one text of a cell, whatever its type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.formats.numbers import parse_number
from netlang.catalogue.data.formats.source import Unfit
from netlang.catalogue.data.formats.vocabulary import MANY, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = NDArray[np.int64]

_MANY = 100_000  # different texts: few targets have so many
_NO_CELLS = (pl.Binary, pl.Object, pl.Duration)


def texts_of(series: pl.Series) -> pl.Series:
    """The text of each cell, as NDJSON has it, and null where there is none.  Raises Unfit.

    A time is the same text in any unit: a fraction of a second has no more digits than it needs.
    """
    match series.dtype:
        case pl.String():
            return series
        case pl.Datetime(time_zone=zone):
            form = "%Y-%m-%dT%H:%M:%S%.f%:z" if zone else "%Y-%m-%d %H:%M:%S%.f"
            return series.dt.to_string(form)
        case pl.Time():
            return series.dt.to_string("%H:%M:%S%.f")
        case kind if kind.is_nested() or kind in _NO_CELLS:
            raise Unfit(series.name, str(kind))
    return series.cast(pl.String)


def add_series(
    cells: Gathering, series: pl.Series, may_be_tiny: Callable[[], bool] = lambda: True
) -> bool:
    """Add more cells; whether they are numbers alone, plainly written.

    Of texts, ``may_be_tiny`` says whether a number may be read as 0, and is not 0.  Raises Unfit.
    """
    if series.dtype.is_numeric() and not cells.as_text:
        return _add_numbers(cells, series)
    if not len(series):
        return False
    texts = texts_of(series)
    if cells.as_text:
        _add_codes(cells, texts)
        return False
    numbers = np.array(texts.cast(pl.Float64, strict=False).to_numpy())
    others = np.flatnonzero(~are_plain(numbers, may_be_tiny))
    if not len(others):
        cells.add_numbers(numbers.data)
        return True
    found, codes, firsts, counts = _different(texts.gather(others))
    values = np.array([parse_number(text) for text in found])
    if np.isnan(values).all() and len(others) == len(numbers):
        _add_codes(cells, texts)
        return False
    numbers[others] = values[codes]
    for index in np.flatnonzero(np.isnan(values)).tolist():
        row = cells.rows + int(others[firsts[index]])
        cells.vocabulary.add(found[index], row, int(counts[index]))
    cells.add_numbers(numbers.data)
    return False


def keep_limited(cells: Gathering) -> bool:
    """Whether more texts may come: they are not too many, or those that are numbers become such.
    If not, the cells are cut off.
    """
    if len(cells.vocabulary) <= (_MANY if cells.as_text else MANY):
        return True
    was_as_text = cells.as_text
    if was_as_text:
        cells.take_numbers()
    cells.is_cut_off = not was_as_text
    return was_as_text


def are_plain(numbers: NDArray[np.float64], may_be_tiny: Callable[[], bool]) -> NDArray[np.bool_]:
    """Which are numbers as netlang reads them, for certain."""
    plain = np.abs(numbers) <= LARGEST  # NaN, of what is no number, is not
    zero = numbers == 0
    return plain & ~zero if zero.any() and may_be_tiny() else plain


def _add_numbers(cells: Gathering, series: pl.Series) -> bool:
    """Add cells that are numbers, but for missing ones, and for what no 32-bit float can hold."""
    numbers = series.cast(pl.Float64).to_numpy()
    if numbers.min(initial=0) >= -LARGEST and numbers.max(initial=0) <= LARGEST:  # and none is NaN
        cells.add_numbers(numbers.data)
        return True
    others = np.flatnonzero(~(np.abs(numbers) <= LARGEST))
    nulls, numbers = series.is_null().to_numpy(), np.array(numbers)
    texts = ["" if nulls[row] else repr(float(numbers[row])) for row in others.tolist()]
    codes = [
        cells.vocabulary.add(text, cells.rows + row)
        for text, row in zip(texts, others.tolist(), strict=True)
    ]
    if len(codes) == len(numbers):
        cells.add_codes(np.array(codes, np.int32).data)
        return False
    numbers[others] = np.nan
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
