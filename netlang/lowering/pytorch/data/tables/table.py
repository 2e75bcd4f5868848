"""A table in PyTorch: an exported file reads its rows, and makes netlang's samples of them."""

from __future__ import annotations

from pathlib import Path

from netlang.catalogue.data import CSV, Table
from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data.tables.constants import constants
from netlang.lowering.pytorch.data.tables.division import division
from netlang.lowering.pytorch.data.tables.functions import functions
from netlang.lowering.pytorch.data.tables.inputs import inputs, values
from netlang.lowering.pytorch.data.tables.reading import reading
from netlang.lowering.pytorch.data.tables.rows import rows
from netlang.lowering.pytorch.data.tables.targets import predicted, targets
from netlang.lowering.pytorch.data.tables.weights import weighed
from netlang.lowering.pytorch.data.units import AS_THEY_ARE, GLOBAL, UNITS, learned
from netlang.lowering.pytorch.lowerings import lowers


@lowers(CSV)
@lowers(Table)
def table(data: Table, folder: Path) -> TorchData:
    """The loader checks nothing that the compiler has checked.  Raises Unsupported."""
    names = [name for name in (data.path, data.test) if isinstance(name, str)]
    if others := [name for name in names if ending_of(name) in FRAMES]:
        raise Unsupported(f"`{others[0]}` is no text, and an exported file reads no other table")
    if data.texts and data.missing != "refuse":
        raise Unsupported("an exported file fills in no cells where there are texts")
    mixed = data.rows.are_mixed
    has_numbers = mixed or data.table.target.classes is None
    in_units = has_numbers and data.standardizes_targets and not data.rows.are_labels
    divided, dividing = division(data)
    source = f'''\
{UNITS if in_units else ""}\
{constants(data, folder)}\


def load_data(seed, table=TABLE):
    """The rows of a table, with {predicted(data)}."""
{GLOBAL if in_units else ""}\
{reading(data)}\
{targets(data)}\
{values(data)}\
{rows(data)}\
{divided}\
    train = parts[0]
{inputs(data)}\
{learned(beside_classes=mixed) if in_units else AS_THEY_ARE if has_numbers else ""}\
{weighed(data)}\
{_SAMPLES.format(weights=", weights[rows]" if data.weights else "")}\
'''
    imports = ["from pathlib import Path"]
    imports += ["import gzip"] if any(map(is_packed, names)) else []
    return TorchData(
        TorchDefinition(source, tuple(imports), (dividing, *functions(data, in_units))),
        takes_table=True,
        has_units=in_units,
        weighted=bool(data.weights),
    )


_SAMPLES = """\
    samples = [(inputs[rows], targets[rows]{weights}) for rows in parts]
    parts = zip(["train", "test", "validation"], samples)
    return {{part: found for part, found in parts if len(found[0])}}
"""
