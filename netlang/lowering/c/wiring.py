"""Wiring in C."""

from __future__ import annotations

from netlang.catalogue.layers import Identity, Select
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine, length
from netlang.lowering.c.table import lowers
from netlang.lowering.c.texts import cleared


@lowers(Identity)
def identity(layer: Identity, *x: Shape) -> Elementwise:
    return Elementwise(forward="x", backward=("dy",))


@lowers(Select)
def select(layer: Select, *x: Shape) -> Routine:
    size = length(x[layer.index])
    chosen = f"""
        for (int e = 0; e < N * {size}; e++) dx[e] = add ? dx[e] + dy[e] : dy[e];"""
    backward = [cleared("dx", f"N * {length(other)}") for other in x]
    backward[layer.index] = chosen
    return Routine(
        forward=f"memcpy(y, x{layer.index}, N * {size} * sizeof(real));", backward=tuple(backward)
    )
