"""The rows of a table that are divided: those that lack no cells, each of a class that is known."""

from __future__ import annotations

from netlang.catalogue.data import Table
from netlang.lowering.python.text import literal, statement


def rows(data: Table) -> str:
    """The ``rows`` that are divided, which do not lack cells."""
    lines = _ALL if data.missing == "refuse" else _WITH_TARGET
    if data.missing == "drop":
        beside = "".join(_lacking(data, name) for name in divide_or_weigh(data))
        lines = _LACKING + beside + _WHOLE
    if data.rows.are_mixed:
        lines += _OF_SOME_CLASSES
    elif data.table.target.classes:
        lines += _CLASSES
    return lines + (_NOT_TESTED if isinstance(data.test, str) else "")


def divide_or_weigh(data: Table) -> list[str]:
    """The columns that divide rows or weigh them."""
    named = (data.group, data.order, data.weights)
    return [name for name in named if name in data.rows.others]


def _lacking(data: Table, name: str) -> str:
    """Rows lack cells, too, where a column that divides or weighs them does; a file of rows to test
    on need not have one that divides.
    """
    of_one = "[:count]" if isinstance(data.test, str) and name != data.weights else ""
    cells, is_absent = f"columns[{literal(name)}]{of_one}", "cell.casefold() in MISSING"
    lines = ""
    if data.rows.others[name].kind == "category":
        lines = statement(4, "absent = ", f"marks_of_missing({{*{cells}}})") + "\n"
        is_absent = "cell in absent"
    found = f"torch.tensor([{is_absent} for cell in {cells}])"
    return lines + statement(4, f"lacks{of_one} |= ", found) + "\n"


_ALL = """\
    rows = torch.arange(len(targets))
"""

_WITH_TARGET = """\
    rows = (~targets.isnan().any(1)).nonzero().squeeze(1)
"""

_LACKING = """\
    lacks = torch.cat([*values, targets], 1).isnan().any(1)
"""

_WHOLE = """\
    rows = (~lacks).nonzero().squeeze(1)
"""

_CLASSES = """\
    if not (targets[rows] >= 0).all():
        raise ValueError(f"a row has none of the classes {CLASSES}")
    targets = targets.long().squeeze(1)
"""

_NOT_TESTED = """\
    rows, tested = rows[rows < count], rows[rows >= count]
"""


_OF_SOME_CLASSES = """\
    if not (targets[rows][:, named] >= 0).all():
        raise ValueError(f"a row has none of the classes {CLASSES}")
"""
