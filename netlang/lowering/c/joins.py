"""Joins in C."""

from __future__ import annotations

import itertools

from netlang.catalogue.layers import Add, Concat, Mul, SideBySide
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine
from netlang.lowering.c.lowerings import SEVERAL, lowers
from netlang.lowering.c.rows import Region
from netlang.lowering.lowerings import Unsupported, input_names


@lowers(Add)
def add(layer: Add, *x: Shape) -> Elementwise:
    return Elementwise(forward=" + ".join(input_names(len(x))), backward=("dy",) * len(x))


@lowers(Mul)
def mul(layer: Mul, *x: Shape) -> Elementwise | None:
    if any(other != x[0] for other in x):
        return None  # a loop takes numbers of one shape
    factors = input_names(len(x))
    others = ([*factors[:i], *factors[i + 1 :]] for i in range(len(x)))
    return Elementwise(
        forward=" * ".join(factors),
        backward=tuple(" * ".join(["dy", *rest]) for rest in others),
        reads=tuple(factors),
    )


@lowers(Concat)
def concat(layer: Concat, *x: Shape) -> Routine:
    at = place(x[0], layer.dim)
    y = layer.infer(*x)
    starts = itertools.accumulate((other.sizes[at] for other in x), initial=0)
    regions = [Region.of(y, part, at, start) for part, start in zip(x, starts, strict=False)]
    return Routine(
        forward="\n".join(
            region.put(part, "y") for part, region in zip(input_names(len(x)), regions, strict=True)
        ),
        backward=tuple(
            f"if (add) {region.take('dy', 'dx', 'add')} else {region.take('dy', 'dx')}"
            for region in regions
        ),
    )


@lowers(SideBySide)
def side_by_side(layer: SideBySide, *x: Shape) -> Routine:
    """Raises Unsupported: it is the end of a network of several outputs."""
    raise Unsupported(SEVERAL)
