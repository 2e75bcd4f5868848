"""Factors in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import FanInScale, Scale
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import cleared, each_number_along


@lowers(Scale)
def scale(layer: Scale, x: Shape) -> Elementwise | Routine:
    at = place(x, layer.dim) if layer.num_features is not None else len(x.sizes) - 1
    if at < len(x.sizes) - 1:
        weight, each = "weight[f % FEATURES]", each_number_along(x, at)
        return Routine(
            forward=f"{each.loops} y[e] = x[e] * {weight};",
            backward=(f"{each.loops} dx[e] = (add ? dx[e] : 0) + dy[e] * {weight};",),
            gradients=f"{cleared('weight_grad', 'FEATURES')}\n"
            f"{each.loops} weight_grad[f % FEATURES] += dy[e] * x[e];",
            reads=("x",),
            constants=each.constants,
        )
    return Elementwise(
        forward="x * weight",
        backward=("dy * weight",),
        gradients={"weight": "dy * x"},
        reads=("x",),
    )


@lowers(FanInScale)
def fan_in_scale(layer: FanInScale, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x / root",
        backward=("dy / root",),
        constants={"root": math.sqrt(x.sizes[-1])},
    )
