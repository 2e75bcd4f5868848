"""Wiring in C."""

from __future__ import annotations

from netlang.catalogue.layers import Identity, Select
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine, length
from netlang.lowering.c.table import lowers


@lowers(Identity)
def identity(layer: Identity, *x: Shape) -> Elementwise:
    return Elementwise(forward="x", backward=("dy",))


@lowers(Select)
def select(layer: Select, *x: Shape) -> Routine:
    size = length(x[layer.index])
    chosen = f"""
        for (int e = 0; e < N * {size}; e++) dx[e] = add ? dx[e] + dy[e] : dy[e];"""
    return Routine(
        forward=f"memcpy(y, x{layer.index}, N * {size} * sizeof(real));",
        backward=tuple(
            chosen if i == layer.index else _nothing(other) for i, other in enumerate(x)
        ),
    )


def _nothing(x: Shape) -> str:
    return f"if (!add) memset(dx, 0, N * {length(x)} * sizeof(real));"
