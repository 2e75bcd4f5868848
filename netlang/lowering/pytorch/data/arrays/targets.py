"""The targets of arrays in PyTorch: lines that make class numbers or values of what a file has."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.data.arrays.targets import IGNORED
from netlang.catalogue.targets import NO_CLASS
from netlang.lowering.python.text import statement


def targets(data: ArrayData) -> str:
    """Statements that make class numbers or values of targets as they are in the file."""
    found, names = data.arranged.targets, ["targets"]
    if found.are_inputs:
        return GROUP_OF_INPUTS
    if data.arranged.further:
        return _several_targets(data.arranged)
    if data.arranged.tested:
        names.append("test_targets")
    if found.classes is None:
        width = found.values.shape[1]
        made = "".join(
            f"    {name} = torch.from_numpy({name}.astype(np.float64))\n"
            f"    {name} = {name}.reshape(len({name}), {width})\n"
            for name in names
        )
        return f"{made}    groups = [torch.arange(len(targets))]\n"
    numbered = f"np.arange({len(found.classes)})"
    if found.values.ndim > 1:
        return _at_each_place(names, numbered if found.are_numbered else "")
    made = "".join(
        f"    {name} = np.searchsorted(known, {name}.reshape(len({name})))\n"
        f"    {name} = torch.from_numpy({name})\n"
        for name in names
    )
    known = numbered if found.are_numbered else "np.unique(targets)"
    return f"    known = {known}\n{made}{GROUPS_OF_CLASSES}"


def _several_targets(found: Arranged) -> str:
    """Statements that make a row of the targets of different kinds that a sample has."""
    named = [one.classes is not None for one in found.all_targets.values()]
    names = ["targets", *(["test_targets"] if found.tested else [])]
    lines = f"    named = {named}\n"
    for number, one in enumerate(found.all_targets.values(), 1):
        if one.classes:
            count = f"np.arange({len(one.classes)})"
            known = count if one.are_numbered else f"np.unique(targets{number})"
            lines += f"    known = {known}\n"
        for name in names:
            own = f"{name}{number}"
            lines += f"    {own} = {own}.reshape(len({own}))\n"
            lines += f"    {own} = np.searchsorted(known, {own})\n" if one.classes else ""
    for name in names:
        columns = ", ".join(f"{name}{number}" for number in range(1, len(named) + 1))
        row = f"np.column_stack([{columns}]).astype(np.float64)"
        lines += statement(4, f"{name} = ", f"torch.from_numpy({row})") + "\n"
    lines += f"    labels = targets[:, {named.index(True)}].long()\n"
    return lines + GROUPS_OF_CLASSES.replace("targets", "labels")


def _at_each_place(names: Sequence[str], numbered: str) -> str:
    """Statements that make class numbers of targets at each place of a sample."""
    known = numbered or f"np.unique(targets[~np.isin(targets, {[NO_CLASS, IGNORED]})])"
    lines = f"    known = {known}\n"
    for name in names:
        lines += f"    none = np.isin({name}, {[NO_CLASS, IGNORED]})\n"
        lines += f"    {name} = np.where(none, {NO_CLASS}, np.searchsorted(known, {name}))\n"
        lines += f"    {name} = torch.from_numpy({name})\n"
    return f"{lines}    groups = [torch.arange(len(targets))]\n"


GROUPS_OF_CLASSES = """\
    groups = targets.argsort(stable=True).split(targets.bincount().tolist())
"""

GROUP_OF_INPUTS = """\
    groups = [torch.arange(len(samples))]
"""
