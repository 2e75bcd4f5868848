"""A column is of numbers or of categories; which, its cells decide by the rules here.

A column whose texts all mark missing cells holds numbers. One with other texts holds numbers, too,
and these texts are mistakes, if at least as many cells are numbers, or if the texts are numbers in
another notation. Every other column holds categories: the texts are their names.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Mapping

from netlang.catalogue.data.columns.labels import as_number, in_order
from netlang.catalogue.data.columns.missing import marks_no_number, marks_of_missing
from netlang.catalogue.data.columns.notation import is_infinite
from netlang.catalogue.data.columns.quantities import are_in_another_notation
from netlang.catalogue.data.columns.table import Column
from netlang.catalogue.data.formats.gathering import TRUTHS, Gathering, taken
from netlang.catalogue.data.formats.numbers import are_codes, is_number, parse_number
from netlang.catalogue.data.formats.vocabulary import MANY

_INEXACT = 2.0**53  # from here on, a float does not hold each whole number
_LARGE = 1 << 20  # cells: for as many, numpy is worth its import
_FEW = 20  # categories: as many are no sign of a column that tells rows apart
_MOST = 1000  # categories, each of which makes an input


def are_categories(cells: Gathering) -> bool:
    """Whether a column of these cells holds categories."""
    return cells.as_text or hold_names(cells)


def hold_names(cells: Gathering) -> bool:
    """Whether most of these cells are names, and no numbers, also where all are read as texts."""
    if cells.numbers == cells.rows:
        return False
    counts = cells.vocabulary.by_count()
    others = {text for text in counts if not marks_no_number(text)}
    if not others:
        return False
    numbers = {text for text in others if is_number(text) or is_infinite(text)}
    written = cells.numbers + sum(counts[text] for text in numbers)
    if written >= sum(counts[text] for text in others - numbers):
        return False
    return not are_in_another_notation(counts, others, {})


def are_labels(cells: Gathering) -> bool:
    """Whether each cell is 0 or 1, or false or true, or missing."""
    if not cells.coded and any(number not in (0, 1) for number in cells.values if number == number):
        return False
    texts = (text.lower() for text in cells.vocabulary.texts)
    return all(
        text in TRUTHS or marks_no_number(text) or parse_number(text) in (0, 1) for text in texts
    )


def are_inexact(cells: Gathering) -> bool:
    """Whether these cells are numbers, and some so large that two of them may be one float."""
    if cells.coded or mistakes(cells):
        return False
    if len(cells.values) < _LARGE and "numpy" not in sys.modules:
        return any(not -_INEXACT < value < _INEXACT for value in cells.values if value == value)
    import numpy

    return bool((numpy.abs(numpy.asarray(cells.values)) >= _INEXACT).any())


def mistakes(cells: Gathering) -> list[int]:
    """The codes of the texts that are no numbers, and mark no missing ones."""
    if cells.numbers == cells.rows:
        return []
    return [code for code, text in enumerate(cells.vocabulary.texts) if not marks_no_number(text)]


def numbers(name: str, cells: Gathering) -> Column:
    """The column of the numbers among ``cells``; all others are missing."""
    missing = cells.rows - cells.numbers
    values = cells.release()
    if cells.coded:  # no cell is a number
        values = array("d", [float("nan")]) * len(values)
    return Column(name, "number", values, missing=missing, counted=cells.counted)


def categories(name: str, cells: Gathering) -> Column:
    """The column of the categories that ``cells`` name.

    They are in the order of numbers, if all are numbers, and else sorted by code point.
    """
    counts = cells.vocabulary.by_count()
    absent = marks_of_missing(counts)
    return _categories(name, cells, _names(counts.keys() - absent))


def names(name: str, cells: Gathering) -> Column:
    """The same, where every text but an empty one is a name of its own."""
    return _categories(name, cells, {text: text for text in cells.vocabulary.texts if text})


def _categories(name: str, cells: Gathering, named: Mapping[str, str]) -> Column:
    """The column of the categories that each of the ``named`` texts names; others are missing."""
    counts = cells.vocabulary.by_count()
    order = {name: index for index, name in enumerate(_in_order(named))}
    indices = array("i", [order[named[text]] if text in named else -1 for text in counts])
    count = sum(counts[text] for text in counts.keys() - named.keys())
    values = taken(indices, cells.release())
    return Column(name, "category", values, tuple(order), count, cells.counted)


def first_missing(column: Column, cells: Gathering) -> tuple[str, int]:
    """The first text that marks a missing cell of a ``column``, and its row, from 0."""
    texts, rows = cells.vocabulary.texts, cells.vocabulary.rows
    absent = {""}
    if column.kind != "text":
        of_names = column.kind == "category"
        absent = marks_of_missing(texts) if of_names else {*filter(marks_no_number, texts)}
    return next(one for one in zip(texts, rows, strict=True) if one[0] in absent)


def are_countless(cells: Gathering) -> bool:
    """Whether a column of inputs has so many texts that nobody reads on to count them."""
    if cells.as_text or cells.numbers == cells.rows:
        return False
    return len(cells.vocabulary) > MANY and are_categories(cells)


def are_too_many(column: Column) -> bool:
    """Whether so many categories are no use: hardly any row has one that others have, too."""
    if column.kind != "category":
        return False
    return are_no_categories(len(column.categories), column.rows - column.missing)


def are_no_categories(different: int, cells: int) -> bool:
    """Whether so many ``different`` texts in so many ``cells`` tell rows apart."""
    return (different > _FEW and 2 * different > cells) or different > _MOST


def _names(texts: Collection[str]) -> Mapping[str, str]:
    """The category that each text names: where all are numbers, 1.0 names 1, but 01 and 10 stay."""
    found = {text: as_number(text) or "" for text in texts}
    if all(found.values()) and not are_codes(texts):
        return found
    return {text: text for text in texts}


def _in_order(named: Mapping[str, str]) -> list[str]:
    names = {*named.values()}
    return in_order(names) if all(map(as_number, names)) else sorted(names)
