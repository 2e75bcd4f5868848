"""Layers that take, move or regroup numbers in C."""

from __future__ import annotations

from netlang.catalogue.layers import Slice
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import Region, cleared, length


@lowers(Slice)
def slice_(layer: Slice, x: Shape) -> Routine:
    region = Region.of(x, layer.infer(x), layer.dim - 1, layer.start)
    clear = cleared("dx", f"N * {length(x)}")
    return Routine(
        forward=region.take("x", "y"), backward=(f"{clear}\n{region.put('dy', 'dx', 'add')}",)
    )
