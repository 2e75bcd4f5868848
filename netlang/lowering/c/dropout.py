"""Dropout in C."""

from __future__ import annotations

from netlang.catalogue.layers import Dropout
from netlang.catalogue.randomness import keep_limit
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise
from netlang.lowering.c.lowerings import lowers


@lowers(Dropout)
def dropout(layer: Dropout, x: Shape) -> Elementwise:
    if layer.p == 0:
        return Elementwise(forward="x", backward=("dy",))
    return Elementwise(
        forward="x * mask",
        evaluated="x",
        backward=("dy * mask",),
        draws=True,
        keeps={"mask": "drawn < limit ? scale : 0"},
        constants={"limit": keep_limit(1 - layer.p), "scale": 1 / (1 - layer.p)},
    )
