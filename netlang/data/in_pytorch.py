"""A table's rows as PyTorch code: how an exported file reads and splits them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netlang.python import literal, statement
from netlang.pytorch import ENCODE, GENERATOR, STANDARDISED, Definition, in_parts

_SPLIT = Definition(
    '''\
def split(groups, test, validation, source):
    """The rows to learn from, to test and to validate on: the same shares of every group."""
    parts = [], [], []
    for group in groups:
        shuffled = group[torch.randperm(len(group), generator=source)]
        aside = round(test * len(group)), round(validation * len(group))
        sizes = [*aside, len(group) - sum(aside)]
        for part, rows in zip((parts[1], parts[2], parts[0]), shuffled.split(sizes)):
            part.append(rows)
    return [torch.cat(part).sort().values for part in parts]
''',
)


def table_loader(
    path: str,
    target: str,
    ignore: Sequence[str],
    delimiter: str,
    classes: Sequence[str] | None,
    shares: tuple[float, float],
    standardize: bool,
    outputs: int,
) -> Definition:
    """``load_data`` for the table at ``path``, of which ``shares`` are to test and to validate on.

    It checks nothing, as the compiler has done that.
    """
    test, validation = shares
    parts = ("train", "test", "validation") if validation else ("train", "test")
    rows = "inputs[rows] for rows in parts"
    lines = [
        "def load_data(seed):",
        f'    """The rows of a table, with {_prose(classes)}."""',
        statement(4, "path = ", literal(path)),
        '    with (Path(__file__).parent / path).open(encoding="utf-8-sig", newline="") as file:',
        f"        rows = csv.reader(file, delimiter={literal(delimiter)})",
        "        header, *rows = [row for row in rows if row]",
        "    columns = {name.strip(): cells for name, cells in zip(header, zip(*rows))}",
        statement(4, "target = ", f"columns.pop({literal(target)})"),
        *_ignored(ignore),
        "    inputs = [[float(cell) for cell in cells] for cells in columns.values()]",
        "    inputs = torch.tensor(inputs, dtype=torch.float64).t()",
        *(_values() if classes is None else _labels(classes, outputs)),
        f'    parts = split(groups, {test}, {validation}, generator(seed, "split"))',
        f"    inputs = {f'standardised(*({rows}))' if standardize else f'[{rows}]'}",
        "    targets = [targets[rows] for rows in parts]",
    ]
    uses = [GENERATOR, _SPLIT]
    uses += [STANDARDISED] if standardize else []
    uses += [] if classes is None else [ENCODE]
    imports = ("import csv", "from pathlib import Path")
    return Definition("\n".join([*lines, in_parts(parts)]), imports, tuple(uses))


def _prose(classes: Sequence[str] | None) -> str:
    return "a number to predict" if classes is None else f"{len(classes)} classes"


def _ignored(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    kept = "{name: cells for name, cells in columns.items() if name not in ignored}"
    return [statement(4, "ignored = ", literal(names)), f"    columns = {kept}"]


def _values() -> list[str]:
    return [
        "    targets = torch.tensor([[float(cell)] for cell in target])",
        "    groups = [torch.arange(len(rows))]",
    ]


def _labels(classes: Sequence[str], outputs: int) -> list[str]:
    are_whole = all(re.fullmatch(r"-?[0-9]+", name) for name in classes)
    cell = "int(cell)" if are_whole else "cell.strip()"
    return [
        f"    classes = [{cell} for cell in target]",
        "    names = sorted(set(classes))",
        "    labels = torch.tensor([names.index(name) for name in classes])",
        "    groups = [(labels == label).nonzero().flatten() for label in range(len(names))]",
        f"    targets = encode(labels, {outputs})",
    ]
