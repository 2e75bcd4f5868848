"""How an exported file divides the rows of a table: as netlang does, by its own functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from netlang.catalogue.data import Table
from netlang.catalogue.data.columns.labels import are_numbers, as_number
from netlang.catalogue.data.columns.moments import as_moment
from netlang.catalogue.data.splits import (
    apportion,
    deal,
    deal_groups,
    in_hashed_order,
    next_to,
    part_sizes,
    split,
    split_groups,
    split_ordered,
)
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.data.tables.columns import AS_NUMBER

_SIZES = TorchDefinition.of(part_sizes, apportion)
_BY_ROWS = TorchDefinition.of(generator, digest), _SIZES
_OF_HASHES = "from collections import Counter", "import hashlib"
_BY_GROUPS = TorchDefinition.of(in_hashed_order).replace(imports=_OF_HASHES), _SIZES
_BY_ORDER = TorchDefinition.of(next_to).replace(imports=("import bisect",)), _SIZES


def division(data: Table) -> tuple[str, TorchDefinition]:
    """Lines of ``load_data`` that divide the ``rows`` [N] into ``parts``: those to learn from, to
    test on and to validate on; and the functions that they call.

    Raises Unsupported for folds, unless the file names the one to test on.
    """
    if data.folds and data.fold is None:
        one = "`--set data.fold=1` names one of them"
        raise Unsupported(f"{data.name} has folds, and an exported file trains once: {one}")
    functions: list[Callable[..., Any]]
    uses: tuple[TorchDefinition, ...]
    imports: tuple[str, ...] = ()
    seed = "seed" if data.split_seed is None else str(data.split_seed)
    test = 0.0 if isinstance(data.test, str) else data.test
    shares = f"{test}, {data.validation}"
    if data.fold is not None:
        shares = f"{data.folds}, {data.fold - 1}, {data.validation}"
    if data.group:
        groups = data.rows.others[data.group].categories
        # Equal numbers may be one group.
        is_number = all(as_number(group) == group for group in groups)
        functions = [deal_groups, split_groups] if data.folds else [split_groups]
        uses, by = _BY_GROUPS, f"groups, {shares}, {seed}"
        imports = ("import heapq",) if data.folds else ()
        uses = (*uses, AS_NUMBER) if groups and is_number else uses
        text = "as_number(cells[row])" if is_number else "cells[row]"
        lines = _of_rows("groups", data, data.group, 'f"{float(cells[row]):.17g}"', text)
    elif data.order:
        functions, uses, by = [split_ordered], _BY_ORDER, f"keys, {shares}"
        texts = data.rows.others[data.order].categories
        text, imports = "cells[row]", ()
        if are_numbers(texts):
            text, imports = "Decimal(cells[row])", ("from decimal import Decimal",)
        elif not _is_order_of_texts(texts):
            if odd := _other_than_in_python(texts):
                help = f"write `{data.order}` as in 2024-05-31T14:30 to export the program"
                raise Unsupported(
                    f"Python's `datetime` does not read `{odd}` as netlang does: {help}"
                )
            text = "datetime.fromisoformat(cells[row])"
            imports = ("from datetime import datetime",)
        lines = _of_rows("keys", data, data.order, "float(cells[row])", text)
    else:
        functions, uses = [deal if data.folds else split], _BY_ROWS
        by = f'groups, {shares}, generator({seed}, "split")'
        lines = _ALL_ALIKE if data.rows.strata is None else _BY_CLASS
        if data.rows.are_mixed:
            column = [bool(one) for one in data.rows.classes.values()].index(True)
            lines = _BY_CLASS.replace("targets[rows]", f"targets[rows, {column}].long()")
    lines += statement(4, "parts = ", f"{functions[0].__name__}({by})") + "\n"
    lines += _AS_ROWS if data.group or data.order else ""
    lines += "    parts[1] = tested\n" if isinstance(data.test, str) else ""
    return lines, TorchDefinition.of(*functions).replace(uses=uses, imports=imports)


_ALL_ALIKE = """\
    groups = [rows]
"""

_BY_CLASS = """\
    labels = targets[rows]
    groups = rows[labels.argsort(stable=True)].split(labels.bincount().tolist())
"""

_AS_ROWS = """\
    parts = [rows[torch.tensor(part, dtype=torch.int64)] for part in parts]
"""


def _is_order_of_texts(moments: Sequence[str]) -> bool:
    """Whether sorted texts of moments are in the order of time, and no two are one time."""
    times = [moment.time for moment in map(as_moment, moments) if moment]
    return all(one < other for one, other in pairwise(times))


def _other_than_in_python(moments: Sequence[str]) -> str:
    """The first text that ``datetime`` refuses, or reads as another time; empty if none is."""
    for text in moments:
        if not (moment := as_moment(text)):
            continue
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return text
        first = datetime(1, 1, 1, tzinfo=UTC if found.tzinfo else None)
        if (found - first) // timedelta(microseconds=1) * 1000 != moment.time:
            return text
    return ""


def _of_rows(variable: str, data: Table, name: str, number: str, text: str = "cells[row]") -> str:
    """What a column holds in each row: its ``text``, or ``number`` of it."""
    cell = number if data.rows.others[name].kind == "number" else text
    return f"""\
{statement(4, "cells = ", f"columns[{literal(name)}]")}
{statement(4, f"{variable} = ", f"[{cell} for row in rows.tolist()]")}
"""
