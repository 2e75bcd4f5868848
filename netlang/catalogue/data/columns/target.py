"""The target column of a table holds a class for each row, or a number to predict."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import SMALLEST, fits_float32
from netlang.catalogue.data.columns.labels import as_number, in_order, is_whole
from netlang.catalogue.data.columns.missing import marks_no_number, marks_of_missing
from netlang.catalogue.data.columns.quantities import are_in_another_notation, is_quantity
from netlang.catalogue.data.formats.gathering import Gathering, taken
from netlang.catalogue.data.formats.numbers import are_codes, parse_number
from netlang.system.record import Record

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.gathering import Buffer

_DROP = 'or leave out the rows without one: `missing="drop"`'
_NO_CLASSES = 'to predict classes, leave out `task="regression"`; else mend or remove the row'
_NO_CLASS = 'if each is a class, add `task="classification"`; else mend or remove the row'
_OBVIOUS_CLASSES = 10  # at most: nobody would take them for anything else


class BadText(Record):
    """Why the text with a ``code`` cannot be used: what is ``wanted``, and a way out."""

    code: int
    wanted: str
    help: str
    is_number: bool = False  # whether a number is wanted
    is_missing: bool = False  # whether the text says that there is none


class Target(Record):
    """``labels`` are indices into ``classes``; numbers to predict are ``values`` instead. A missing
    one is -1, or NaN, where rows that lack cells are going to be dropped.

    ``has_truths`` says that this or a further target has true and false for 1 and 0.
    ``other_task`` is what whole numbers may have been meant for, where no task is stated;
    ``obvious`` says that this is unlikely.
    """

    classes: tuple[str, ...] | None
    labels: Buffer
    values: Buffer
    bad_texts: Sequence[BadText]
    other_task: str = ""
    obvious: bool = True
    has_truths: bool = False

    def of_classes(self, classes: Sequence[str]) -> Target:
        """The same, where these are called by their numbers, and ``classes`` are the names of all
        that there may be.
        """
        places = array("q", map(int, self.classes or ()))
        labels = array("q", [places[int(one)] if one >= 0 else -1 for one in self.labels])
        return self.replace(classes=tuple(classes), labels=labels)


def read_target(cells: Gathering, task: str) -> Target:
    """Read the target of each row from its cell. These are texts, unless there are so very many
    different ones that most are numbers.

    ``task`` is the argument of ``Table``.
    """
    if not cells.as_text:
        return _many_numbers(cells, task)
    if task in ("regression", "labels"):
        return _regression(cells, _NO_CLASSES)
    counts = cells.vocabulary.by_count()
    absent = marks_of_missing(counts)
    present = counts.keys() - absent
    numbers = {cell: found for cell in present if (found := as_number(cell)) is not None}
    rows, numbered = (sum(counts[cell] for cell in group) for group in (present, numbers))
    if task == "auto" and 2 * numbered >= rows and not all(map(is_whole, numbers.values())):
        return _regression(cells, "mend or remove the row")
    if task == "auto" and are_in_another_notation(counts, present - numbers.keys(), numbers):
        return _regression(cells, _NO_CLASS)
    as_numbers = len(numbers) == len(present) or (task == "auto" and 2 * numbered > rows)
    if not as_numbers:
        return _classification(cells, {cell: cell for cell in present}, absent, sorted(present))
    codes = are_codes(numbers)
    if codes:
        numbers = {cell: cell for cell in numbers}
    classes = in_order({*numbers.values()})
    if task == "classification" or codes:
        return _classification(cells, numbers, absent, classes)
    if is_quantity(classes, numbered):
        return _regression(cells, _NO_CLASS).replace(other_task="classification", obvious=False)
    target = _classification(cells, numbers, absent, classes)
    return target.replace(other_task="regression", obvious=len(classes) <= _OBVIOUS_CLASSES)


def _regression(cells: Gathering, help: str) -> Target:
    found = [parse_number(text) for text in cells.vocabulary.texts]
    # Predictions are 32-bit floats before they are in the target's own units.
    known = array("d", [number if fits_float32(number) else math.nan for number in found])
    bad_texts = [
        _no_number(code, cells.vocabulary.texts[code], help)
        for code, number in enumerate(known)
        if math.isnan(number)
    ]
    return Target(None, array("q"), taken(known, cells.release()), bad_texts)


def _many_numbers(cells: Gathering, task: str) -> Target:
    """The target of a large table: so many numbers that they can be nothing but a quantity."""
    import numpy

    values = cells.release()
    numbers = numpy.asarray(values)
    sizes = numpy.abs(numbers)
    for row in numpy.flatnonzero((sizes < SMALLEST) & (sizes > 0)):
        cells.vocabulary.add(repr(values[row]), int(row))
    # NaN, where a cell is none, is not whole, and is none of them.
    other = task == "auto" and not (numbers % 1 > 0).any()
    help = _NO_CLASS if other else "mend or remove the row" if task == "auto" else _NO_CLASSES
    # Numbers too close to 0 have come behind other texts, and may stand before them.
    bad_texts = sorted(
        [_no_number(code, text, help) for code, text in enumerate(cells.vocabulary.texts)],
        key=lambda bad: cells.vocabulary.rows[bad.code],
    )
    found = Target(None, array("q"), values, bad_texts)
    return found.replace(other_task="classification", obvious=False) if other else found


def _classification(
    cells: Gathering, class_of: dict[str, str], absent: Collection[str], classes: Sequence[str]
) -> Target:
    """``class_of`` has the class of each text that names one; the texts in ``absent`` mark a
    missing class.
    """
    labels_of = {name: label for label, name in enumerate(classes)}
    texts = cells.vocabulary.texts
    labels = array("q", [labels_of[class_of[t]] if t in class_of else -1 for t in texts])
    bad_texts = [
        _no_class(code, texts[code], is_missing=texts[code] in absent)
        for code, label in enumerate(labels)
        if label < 0
    ]
    return Target(tuple(classes), taken(labels, cells.release()), array("d"), bad_texts)


def _no_number(code: int, text: str, help: str) -> BadText:
    is_missing = marks_no_number(text)
    help = f"{help}; {_DROP}" if is_missing else help
    return BadText(code, "a number to predict", help, is_number=True, is_missing=is_missing)


def _no_class(code: int, text: str, is_missing: bool) -> BadText:
    if not is_missing:
        add = 'if it is a class beside numbers, add `task="classification"`'
        help = f"mend or remove the row; {add}"
        return BadText(code, "a class's number, as other rows have", help)
    help = f"name the row's class, or remove the row; {_DROP}"
    if not text:
        return BadText(code, "a class", help, is_missing=True)
    wanted, help = (
        "a class; this marks a missing value",
        f"{help}; if `{text}` names a class, name ",
    )
    return BadText(code, wanted, f"{help}that otherwise", is_missing=True)
