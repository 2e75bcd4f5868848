"""Data sets in PyTorch: what loads the same samples."""

from __future__ import annotations

import os
from pathlib import Path

from netlang.catalogue.data import CSV, Disc
from netlang.lowering.pytorch.counterparts import GENERATOR, STANDARDISED, Definition, in_parts
from netlang.lowering.pytorch.table import lowers
from netlang.lowering.pytorch.tables import table_loader


@lowers(Disc)
def disc(data: Disc, folder: Path) -> Definition:
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
    uses = (GENERATOR, *([STANDARDISED] if data.standardize else []))
    return Definition(source, uses=uses)


@lowers(CSV)
def csv(data: CSV, folder: Path) -> Definition:
    (file,) = data.files
    path = os.path.relpath(file.path, folder)
    return table_loader(
        Path(path).as_posix(),
        data.target,
        data.ignore,
        data.delimiter,
        data.table.target.classes,
        (data.test, data.validation),
        data.standardize,
    )
