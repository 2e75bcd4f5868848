"""Rows that lack what they need are left out of a table, as if its file did not have them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import compress
from operator import ne
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data.columns.table import Column, ReadTable
from netlang.catalogue.data.columns.target import Target
from netlang.catalogue.data.formats.gathering import taken

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.gathering import Buffer

_LARGE = 1 << 20  # rows: for as many, numpy is worth its import


class Kept:
    """The rows of a table that stay: of ``count``, those that are not found to lack anything."""

    def __init__(self, count: int) -> None:
        self.stay = bytearray(b"\1") * count

    @property
    def dropped(self) -> int:
        """How many rows lack something."""
        return self.stay.count(0)

    def need(self, values: Buffer) -> None:
        """Rows lack something where ``values`` are NaN, or codes that are negative."""
        if len(values) >= _LARGE:
            import numpy

            cells = numpy.asarray(values)
            absent = numpy.isnan(cells) if cells.dtype.kind == "f" else cells < 0
            numpy.frombuffer(self.stay, numpy.bool_)[absent] = False
            return
        is_number = memoryview(values).format == "d"
        for row, value in enumerate(values):
            if value != value if is_number else value < 0:
                self.stay[row] = 0

    def of(self, values: Buffer) -> Buffer:
        """The values of the rows that stay."""
        if len(values) >= _LARGE:
            import numpy

            stay = numpy.frombuffer(self.stay, numpy.bool_)
            return numpy.asarray(values)[stay].data
        return array(memoryview(values).format, compress(values, self.stay))


def without_gaps(
    table: ReadTable, targets: Iterable[Column], needed: Iterable[Column]
) -> ReadTable:
    """The rows of ``table`` that have a target, also in the further ``targets``, and all cells of
    the columns that are ``needed``.

    What only other rows hold is no class and no category any longer.
    """
    kept, target = Kept(table.rows), table.target
    kept.need(target.values if target.classes is None else target.labels)
    _need(kept, targets)
    without_target = kept.dropped
    _need(kept, needed)
    if not kept.dropped:
        return table
    return table.replace(
        rows=table.rows - kept.dropped,
        columns=tuple(_column(kept, one) for one in table.columns),
        others=tuple(_column(kept, one) for one in table.others),
        target=_target(kept, target),
        kept=array("q", compress(range(table.rows), kept.stay)),
        dropped=kept.dropped,
        without_target=without_target,
    )


def _need(kept: Kept, columns: Iterable[Column]) -> None:
    for column in columns:
        if column.missing:
            kept.need(column.values)


def _column(kept: Kept, column: Column) -> Column:
    values, missing = kept.of(column.values), column.missing
    if column.kind == "number":
        missing = missing and sum(map(ne, values, values))  # NaN are not themselves
        return replace(column, values=values, missing=missing)
    names, codes, absent = _used(column.categories, values)
    return Column(column.name, column.kind, codes, names, absent)


def _target(kept: Kept, target: Target) -> Target:
    if target.classes is None:
        return target.replace(values=kept.of(target.values))
    classes, labels, _ = _used(target.classes, kept.of(target.labels))
    return target.replace(classes=classes, labels=labels)


def _used(names: Sequence[str], codes: Any) -> tuple[tuple[str, ...], Buffer, int]:
    """The ``names`` that some of the ``codes`` stand for, codes for them, and how many are none."""
    counts = Counter(codes)
    used = [code for code in range(len(names)) if code in counts]
    if len(used) < len(names):
        places = array(memoryview(codes).format, [-1]) * (len(names) + 1)  # the last is for -1
        for place, code in enumerate(used):
            places[code] = place
        codes = taken(places, codes)
    return tuple(names[code] for code in used), codes, counts[-1]
