"""An exported file reads the rows of a table, and splits them as netlang does.

Its functions are twins of those in netlang/catalogue/data/tables/splits.py, which it cannot import.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data import CSV
from netlang.catalogue.data.tables.labels import are_numbers
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.data import GENERATOR, STANDARDISED, in_parts
from netlang.lowering.pytorch.python import literal, statement
from netlang.lowering.pytorch.table import lowers

_SIZES = TorchDefinition(
    '''\
def apportion(total, quotas, most, off):
    """Round the quotas to whole numbers from 0 to most that sum to total.

    The largest remainders are rounded up. Before them come groups whose number would otherwise be
    more than 1 away from their exact share, which may be off from the quota on either side.
    """
    counts = [min(max(math.floor(q), 0), m) for q, m in zip(quotas, most)]
    while missing := total - sum(counts):
        step = 1 if missing > 0 else -1
        gaps = [step * (q - count) for q, count in zip(quotas, counts)]
        beyond = [max(g + o - 1, 0) - max(o - g, 0) for g, o in zip(gaps, off)]
        open = [i for i, count in enumerate(counts) if 0 <= count + step <= most[i]]
        open = sorted(open, key=lambda i: (beyond[i], gaps[i]), reverse=True)
        for i in open[: abs(missing)]:
            counts[i] += step
    return counts


def spread(groups, test, validation):
    """How many rows of each group are to test, to validate on and to learn from."""
    rows = sum(groups)
    total, share = round(test * rows), validation * rows
    most = math.ceil(share - 0.5) if total > test * rows else math.floor(share + 0.5)
    quotas = [test * rows for rows in groups]
    tests = apportion(total, quotas, groups, [0.0] * len(groups))
    halves = [(count - quota) / 2 for count, quota in zip(tests, quotas)]
    quotas = [validation * rows - half for rows, half in zip(groups, halves)]
    left = [rows - count for rows, count in zip(groups, tests)]
    off = [abs(half) for half in halves]
    validations = apportion(min(most, rows - total), quotas, left, off)
    trains = [rows - count for rows, count in zip(left, validations)]
    return list(zip(tests, validations, trains))
'''
)

_SPLIT = TorchDefinition(
    '''\
def split(groups, test, validation, source):
    """The rows to learn from, to test and to validate on: of every group nearly the same shares."""
    shuffled = [group[torch.randperm(len(group), generator=source)] for group in groups]
    shuffled = [shuffled[i] for i in torch.randperm(len(groups), generator=source)]
    sizes = spread([len(group) for group in shuffled], test, validation)
    pieces = [group.split(size) for group, size in zip(shuffled, sizes)]
    test, validation, train = (torch.cat(part).sort().values for part in zip(*pieces))
    return [train, test, validation]
''',
    uses=(_SIZES,),
)


@lowers(CSV)
def csv(data: CSV, folder: Path) -> TorchDefinition:
    # The loader checks nothing, as the compiler has done that.
    (file,) = data.files
    path = Path(os.path.relpath(file.path, folder)).as_posix()
    classes = data.table.target.classes
    parts = ("train", "test", "validation") if data.validation else ("train", "test")
    shares = f'split(groups, {data.test}, {data.validation}, generator(seed, "split"))'
    target = "a number to predict" if classes is None else f"{len(classes)} classes"
    rows = "inputs[rows] for rows in parts"
    lines = [
        statement(0, "TABLE = ", f"Path(__file__).parent / {literal(path)}"),
        "",
        "",
        "def load_data(seed, table=TABLE):",
        f'    """The rows of a table, with {target}."""',
        '    with open(table, encoding="utf-8-sig") as file:',
        f"        rows = csv.reader(file, delimiter={literal(data.delimiter)})",
        "        header, *rows = [row for row in rows if row]",
        "    columns = {name.strip(): cells for name, cells in zip(header, zip(*rows))}",
        statement(4, "target = ", f"columns.pop({literal(data.target)})"),
        *_ignored(data.ignore),
        "    inputs = [[float(cell) for cell in cells] for cells in columns.values()]",
        "    inputs = torch.tensor(inputs, dtype=torch.float64).t()",
        *(_VALUES if classes is None else _classes(classes)),
        statement(4, "parts = ", shares),
        f"    inputs = {f'standardised(*({rows}))' if data.standardize else f'[{rows}]'}",
        "    targets = [targets[rows] for rows in parts]",
        in_parts(parts),
    ]
    decimal = classes is not None and are_numbers(classes)
    imports = ["import csv", "from pathlib import Path"]
    imports += ["from decimal import Decimal"] if decimal else []
    uses = (GENERATOR, _SPLIT, *([STANDARDISED] if data.standardize else []))
    return TorchDefinition("\n".join(lines), tuple(imports), uses, takes_table=True)


def _ignored(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    kept = "{name: cells for name, cells in columns.items() if name not in ignored}"
    return [statement(4, "ignored = ", literal(names)), f"    columns = {kept}"]


_VALUES = (
    "    targets = torch.tensor([[float(cell)] for cell in target])",
    "    groups = [torch.arange(len(rows))]",
)


def _classes(names: Sequence[str]) -> list[str]:
    cell = "Decimal(cell.strip())" if are_numbers(names) else "cell.strip()"  # 1 is 1.0
    return [
        f"    classes = [{cell} for cell in target]",
        "    names = {name: label for label, name in enumerate(sorted(set(classes)))}",
        "    targets = torch.tensor([names[name] for name in classes])",
        "    groups = targets.argsort(stable=True).split(targets.bincount().tolist())",
    ]
