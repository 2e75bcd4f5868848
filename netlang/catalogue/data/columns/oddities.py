"""Warnings say what is odd about a table that can be used all the same.

Columns may hold one number alone, or numbers that 32-bit floats take for one another; rows may be
copies of others, or be numbered by an input; an input may give the target away; a target may have
been meant otherwise.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import ne

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.columns.labels import lookalikes
from netlang.catalogue.data.columns.suspects import giveaways, row_numbers, targets
from netlang.catalogue.data.columns.table import Column, ReadTable
from netlang.catalogue.data.columns.target import Target
from netlang.catalogue.data.formats.request import TableRequest
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.tables import (
    Blurred,
    ConstantColumns,
    GivenAway,
    LargeTarget,
    NamesMissing,
    NeedlessIgnore,
    RareClasses,
    RepeatedRows,
    RowNumbers,
    SimilarClasses,
    TargetTaken,
    TooFine,
)
from netlang.language.source import Span

_WIDE = 32  # inputs: with as many, some may well be 0 in all rows
_LARGE_TARGET = 100  # mean size of numbers to predict: outputs start near 0, far from more
_LEAST_APART = 0.9  # of a column's numbers: a few of very many may meet by chance

_MOST_ROWS = 100_000  # to look for copies: of more rows, that would take a second
_LEAST_COPIES = 0.1  # of all rows: fewer are not worth a message
_MOST_COARSE = 50  # different whole numbers: a column with more is as good as continuous
_LEAST_COMBINATIONS = 100  # for each row: where so many are possible, chance makes no copies
_CELLS = 1 << 16  # that are put row by row at once
_LEAST_DIFFERENT = 10  # rows, to say that one column tells them apart


def oddities(request: TableRequest, table: ReadTable, unscaled: str) -> Iterator[Diagnostic]:
    """A warning for each oddity of the table; some matter only to inputs that training gets as
    they are, because a file says ``unscaled``, others only to those that are brought to one scale.
    """
    path, target = request.at("path"), request.at("target")
    values = memoryview(table.target.values)
    yield from target_warnings(request.target, table.target, target, table.in_file)
    yield from _needlessly_ignored(request)
    if table.line:
        yield NamesMissing(path, request.path, table.names, table.line)
    for name, numbers in targets(request, table).items():
        if len(numbers) > 1 and _is_constant(memoryview(numbers)):
            yield ConstantColumns(target, (name,), "")
    if not unscaled and (constant := _constant_inputs(request, table)):
        yield ConstantColumns(request.span, constant, _ignoring(request, constant))
    yield from _suspected(request, table)
    if repeated := copies(table.columns, values or table.target.labels):
        yield RepeatedRows(path, repeated, table.rows)
    if not unscaled:
        return
    for name, numbers in targets(request, table).items():
        if blurred_target := blurred(name, numbers):
            yield TooFine(target, "target", (blurred_target,), unscaled)
        elif numbers and (typical := sum(map(abs, numbers)) / len(numbers)) > _LARGE_TARGET:
            yield LargeTarget(target, name, typical, unscaled)
    if blurred_inputs := _blurred_inputs(table):
        argument, _, _ = unscaled.partition("=")
        yield TooFine(request.at(argument), "input", blurred_inputs, unscaled)


def _suspected(request: TableRequest, table: ReadTable) -> Iterator[Diagnostic]:
    for name, target in giveaways(request, table):
        yield GivenAway(request.span, name, target, _ignoring(request, [name]))
    if numbers := row_numbers(request, table):
        yield RowNumbers(request.span, numbers, _ignoring(request, numbers))


def _ignoring(request: TableRequest, names: Sequence[str]) -> str:
    """How to leave out columns beside those that are left out already."""
    return f"ignore={as_source((*request.ignore, *names))}"


def _blurred_inputs(table: ReadTable) -> tuple[Blurred, ...]:
    """The inputs whose numbers training cannot tell apart as they stand in the file."""
    numbers = (column for column in table.columns if column.kind == "number")
    found = (blurred(column.name, memoryview(column.values)) for column in numbers)
    return tuple(one for one in found if one)


def _constant_inputs(request: TableRequest, table: ReadTable) -> tuple[str, ...]:
    """The inputs that are the same in all rows; but of many inputs, not those that are 0.

    A picture's border and a rare word are 0 in all rows by nature. A missing cell is filled in by
    what all others hold, unless an input says where cells are missing.
    """
    indicated = request.missing == "indicator"
    return tuple(
        column.name
        for column in table.columns
        if (column.values[0] or column.categories or len(table.columns) < _WIDE)
        and not (indicated and column.missing)
        and (_are_equal(column) if column.missing else _is_constant(memoryview(column.values)))
    )


def _are_equal(column: Column) -> bool:
    """Whether all cells that are not missing hold the same."""
    least = -math.inf if column.kind == "number" else 0
    present = (value for value in column.values if value >= least)
    first = next(present)
    return all(value == first for value in present)


def _is_constant(cells: memoryview) -> bool:
    return cells[1:] == cells[:-1]


def target_warnings(
    column: str,
    target: Target,
    span: Span | None,
    in_file: Callable[[int], int] = lambda row: row + 1,
) -> Iterator[Diagnostic]:
    """Warnings of an unlikely target; ``span`` is where its ``column`` is named, and ``in_file``
    says the number of a row in the file.
    """
    classes, rows = target.classes, len(target.labels) or len(target.values)
    if not target.obvious:
        different = len({*target.values}) if classes is None else len(classes)
        yield TargetTaken(span, column, classes is not None, different, rows)
    if classes is None:
        return
    labels = memoryview(target.labels)
    if rare := {label for label, count in Counter(labels).items() if count == 1}:
        alone = [(classes[i], in_file(row)) for row, i in enumerate(labels) if i in rare]
        yield RareClasses(span, tuple(alone))
    if alike := lookalikes(classes):
        yield SimilarClasses(span, column, tuple(alike))


def _needlessly_ignored(request: TableRequest) -> Iterator[NeedlessIgnore]:
    further = (name for argument, name in request.others if argument == "target")
    predicted = {request.target, *further}
    others = tuple(name for name in dict.fromkeys(request.ignore) if name not in predicted)
    written = as_source(others) if others else ""
    for name, times in Counter(request.ignore).items():
        if name in predicted or times > 1:
            yield NeedlessIgnore(request.at("ignore"), name, name not in predicted, written)


def blurred(column: str, values: Sequence[float]) -> Blurred | None:
    """How many of ``values`` 32-bit floats tell apart; None if it is nearly all of them.

    NaN, of missing cells, are none.
    """
    numbers = array("d", [number for number in values[:_MOST_ROWS] if number == number])
    if array("d", array("f", numbers)) == numbers:
        return None
    ordered = sorted(numbers)
    different, apart = _different(ordered), _different(array("f", ordered))
    if apart >= _LEAST_APART * different:
        return None
    return Blurred(column, different, apart, ordered[0], ordered[-1])


def _different(ordered: Sequence[float]) -> int:
    changes: int = sum(map(ne, ordered, islice(ordered, 1, None)))
    return 1 + changes


def copies(columns: Sequence[Column], targets: Sequence[float]) -> int:
    """How many rows are copies of an earlier one; 0 where that is natural.

    Rows of few different numbers repeat without being copies. So only fine columns count: those
    with decimals, or with many different whole numbers.
    """
    rows = len(targets)
    if not 1 < rows <= _MOST_ROWS:
        return 0
    different = len({*zip(_keys(columns, rows), targets, strict=True)})
    repeated = rows - different
    if repeated < max(2, _LEAST_COPIES * rows):
        return 0
    numbers = ({*filter(math.isfinite, column.values)} for column in columns)  # NaN are missing
    fine = [len(values) for values in numbers if _is_fine(values)]
    alone = different >= _LEAST_DIFFERENT and max(fine, default=0) >= 0.9 * different
    return repeated if alone or math.prod(fine) >= _LEAST_COMBINATIONS * rows else 0


def _keys(columns: Sequence[Column], rows: int) -> Iterator[int]:
    """A hash of each row, which takes less room than the row; two rows of one hash are next to
    impossible.
    """
    width, count = len(columns), max(1, _CELLS // len(columns))
    for first in range(0, rows, count):
        cells = array("d", bytes(8 * width * min(count, rows - first)))
        for index, column in enumerate(columns):
            cells[index::width] = array("d", column.values[first : first + count])
        view, size = memoryview(cells).cast("B"), 8 * width
        yield from (hash(view[at : at + size].tobytes()) for at in range(0, len(view), size))


def _is_fine(values: set[float]) -> bool:
    return len(values) > _MOST_COARSE or not all(value % 1 == 0 for value in values)
