"""The target column of a table holds a class for each row, or a number to predict."""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from netlang.catalogue.arguments import fits_float32
from netlang.catalogue.data.tables.cells import parse_number
from netlang.catalogue.data.tables.labels import are_codes, as_number, in_order, is_whole
from netlang.catalogue.data.tables.missing import missing
from netlang.catalogue.data.tables.notation import interpret
from netlang.system.record import Record

_FEW_CLASSES = 20  # at most: whole numbers that need two rows each
_ROWS_OF_MANY = 10  # that each of more classes needs
_OBVIOUS_CLASSES = 10  # at most: nobody would take them for anything else
_LEAST_ALIKE = 0.9  # of the cells that are no plain numbers, to be numbers in another notation
_MOST_NAMES = 5  # numbers with one unit that may be names, such as doses
_MOST_INTERPRETED = 200  # of these cells, the most frequent ones
_DIGIT = re.compile(r"\d")


class Refusal(Record):
    """Why the cell in ``row``, from 0, cannot be used: what is ``wanted``, and a way out."""

    row: int
    wanted: str
    help: str
    is_number: bool = False  # whether a number is wanted


class Target(Record):
    """``labels`` are indices into ``classes``; numbers to predict are ``values`` instead.

    ``other_task`` is what whole numbers may have been meant for, where no task is stated;
    ``obvious`` says that this is unlikely.
    """

    classes: tuple[str, ...] | None
    labels: array[int]
    values: array[float]
    refusals: Sequence[Refusal]
    other_task: str = ""
    obvious: bool = True


def read_target(cells: Sequence[str], task: str) -> Target:
    """Read the target of each row from its cell, which has no blanks around it.

    ``task`` is the argument of ``CSV``.
    """
    if task == "regression":
        help = 'to predict classes, leave out `task="regression"`; else mend or remove the row'
        return _regression(cells, help)
    counts = Counter(cells)
    absent = missing(counts)
    present = counts.keys() - absent
    numbers = {cell: found for cell in present if (found := as_number(cell)) is not None}
    rows, numbered = (sum(counts[cell] for cell in group) for group in (present, numbers))
    if task == "auto" and 2 * numbered >= rows and not all(map(is_whole, numbers.values())):
        return _regression(cells, "mend or remove the row")
    if task == "auto" and _are_in_another_notation(counts, present - numbers.keys(), numbers):
        help = 'if each is a class, add `task="classification"`; else mend or remove the row'
        return _regression(cells, help)
    as_numbers = len(numbers) == len(present) or (task == "auto" and 2 * numbered > rows)
    if not as_numbers:
        return _classification(cells, {cell: cell for cell in present}, absent, sorted(present))
    codes = are_codes(numbers)
    if codes:
        numbers = {cell: cell for cell in numbers}
    classes = in_order({*numbers.values()})
    if task == "classification" or codes:
        return _classification(cells, numbers, absent, classes)
    if _is_quantity(classes, numbered):
        help = 'if it is a class, add `task="classification"`; else mend or remove the row'
        return _regression(cells, help).replace(other_task="classification", obvious=False)
    target = _classification(cells, numbers, absent, classes)
    return target.replace(other_task="regression", obvious=len(classes) <= _OBVIOUS_CLASSES)


def _are_in_another_notation(
    counts: Mapping[str, int], others: Collection[str], numbers: Mapping[str, str]
) -> bool:
    """Whether ``others``, with the ``numbers`` among them, are numbers to predict in another
    notation: with decimal commas, separators or a unit.

    Classes may have such names, too: a few doses that repeat are classes, and so are numbers with
    different units.
    """
    looked_at = sorted(others, key=lambda cell: (-counts[cell], cell))[:_MOST_INTERPRETED]
    if not any(map(_DIGIT.search, looked_at)):
        return False
    read = {cell: one for cell in looked_at if (one := interpret(cell)).number}
    if not read or len(read) < _LEAST_ALIKE * len(looked_at):
        return False
    units = Counter(one.unit for one in read.values())
    if max(units.values()) < _LEAST_ALIKE * len(read):
        return False
    values = {as_number(one.number) or one.number for one in read.values()} | {*numbers.values()}
    if "" in units and not all(map(is_whole, values)):
        return True
    rows = sum(counts[cell] for cell in (*read, *numbers))
    return len(values) > _MOST_NAMES or _is_quantity(in_order(values), rows)


def _is_quantity(numbers: Sequence[str], rows: int) -> bool:
    """Whether whole numbers, in order, are a quantity to predict rather than classes.

    They are if there are many with few rows each, or if they leave gaps, as people who number
    classes count up.
    """
    values = len(numbers)
    if values <= 2:
        return False
    if values <= _FEW_CLASSES:
        return rows < 2 * values
    counting = numbers[0] in ("0", "1") and numbers[-1] == str(int(numbers[0]) + values - 1)
    return not counting or rows < _ROWS_OF_MANY * values


def _regression(cells: Sequence[str], help: str) -> Target:
    numbers = {cell: parse_number(cell) for cell in {*cells}}
    # Predictions are 32-bit floats before they are in the target's own units.
    known = {cell: n if fits_float32(n) else math.nan for cell, n in numbers.items()}
    values = array("d", map(known.__getitem__, cells))
    refusals = [
        Refusal(row, "a number to predict", help, is_number=True)
        for row, value in enumerate(values)
        if math.isnan(value)
    ]
    return Target(None, array("q"), values, refusals)


def _classification(
    cells: Sequence[str], class_of: dict[str, str], absent: Collection[str], classes: Sequence[str]
) -> Target:
    """``class_of`` has the class of each cell that names one; the cells in ``absent`` mark a
    missing class.
    """
    labels_of = {name: label for label, name in enumerate(classes)}
    known = {cell: labels_of[name] for cell, name in class_of.items()}
    labels = array("q", (known.get(cell, -1) for cell in cells))
    refusals = [
        _refusal(row, cells[row], is_missing=cells[row] in absent)
        for row, label in enumerate(labels)
        if label < 0
    ]
    return Target(tuple(classes), labels, array("d"), refusals)


def _refusal(row: int, cell: str, is_missing: bool) -> Refusal:
    if not is_missing:
        add = 'if it is a class beside numbers, add `task="classification"`'
        help = f"mend or remove the row; {add}"
        return Refusal(row, "a class's number, as other rows have", help)
    help = "name the row's class, or remove the row"
    if not cell:
        return Refusal(row, "a class", help)
    wanted = "a class; this marks a missing value"
    return Refusal(row, wanted, f"{help}; if `{cell}` names a class, name that otherwise")
