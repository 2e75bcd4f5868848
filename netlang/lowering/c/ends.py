"""The ends of padded sequences in C."""

from __future__ import annotations

from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes


@computes(Lengths)
def lengths(layer: Lengths, x: Shape) -> ForwardOnly:
    steps = x.sizes[0]
    return ForwardOnly(
        constants={"STEPS": steps, "EACH": x.size // steps},
        forward="""
        int count = 0;
        for (int t = 0; t < STEPS; t++) count += x[t * EACH] == x[t * EACH];
        y[0] = (float)(count ? count : 1);""",
    )


@computes(FillPadding)
def fill_padding(layer: FillPadding, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants={"COUNT": x.size},
        forward="for (int i = 0; i < COUNT; i++) y[i] = x[i] == x[i] ? x[i] : 0;",
    )
