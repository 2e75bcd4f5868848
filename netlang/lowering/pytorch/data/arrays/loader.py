"""The definition of ``load_data`` of arrays, which divides their samples and standardises them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.data.pipeline.array_scaling import in_pieces, scaled
from netlang.catalogue.data.pipeline.scales import shift_and_scale
from netlang.catalogue.data.splits import apportion, part_sizes, split
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.python.text import block, literal, statement
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data.arrays.inputs import arrays, functions, scaling
from netlang.lowering.pytorch.data.units import AS_THEY_ARE, GLOBAL, UNITS, learned


def loader(
    data: ArrayData,
    constants: str,
    reading: str,
    *uses: TorchDefinition,
    imports: tuple[str, ...] = ("from pathlib import Path",),
) -> TorchData:
    """``load_data`` with ``reading`` for its beginning, and ``constants`` above it, which names
    files unless it ``imports`` something else.
    """
    uses = TorchDefinition.of(*_functions(data)), *uses
    if data.arranged.beside:
        uses = *uses, TorchDefinition(_ROW_OF)
    imports = "from collections.abc import Iterator", "import numpy as np", *imports
    plain, keeping = (
        TorchDefinition(_load_data(data, constants, reading, keeps), imports, uses)
        for keeps in (False, True)
    )
    is_kept = not data.arranged.beside and not data.arranged.lengths
    return TorchData(plain, has_units=has_units(data), scaling=keeping if is_kept else None)


def has_units(data: ArrayData) -> bool:
    """Whether its targets are numbers that are standardised."""
    each = data.arranged.all_targets.values()
    return any(one.classes is None for one in each) and data.standardizes_targets


def shares(data: ArrayData) -> str:
    """What divides the samples into parts."""
    test, validation = data.shares
    return f'split(groups, {test}, {validation}, generator(seed, "split"))'


def _load_data(data: ArrayData, constants: str, reading: str, keeps_scaling: bool) -> str:
    are_inputs, has_beside = data.arranged.targets.are_inputs, bool(data.arranged.beside)
    by = "row_of(arrays, rows.numpy())" if has_beside else _SCALED
    named = [name for name in ("train", "test", "validation") if name in data.describe().parts]
    if data.arranged.tested:
        named.remove("test")
    return f'''\
{UNITS if has_units(data) else ""}\
{constants}\
def load_data(seed):
    """The samples of arrays, and their targets."""
{GLOBAL if has_units(data) else ""}\
{block(4, ["global SCALING"] if keeps_scaling else [])}\
{reading}\
{statement(4, "parts = ", shares(data))}
{_learned(data)}\
{scaling(data)}\
{_kept(data, "SCALING") if keeps_scaling else ""}\
{_kept(data, "UNITS") if are_inputs and has_units(data) else ""}\
    parts = [rows for rows in parts if len(rows)]
    inputs = [{by} for rows in parts]
    data = zip(inputs, {"inputs" if are_inputs else "[targets[rows] for rows in parts]"})
    data = dict(zip({literal(named)}, data))
{_tested(data) if data.arranged.tested else ""}\
    return data
'''


def _functions(data: ArrayData) -> Iterator[Callable[..., Any]]:
    """Those of netlang's own that ``load_data`` calls."""
    yield from (generator, digest, split, part_sizes, apportion, in_pieces, scaled)
    yield from functions(data)
    if has_units(data) and not data.arranged.targets.are_inputs:
        yield shift_and_scale


def _learned(data: ArrayData) -> str:
    """Lines that say what becomes of targets."""
    if has_units(data):
        is_mixed = bool(data.arranged.further)
        return "" if data.arranged.targets.are_inputs else learned(beside_classes=is_mixed)
    return AS_THEY_ARE if data.arranged.further else ""


def _kept(data: ArrayData, constant: str) -> str:
    """A line that keeps the scaling of inputs, for numbers of their shape."""
    each = ", ".join(["-1", *["1"] * (len(data.arranged.samples.shape) - 2)])
    return f"    {constant} = [torch.from_numpy(one).view({each}) for one in (shift, scale)]\n"


def _tested(data: ArrayData) -> str:
    """Lines that make the part to test on of samples of their own."""
    if data.arranged.targets.are_inputs:
        return _TESTED_INPUTS
    lines = _TEST_IN_UNITS if has_units(data) else ""
    if data.arranged.further and not has_units(data):
        lines = AS_THEY_ARE.replace("targets", "test_targets")
    if data.arranged.beside:
        return lines + _TESTED_ROWS.format(arrays(data, "tested"))
    return lines + _TESTED


_SCALED = "scaled(samples, rows.numpy(), shift, scale)"

_TESTED = """\
    rows = np.arange(len(tested))
    data["test"] = scaled(tested, rows, shift, scale), test_targets
"""

_TESTED_INPUTS = """\
    rows = np.arange(len(tested))
    data["test"] = (scaled(tested, rows, shift, scale),) * 2
"""

_TESTED_ROWS = """\
    arrays = [{}]
    data["test"] = row_of(arrays, np.arange(len(tested1))), test_targets
"""

_TEST_IN_UNITS = """\
    mean, deviation = UNITS
    test_targets = (test_targets - mean) / deviation
    test_targets = test_targets.to(torch.get_default_dtype())
"""

_ROW_OF = '''\
def row_of(arrays, rows):
    """The rows of each array of samples, standardised, side by side."""
    each = [scaled(samples, rows, *by).flatten(1) for samples, by in arrays]
    return torch.cat(each, 1)
'''
