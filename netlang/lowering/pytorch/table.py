"""A table in PyTorch: an exported file reads its rows, and splits them as netlang does."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data import CSV, Table
from netlang.catalogue.data.columns.labels import are_numbers
from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed
from netlang.catalogue.data.pipeline.encoders import shift_and_scale
from netlang.catalogue.data.splits import apportion, part_sizes, split
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal, statement
from netlang.lowering.pytorch.units import GLOBAL, LEARNED, UNITS


@lowers(CSV)
@lowers(Table)
def table(data: Table, folder: Path) -> TorchData:
    # The loader checks nothing, as the compiler has done that.
    file = data.files[0]
    if ending_of(data.path) in FRAMES or is_packed(data.path):
        raise Unsupported("the table is no plain text, and an exported file reads nothing else")
    if others := [one.name for one in data.table.columns if one.kind != "number" or one.missing]:
        lacks = "holds categories, or lacks cells"
        raise Unsupported(f"the column `{others[0]}` {lacks}: an exported file reads numbers alone")
    asked = ("group", "order", "folds")
    others = [name for name in asked if getattr(data, name)]
    others += ["test"] * isinstance(data.test, str) + ["target"] * (len(data.names) > 1)
    if others:
        simple = "an exported file divides one table by shares, and predicts one column"
        raise Unsupported(f"{data.name} has the argument `{others[0]}`: {simple}")
    path = Path(os.path.relpath(file.path, folder)).as_posix()
    classes = data.table.target.classes
    parts = [part for part in ("train", "test", "validation") if part in data.describe().parts]
    seed = "seed" if data.split_seed is None else data.split_seed
    shares = f'split(groups, {data.test}, {data.validation}, generator({seed}, "split"))'
    target = "a number to predict" if classes is None else f"{len(classes)} classes"
    weights = ", weights[rows]" if data.weights else ""
    in_units = classes is None and data.standardize and not data.rows.are_labels
    source = f'''\
{UNITS if in_units else ""}\
{statement(0, "TABLE = ", f"Path(__file__).parent / {literal(path)}")}


def load_data(seed, table=TABLE):
    """The rows of a table, with {target}."""
{GLOBAL if in_units else ""}\
    with open(table, encoding="utf-8-sig") as file:
        rows = csv.reader(file, delimiter={literal(data.request.separator)})
        header, *rows = [row for row in rows if row]
    columns = {{name.strip(): cells for name, cells in zip(header, zip(*rows))}}
{statement(4, "target = ", f"columns.pop({literal(data.names[0])})")}
{_weights_of_rows(data.weights)}\
{_ignored(data.ignore)}\
    inputs = [[float(cell) for cell in cells] for cells in columns.values()]
    inputs = [torch.tensor(cells, dtype=torch.float64).unsqueeze(1) for cells in inputs]
{_VALUES if classes is None else _classes(classes)}\
{statement(4, "parts = ", shares)}
{_STANDARDISED if data.standardize else ""}\
{LEARNED if in_units else _AS_THEY_ARE if classes is None else ""}\
{_weighed(data.weights, classes)}\
    inputs = torch.cat(inputs, 1).to(torch.get_default_dtype())
    samples = [(inputs[rows], targets[rows]{weights}) for rows in parts if len(rows)]
    return dict(zip({literal(parts)}, samples))
'''
    imports = ["import csv", "from pathlib import Path"]
    if classes is not None and are_numbers(classes):
        imports.append("from decimal import Decimal")
    called: list[Callable[..., Any]] = [generator, digest, split, part_sizes, apportion]
    if data.standardize:
        called.append(shift_and_scale)
    uses = (TorchDefinition.of(*called),)
    return TorchData(
        TorchDefinition(source, tuple(imports), uses),
        takes_table=True,
        has_units=in_units,
        weighted=bool(data.weights),
    )


def _weights_of_rows(weights: str) -> str:
    """The column that the rows have their weights in, which is no input."""
    if weights in ("", "balanced"):
        return ""
    column = f"[float(cell) for cell in columns.pop({literal(weights)})]"
    return statement(4, "weights = ", f"torch.tensor({column}, dtype=torch.float64)") + "\n"


def _weighed(weights: str, classes: Sequence[str] | None) -> str:
    """Weights whose mean over the rows to train on is 1."""
    if not weights:
        return ""
    if weights != "balanced" or classes is None:
        return "    weights = (weights / (weights[parts[0]].mean().item() or 1.0)).float()\n"
    return f"""\
    counts = targets[parts[0]].bincount(minlength={len(classes)}).clamp(min=1)
    weights = (len(parts[0]) / ({len(classes)} * counts.double()))[targets].float()
"""


def _ignored(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"""\
{statement(4, "ignored = ", literal(names))}
    columns = {{name: cells for name, cells in columns.items() if name not in ignored}}
"""


_STANDARDISED = """\
    for column in inputs:
        shift, scale = shift_and_scale(column[parts[0]])
        column.sub_(shift).div_(scale)
"""

_AS_THEY_ARE = """\
    targets = targets.to(torch.get_default_dtype())
"""

_VALUES = """\
    targets = [[float(cell)] for cell in target]
    targets = torch.tensor(targets, dtype=torch.float64)
    groups = [torch.arange(len(rows))]
"""


def _classes(names: Sequence[str]) -> str:
    cell = "Decimal(cell.strip())" if are_numbers(names) else "cell.strip()"  # 1 is 1.0
    return f"""\
    classes = [{cell} for cell in target]
    names = {{name: label for label, name in enumerate(sorted(set(classes)))}}
    targets = torch.tensor([names[name] for name in classes])
    groups = targets.argsort(stable=True).split(targets.bincount().tolist())
"""
