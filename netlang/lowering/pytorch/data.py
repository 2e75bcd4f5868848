"""Data sets in PyTorch, and what their texts share; a table's are in table.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data import Disc
from netlang.catalogue.data.disc import inside
from netlang.catalogue.data.pipeline.encoders import shift_and_scale
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal


def load_data(
    beginning: str,
    parts: Sequence[str],
    standardize: bool,
    *functions: Callable[..., Any],
    imports: tuple[str, ...] = (),
) -> TorchDefinition:
    """``load_data``, whose ``beginning`` makes lists ``inputs`` and ``targets`` of all parts.

    It calls ``generator`` and those ``functions``, which the file gets as netlang has them.
    """
    called: list[Callable[..., Any]] = [generator, digest, *functions]
    scaled = ""
    if standardize:
        called.append(shift_and_scale)
        scaled = """\
    shift, scale = shift_and_scale(inputs[0])
    inputs = [(part - shift) / scale for part in inputs]
"""
    end = f"""\
    dtype = torch.get_default_dtype()
    inputs = [part.to(dtype) for part in inputs]
    return dict(zip({literal(parts)}, zip(inputs, targets)))
"""
    return TorchDefinition(beginning + scaled + end, imports, (TorchDefinition.of(*called),))


@lowers(Disc)
def disc(data: Disc, folder: Path) -> TorchData:
    sizes = [size for size in (data.train, data.test, data.validation) if size]
    beginning = f'''\
def load_data(seed):
    """Points of the unit square; those of class 1 lie in a disc of half its area."""
    sizes = {sizes}
    source = generator(seed, "disc")
    points = torch.rand(sum(sizes), 2, generator=source, dtype=torch.float64)
    inputs = points.split(sizes)
    targets = inside(points).long().split(sizes)
'''
    parts = ("train", "test", "validation")[: len(sizes)]
    return TorchData(load_data(beginning, parts, data.standardize, inside))
