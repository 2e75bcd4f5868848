"""A learned factor in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Scale
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import cleared


@lowers(Scale)
def scale(layer: Scale, x: Shape) -> Elementwise | Routine:
    if layer.num_features is not None and place(x, layer.dim) < len(x.sizes) - 1:
        return _along(place(x, layer.dim), x)
    return Elementwise(
        forward="x * weight",
        backward=("dy * weight",),
        gradients={"weight": "dy * x"},
        reads=("x",),
    )


def _along(at: int, x: Shape) -> Routine:
    """Factors for the places of dimension ``at``, each of which has rows of numbers."""
    *inner, last = x.sizes[at + 1 :]
    each = f"""
        for (int f = 0; f < N * OUTER * FEATURES; f++)
            for (int r = 0; r < ROWS; r++)
                for (int e = (f * ROWS + r) * PAD({last}), i = 0; i < {last}; e++, i++)"""
    return Routine(
        forward=f"{each} y[e] = x[e] * weight[f % FEATURES];",
        backward=(f"{each} dx[e] = (add ? dx[e] : 0) + dy[e] * weight[f % FEATURES];",),
        gradients=f"{cleared('weight_grad', x.sizes[at])}\n"
        f"{each} weight_grad[f % FEATURES] += dy[e] * x[e];",
        reads=("x",),
        constants={
            "OUTER": math.prod(x.sizes[:at]),
            "FEATURES": x.sizes[at],
            "ROWS": math.prod(inner),
        },
    )
