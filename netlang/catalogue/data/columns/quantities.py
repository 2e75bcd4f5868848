"""Numbers may count or measure something, or may be names; these rules tell a quantity by sight."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from netlang.catalogue.data.columns.labels import as_number, in_order, is_whole
from netlang.catalogue.data.columns.notation import interpret

_FEW_CLASSES = 20  # at most: whole numbers that need two rows each
_ROWS_OF_MANY = 10  # that each of more classes needs
_LEAST_ALIKE = 0.9  # of the cells that are no plain numbers, to be numbers in another notation
_MOST_NAMES = 5  # numbers with one unit that may be names, such as doses
_MOST_INTERPRETED = 200  # of these cells, the most frequent ones
_DIGIT = re.compile(r"\d")


def are_in_another_notation(
    counts: Mapping[str, int], others: Collection[str], numbers: Mapping[str, str]
) -> bool:
    """Whether ``others``, with the ``numbers`` among them, are numbers in another notation:
    with decimal commas, separators or a unit.

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
    return len(values) > _MOST_NAMES or is_quantity(in_order(values), rows)


def is_quantity(numbers: Sequence[str], rows: int) -> bool:
    """Whether whole numbers, in order, are a quantity rather than classes.

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
