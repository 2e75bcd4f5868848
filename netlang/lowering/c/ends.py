"""The ends of padded sequences in C."""

from __future__ import annotations

from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import row_sizes


@lowers(Lengths)
def lengths(layer: Lengths, x: Shape) -> Routine:
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
def fill_padding(layer: FillPadding, x: Shape) -> Elementwise:
    return Elementwise(forward="x == x ? x : 0", backward=("x == x ? dy : 0",), reads=("x",))
