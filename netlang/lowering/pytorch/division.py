"""How an exported file divides the rows of a table: as netlang does, by its own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netlang.catalogue.data import Table
from netlang.catalogue.data.splits import (
    apportion,
    deal,
    deal_groups,
    in_hashed_order,
    part_sizes,
    split,
    split_groups,
    split_ordered,
)
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.python import literal, statement

_SIZES = TorchDefinition.of(part_sizes, apportion)
_BY_ROWS = TorchDefinition.of(generator, digest), _SIZES
_OF_HASHES = "from collections import Counter", "import hashlib"
_BY_GROUPS = TorchDefinition.of(in_hashed_order).replace(imports=_OF_HASHES), _SIZES


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
    seed = "seed" if data.split_seed is None else str(data.split_seed)
    test = 0.0 if isinstance(data.test, str) else data.test
    shares = f"{test}, {data.validation}"
    if data.fold is not None:
        shares = f"{data.folds}, {data.fold - 1}, {data.validation}"
    if data.group:
        functions = [deal_groups, split_groups] if data.folds else [split_groups]
        uses, by = _BY_GROUPS, f"groups, {shares}, {seed}"
        lines = _of_rows("groups", data, data.group, 'f"{float(cells[row]):.17g}"')
    elif data.order:
        functions, uses, by = [split_ordered], (_SIZES,), f"keys, {shares}"
        lines = _of_rows("keys", data, data.order, "float(cells[row])")
    else:
        functions, uses = [deal if data.folds else split], _BY_ROWS
        by = f'groups, {shares}, generator({seed}, "split")'
        lines = _ALL_ALIKE if data.table.target.classes is None else _BY_CLASS
    lines += statement(4, "parts = ", f"{functions[0].__name__}({by})") + "\n"
    lines += _AS_ROWS if data.group or data.order else ""
    lines += "    parts[1] = tested\n" if isinstance(data.test, str) else ""
    return lines, TorchDefinition.of(*functions).replace(uses=uses)


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


def _of_rows(variable: str, data: Table, name: str, number: str) -> str:
    """What a column holds in each row: its text, or ``number`` of it."""
    cell = number if data.rows.others[name].kind == "number" else "cells[row]"
    return f"""\
{statement(4, "cells = ", f"columns[{literal(name)}]")}
{statement(4, f"{variable} = ", f"[{cell} for row in rows.tolist()]")}
"""
