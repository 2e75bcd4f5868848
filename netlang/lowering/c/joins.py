"""Joins in C."""

from __future__ import annotations

import itertools

from netlang.catalogue.layers import Add, Concat, Mul, SideBySide
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import Region, length, row_sizes
from netlang.lowering.lowerings import input_names


@lowers(Add)
def add(layer: Add, *x: Shape) -> Elementwise:
    return Elementwise(forward=" + ".join(input_names(len(x))), backward=("dy",) * len(x))


@lowers(Mul)
def mul(layer: Mul, *x: Shape) -> Elementwise | None:
    if any(other != x[0] for other in x):
        return None  # a loop takes numbers of one shape
    factors = input_names(len(x))
    others = ([*factors[:i], *factors[i + 1 :]] for i in range(len(x)))
    return Elementwise(
        forward=" * ".join(factors),
        backward=tuple(" * ".join(["dy", *rest]) for rest in others),
        reads=tuple(factors),
    )


@lowers(Concat)
def concat(layer: Concat, *x: Shape) -> Routine:
    at = place(x[0], layer.dim)
    y = layer.infer(*x)
    starts = itertools.accumulate((other.sizes[at] for other in x), initial=0)
    regions = [Region.of(y, part, at, start) for part, start in zip(x, starts, strict=False)]
    return Routine(
        forward="\n".join(
            region.put(part, "y") for part, region in zip(input_names(len(x)), regions, strict=True)
        ),
        backward=tuple(
            f"if (add) {region.take('dy', 'dx', 'add')} else {region.take('dy', 'dx')}"
            for region in regions
        ),
    )


@lowers(SideBySide)
def side_by_side(layer: SideBySide, *x: Shape) -> Routine:
    """Each row of an input is a run of the one row of the output."""
    whole = length(layer.infer(*x))
    starts = itertools.accumulate((one.size for one in x), initial=0)
    forward, backward = [], []
    for name, one, start in zip(input_names(len(x)), x, starts, strict=False):
        rows, last = row_sizes(one)
        each = f"for (int row = 0; row < {rows}; row++)"
        here, there = f"row * PAD({last}), {length(one)}", f"{start} + row * {last}, {whole}"
        forward.append(f"{each} move_rows(N, {last}, {name} + {here}, y + {there});")
        rows_of = f"(N, {last}, dy + {there}, dx + {here})"
        backward.append(f"{each} if (add) add_rows{rows_of}; else move_rows{rows_of};")
    return Routine(forward="\n".join(forward), backward=tuple(backward))
