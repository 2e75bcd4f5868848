"""Factors in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import FanInScale, Scale
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, Elementwise, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import inside, summed


@lowers(Scale)
def scale(layer: Scale, x: Shape) -> Elementwise | Routine:
    at = place(x, layer.dim) if layer.num_features is not None else len(x.sizes) - 1
    if at < len(x.sizes) - 1:
        return _along(x, at)
    return Elementwise(
        forward="x * weight",
        backward=("dy * weight",),
        gradients={"weight": "dy * x"},
        reads=("x",),
    )


def _along(x: Shape, at: int) -> Routine:
    """A factor for each place of dimension ``at``. Numbers are vectors of samples."""

    def each(statement: str) -> str:
        return f"""
        for (int f = 0; f < BLOCKS * OUTER * FEATURES; f++)
            EACH_VECTOR
            for (int e = f * EACH; e < (f + 1) * EACH; e++) {statement}"""

    return Routine(
        layout=BLOCKS,
        constants={
            "OUTER": math.prod(x.sizes[:at]),
            "FEATURES": x.sizes[at],
            "EACH": math.prod(x.sizes[at + 1 :]),
        },
        reads=("x",),
        forward=each("y[e] = x[e] * weight[f % FEATURES];"),
        gradients="""
        for (int f = 0; f < FEATURES; f++) {
            vector sum = all(0);
            for (int r = f; r < BLOCKS * OUTER * FEATURES; r += FEATURES) {
                """
        + inside(summed("r * EACH", "(r + 1) * EACH", sum="dy[i] * x[i]"), 16)
        + """
            }
            weight_grad[f] = (add ? weight_grad[f] : 0) + total(sum);
        }""",
        backward=(each("dx[e] = (add ? dx[e] : all(0)) + dy[e] * weight[f % FEATURES];"),),
    )


@lowers(FanInScale)
def fan_in_scale(layer: FanInScale, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x / root",
        backward=("dy / root",),
        constants={"root": math.sqrt(x.sizes[-1])},
    )
