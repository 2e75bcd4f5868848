"""What a table's target means: classes, each row with its own, or numbers to predict."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from netlang.data.cells import is_number, number
from netlang.record import Record

_WHOLE = re.compile(r"[+-]?[0-9]{1,300}")


class Refusal(Record):
    """A row's cell that cannot be used, counted from 0: what is ``wanted`` there, and a way out."""

    row: int
    wanted: str
    help: str


class Target(Record):
    """``labels`` are numbers into ``classes``; for a number to predict, there are ``values``."""

    classes: tuple[str, ...] | None
    labels: Sequence[int]
    values: Sequence[float]
    refusals: Sequence[Refusal]


def read_target(cells: Sequence[str], task: str) -> Target:
    """The target of each row, from its cell; ``task`` is as ``CSV`` takes it."""
    cells = [cell.strip() for cell in cells]
    whole = [bool(_WHOLE.fullmatch(cell)) for cell in cells]
    decimal = any(
        is_number(cell) and not is_whole for cell, is_whole in zip(cells, whole, strict=True)
    )
    if task == "regression" or (task == "auto" and decimal):
        return _numbers(cells, task)
    return _classes(cells, whole, task)


def _numbers(cells: Sequence[str], task: str) -> Target:
    help = "mend or remove the row"
    if task == "regression":
        help = 'to predict classes, leave out `task="regression"`; else mend or remove the row'
    values = [number(cell) for cell in cells]
    refusals = [
        Refusal(row, "a number to predict", help)
        for row, value in enumerate(values)
        if math.isnan(value)
    ]
    return Target(None, [], values, refusals)


def _classes(cells: Sequence[str], whole: Sequence[bool], task: str) -> Target:
    numbered = 2 * sum(whole) > len(cells) and task == "auto"
    refusals = []
    for row, (cell, is_whole) in enumerate(zip(cells, whole, strict=True)):
        if not cell:
            refusals.append(Refusal(row, "a class", "name the row's class, or remove the row"))
        elif numbered and not is_whole:
            wanted = "a class's number, as other rows have"
            refusals.append(Refusal(row, wanted, "mend or remove the row"))
    if all(whole):  # 1, 01 and +1 are one class
        cells = [str(int(cell)) for cell in cells]
    names = sorted(set(cells), key=int if all(whole) else str)
    numbers = {name: index for index, name in enumerate(names)}
    return Target(tuple(names), [numbers[cell] for cell in cells], [], refusals)
