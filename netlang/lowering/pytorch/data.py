"""Data sets in PyTorch, and what their texts share; a table's are in csv_file.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data import Disc
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.python import literal
from netlang.lowering.pytorch.table import lowers

GENERATOR = TorchDefinition(
    '''\
def generator(seed, purpose):
    """Random numbers for one purpose; netlang draws its data with the same."""
    digest = hashlib.sha256(f"{seed}\\0{purpose}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
''',
    imports=("import hashlib",),
)

STANDARDISED = TorchDefinition(
    '''\
def standardised(train, *others):
    """All, less the mean of train and over its deviation, column by column.

    A column that is constant, but perhaps for rounding, is only shifted.
    """
    low, high = train.amin(0), train.amax(0)
    constant = high - low <= 1e-13 * low.abs().maximum(high.abs())
    mean = train.mean(0).where(~constant, train[0])
    deviation = train.std(0, correction=0).where(~constant, 1.0)
    deviation[deviation == 0] = 1.0  # of numbers too small to be squared
    return [(part - mean) / deviation for part in (train, *others)]
'''
)


def in_parts(parts: Sequence[str]) -> str:
    """The end of ``load_data``, where ``inputs`` and ``targets`` are lists with an item a part."""
    return f"""\
    dtype = torch.get_default_dtype()
    inputs = [part.to(dtype) for part in inputs]
    return dict(zip({literal(parts)}, zip(inputs, targets)))
"""


@lowers(Disc)
def disc(data: Disc, folder: Path) -> TorchDefinition:
    sizes = [size for size in (data.train, data.test, data.validation) if size]
    parts = ("train", "test", "validation")[: len(sizes)]
    points = "*points.split(sizes)"
    source = f'''\
def load_data(seed):
    """Points of the unit square; those of class 1 lie in a disc of half its area."""
    sizes = {sizes}
    source = generator(seed, "disc")
    points = torch.rand(sum(sizes), 2, generator=source, dtype=torch.float64)
    inside = (points - 0.5).square().sum(1) <= 1 / (2 * math.pi)
    inputs = {f"standardised({points})" if data.standardize else "points.split(sizes)"}
    targets = inside.long().split(sizes)
{in_parts(parts)}'''
    return TorchDefinition(source, uses=(GENERATOR, *([STANDARDISED] if data.standardize else [])))
