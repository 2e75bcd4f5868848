"""Reductions over a dimension in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Last, Max, Mean
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.rows import inside


@computes(Mean)
def mean(layer: Mean, x: Shape, *lengths: Shape) -> ForwardOnly:
    return _reduced(
        layer,
        lengths,
        x,
        """
        float sum = 0;
        for (int t = 0; t < steps; t++) sum += from[t * BEHIND];
        *to = sum / (float)steps;""",
    )


@computes(Max)
def max_(layer: Max, x: Shape, *lengths: Shape) -> ForwardOnly:
    return _reduced(
        layer,
        lengths,
        x,
        """
        float top = *from;
        for (int t = 1; t < steps; t++) {
            const float one = from[t * BEHIND];
            if (one > top || one != one) top = one;
        }
        *to = top;""",
    )


@computes(Last)
def last(layer: Last, x: Shape, *lengths: Shape) -> ForwardOnly:
    return _reduced(layer, lengths, x, "*to = from[(steps - 1) * BEHIND];")


def _reduced(
    layer: Mean | Max | Last, lengths: tuple[Shape, ...], x: Shape, statements: str
) -> ForwardOnly:
    """Each number of ``to`` from ``steps`` ones that lie ``BEHIND`` apart, from ``from`` on."""
    at, source = place(x, layer.dim), "x0" if lengths else "x"
    steps = "(int)x1[0]" if lengths else "STEPS"
    return ForwardOnly(
        constants={
            "BEFORE": math.prod(x.sizes[:at]),
            "STEPS": x.sizes[at],
            "BEHIND": math.prod(x.sizes[at + 1 :]),
        },
        forward=f"""
        const int steps = {steps};
        for (int b = 0; b < BEFORE; b++)
            for (int k = 0; k < BEHIND; k++) {{
                const float *const from = {source} + b * STEPS * BEHIND + k;
                float *const to = y + b * BEHIND + k;
                {inside(statements, 16)}
            }}""",
    )
