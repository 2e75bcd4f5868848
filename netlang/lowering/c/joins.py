"""Joins in C."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from netlang.catalogue.layers import Add, Concat, Mul
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Region, Routine
from netlang.lowering.c.table import lowers


@lowers(Add)
def add(layer: Add, *x: Shape) -> Elementwise:
    return Elementwise(forward=" + ".join(_names(x)), backward=("dy",) * len(x))


@lowers(Mul)
def mul(layer: Mul, *x: Shape) -> Elementwise:
    factors = _names(x)
    others = ([*factors[:i], *factors[i + 1 :]] for i in range(len(x)))
    return Elementwise(
        forward=" * ".join(factors),
        backward=tuple(" * ".join(["dy", *rest]) for rest in others),
        reads=tuple(factors),
    )


@lowers(Concat)
def concat(layer: Concat, *x: Shape) -> Routine:
    at = layer.dim - 1
    y = layer.infer(*x)
    starts = itertools.accumulate((other.sizes[at] for other in x), initial=0)
    regions = [Region.of(y, part, at, start) for part, start in zip(x, starts, strict=False)]
    return Routine(
        forward="\n".join(region.put(f"x{i}", "y") for i, region in enumerate(regions)),
        backward=tuple(
            f"if (add) {region.take('dy', 'dx', 'add')} else {region.take('dy', 'dx')}"
            for region in regions
        ),
    )


def _names(x: Sequence[Shape]) -> list[str]:
    """What the inputs are called in texts."""
    return [f"x{i}" for i in range(len(x))]
