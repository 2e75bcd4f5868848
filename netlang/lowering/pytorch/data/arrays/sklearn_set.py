"""The data sets that come with scikit-learn, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from netlang.catalogue.data import Sklearn
from netlang.catalogue.data.pipeline.scales import shift_and_scale
from netlang.catalogue.data.splits import apportion, part_sizes, split
from netlang.lowering.python.text import statement
from netlang.lowering.pytorch.counterparts import TorchData
from netlang.lowering.pytorch.data.arrays.inputs import shaped
from netlang.lowering.pytorch.data.arrays.loader import has_units, loader, shares
from netlang.lowering.pytorch.data.arrays.targets import GROUPS_OF_CLASSES, targets
from netlang.lowering.pytorch.data.rows import load_data
from netlang.lowering.pytorch.data.units import GLOBAL, UNITS, learned
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Sklearn)
def sklearn_set(data: Sklearn, folder: Path) -> TorchData:
    name, arguments = f"load_{data.set}", "scaled=False" if data.set == "diabetes" else ""
    if not data.arranged.columns:
        return _sklearn_array(data, name, arguments)
    in_units, parts = has_units(data), data.describe().parts
    groups = GROUPS_OF_CLASSES if data.arranged.targets.classes else _GROUP_OF_VALUES
    beginning = f'''\
{UNITS if in_units else ""}\
def load_data(seed):
    """The samples of {data.set}, which comes with scikit-learn."""
{GLOBAL if in_units else ""}\
    found = {name}({arguments})
    targets = torch.from_numpy(found.target)
{groups}\
{statement(4, "parts = ", shares(data))}
{learned(beside_classes=False) if in_units else ""}\
    parts = [rows for rows in parts if len(rows)]
    inputs = [torch.from_numpy(found.data)[rows] for rows in parts]
    targets = [targets[rows] for rows in parts]
'''
    copied: list[Callable[..., Any]] = [split, part_sizes, apportion]
    copied += [shift_and_scale] if in_units else []
    definition = load_data(
        beginning,
        [part for part in ("train", "test", "validation") if part in parts],
        data.standardize,
        *copied,
        imports=(f"from sklearn.datasets import {name}",),
    )
    return TorchData(definition, has_units=in_units)


def _sklearn_array(data: Sklearn, name: str, arguments: str) -> TorchData:
    """The samples are scaled by channel, as those of any array are."""
    named = "samples" if data.arranged.targets.are_inputs else "samples, targets"
    given = "found.data" if data.arranged.targets.are_inputs else "found.data, found.target"
    reading = f"    found = {name}({arguments})\n    {named} = {given}\n"
    imports = (f"from sklearn.datasets import {name}",)
    return loader(data, "", reading + shaped(data) + targets(data), imports=imports)


_GROUP_OF_VALUES = """\
    targets = targets.unsqueeze(1)
    groups = [torch.arange(len(targets))]
"""
