"""Some inputs a network should not have: those that number rows, and those that tell the target.

A column is looked at up to the first row that clears it, which is mostly one of the first.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data.columns.table import ReadTable
from netlang.catalogue.data.formats.request import TableRequest
from netlang.system.record import Record

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.gathering import Buffer

_LEAST_ROWS = 20  # of fewer, a column may look so by chance
_MOST_ROWS = 100_000  # that are looked at for numbers of rows: of more, that would take a second
_LEAST_OF_CLASS = 5  # rows: of fewer, chance puts all on one side of the others
_LEAST_NAMELESS = 100  # rows, for a column to number them whatever its name is
_EXACT = 1e-9  # how far off a line numbers may be, over the largest of them

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMES = frozenset({"id", "ids", "identifier", "guid", "uuid", "rowid", "rowname", "rownames"})
_NUMBERS = _NAMES | {"index", "idx", "key", "no", "nr", "num", "number", "row", "rownum", "unnamed"}
_TIMES = frozenset(
    {"t", "time", "timestamp", "year", "quarter", "month", "week", "day", "date", "hour"}
    | {"minute", "second", "step", "frame", "epoch", "position"}
)


def row_numbers(request: TableRequest, table: ReadTable) -> tuple[str, ...]:
    """The inputs that number the rows, or name each of them by another number.

    The name tells, or that the numbers count up with the rows, where these are in classes; times
    do that, too, and so does what the rows of an ordered table are at.
    """
    ordered = any(argument == "order" for argument, _ in request.others)
    if table.rows < _LEAST_ROWS or len(table.columns) < 2 or ordered:
        return ()
    nameless = bool(table.target.classes) and table.rows >= _LEAST_NAMELESS
    return tuple(
        column.name
        for column in table.columns
        if column.kind == "number"
        and not column.missing
        and numbers_rows(column.name, column.values, nameless)
    )


def numbers_rows(name: str, numbers: Sequence[float], nameless: bool = False) -> bool:
    """Whether the ``numbers`` of a column number the rows, as its ``name`` tells, or name them; if
    they are ``nameless``, it need not tell where they count up.
    """
    words = {word.lower() for word in _WORDS.findall(name)}
    values = numbers[:_MOST_ROWS]
    if _counts_up(values):
        return bool(words & _NUMBERS) or (nameless and not words & _TIMES)
    return bool(words & _NAMES) and all(map(_is_whole, values)) and len({*values}) == len(values)


def _counts_up(values: Sequence[float]) -> bool:
    """Whether the numbers are 0, 1, 2, ... or 1, 2, 3, ..."""
    first = values[0]
    return first in (0, 1) and all(value == at for at, value in enumerate(values, int(first)))


def _is_whole(value: float) -> bool:
    return value % 1 == 0


def giveaways(request: TableRequest, table: ReadTable) -> Iterator[tuple[str, str]]:
    """The inputs that say a target in every row, each with that target: by another name for each
    class, or by a number that lies on a line.

    An only input may well do so: then that is what there is to learn.
    """
    if table.rows < _LEAST_ROWS or len(table.columns) < 2:
        return
    labels = table.target.labels if table.target.classes else ()
    numbers = targets(request, table) if not labels else {}
    for column in table.columns:
        if column.missing:
            continue
        if labels and _renames(column.values, labels):
            yield column.name, request.target
        if column.kind == "number":
            for target, values in numbers.items():
                if _lie_on_a_line(column.values, values):
                    yield column.name, target


class Threshold(Record):
    """The input ``column`` tells two classes apart by one number: all rows of the class ``below``
    have at most ``low``, and all of the class ``above`` at least ``high``.
    """

    column: str
    below: str
    low: float
    above: str
    high: float


def thresholds(table: ReadTable) -> Iterator[Threshold]:
    """The inputs of which one number tells the two classes of a table apart, in all rows."""
    classes, labels = table.target.classes or (), table.target.labels
    counts = Counter(labels)
    if table.rows < _LEAST_ROWS or len(table.columns) < 2 or len(classes) != 2:
        return
    if {*counts} != {0, 1} or min(counts.values()) < _LEAST_OF_CLASS:
        return
    for column in table.columns:
        if column.kind != "number" or column.missing:
            continue
        if ends := _apart(column.values, labels):
            (_, low, below), (high, _, above) = sorted(ends)
            yield Threshold(column.name, classes[below], low, classes[above], high)


def _apart(cells: Sequence[float], labels: Sequence[float]) -> list[tuple[float, float, int]]:
    """The smallest and the largest cell of each of two classes, with its number; nothing where
    both classes have cells between those of the other.
    """
    least, most = [math.inf, math.inf], [-math.inf, -math.inf]
    for cell, label in zip(cells, labels, strict=True):
        one = int(label)
        least[one], most[one] = min(least[one], cell), max(most[one], cell)
        if most[0] >= least[1] and most[1] >= least[0]:
            return []
    return [(least[one], most[one], one) for one in (0, 1)]


def targets(request: TableRequest, table: ReadTable) -> Mapping[str, Buffer]:
    """The numbers of each target; there are none of classes."""
    asked = zip(request.others, table.others, strict=True)
    others = {
        name: one.values
        for (argument, name), one in asked
        if argument == "target" and one.kind == "number"
    }
    return {request.target: table.target.values, **others}


def _renames(cells: Sequence[float], labels: Sequence[float]) -> bool:
    """Whether each class has a cell of its own, the same in all its rows."""
    cell_of, label_of = dict[float, float](), dict[float, float]()
    for cell, label in zip(cells, labels, strict=True):
        if cell_of.setdefault(label, cell) != cell or label_of.setdefault(cell, label) != label:
            return False
    return len(cell_of) > 1


def _lie_on_a_line(cells: Sequence[float], values: Sequence[float]) -> bool:
    """Whether ``values`` are the cells times a number plus another one."""
    x0, y0 = cells[0], values[0]
    pairs = zip(cells, values, strict=True)
    x1, y1 = next((one for one in pairs if one[0] != x0), (x0, y0))
    if x1 == x0 or y1 == y0:
        return False
    slope = (y1 - y0) / (x1 - x0)
    return all(
        abs(y0 + slope * (x - x0) - y) <= _EXACT * (abs(y0) + abs(slope * (x - x0)) + abs(y))
        for x, y in zip(cells, values, strict=True)
    )
