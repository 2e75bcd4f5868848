"""Layers that take, move or regroup numbers in C."""

from __future__ import annotations

from netlang.catalogue.layers import Flatten, Slice
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import Region, cleared, length, row_sizes


@lowers(Flatten)
def flatten(layer: Flatten, x: Shape) -> Routine:
    rows, last = row_sizes(x)
    at, there = f"row * PAD({last}), {rows} * PAD({last})", f"row * {last}, PAD({rows * last})"
    each, back = f"for (int row = 0; row < {rows}; row++)", f"(N, {last}, dy + {there}, dx + {at})"
    return Routine(
        forward=f"{each} move_rows(N, {last}, x + {at}, y + {there});",
        backward=(f"{each} if (add) add_rows{back}; else move_rows{back};",),
    )


@lowers(Slice)
def slice_(layer: Slice, x: Shape) -> Routine:
    region = Region.of(x, layer.infer(x), layer.dim - 1, layer.start)
    clear = cleared("dx", f"N * {length(x)}")
    return Routine(
        forward=region.take("x", "y"), backward=(f"{clear}\n{region.put('dy', 'dx', 'add')}",)
    )
