"""The ends of padded sequences in C."""

from __future__ import annotations

from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, ForwardOnly, Routine
from netlang.lowering.c.lowerings import computes, lowers
from netlang.lowering.c.rows import row_sizes


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


@lowers(Lengths)
def lengths_of_chunk(layer: Lengths, x: Shape) -> Routine:
    rows, row = row_sizes(x)
    steps = x.sizes[0]
    place = "t * PAD(ROW) * EACH" if rows > 1 else "t"
    return Routine(
        constants={"STEPS": steps, "ROWS": rows, "EACH": rows // steps, "ROW": row},
        forward=f"""
        for (int s = 0; s < N; s++) {{
            const real *const sample = x + s * ROWS * PAD(ROW);
            int count = 0;
            for (int t = 0; t < STEPS; t++) count += sample[{place}] == sample[{place}];
            y[s * PAD(1)] = count ? count : 1;
        }}""",
        backward=("if (!add) memset(dx, 0, N * ROWS * PAD(ROW) * sizeof(real));",),
    )


@lowers(FillPadding)
def filled(layer: FillPadding, x: Shape) -> Elementwise:
    return Elementwise(forward="x == x ? x : 0", backward=("x == x ? dy : 0",), reads=("x",))


@computes(FillPadding)
def fill_padding(layer: FillPadding, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants={"COUNT": x.size},
        forward="for (int i = 0; i < COUNT; i++) y[i] = x[i] == x[i] ? x[i] : 0;",
    )
