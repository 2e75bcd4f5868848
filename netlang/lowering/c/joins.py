"""Joins in C."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from netlang.catalogue.layers import Add, Concat, Mul, SideBySide, Stack, Sub
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine
from netlang.lowering.c.lowerings import SEVERAL, lowers
from netlang.lowering.c.rows import Region, row_sizes
from netlang.lowering.lowerings import Unsupported, input_names


@lowers(Add)
def add(layer: Add, *x: Shape) -> Elementwise:
    return Elementwise(forward=" + ".join(input_names(len(x))), backward=("dy",) * len(x))


@lowers(Sub)
def sub(layer: Sub, *x: Shape) -> Elementwise:
    return Elementwise(forward="x0 - x1", backward=("dy", "-dy"))


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


@lowers(Stack)
def stack(layer: Stack, *x: Shape) -> Routine:
    at, y = place(layer.infer(*x), layer.dim), layer.infer(*x)
    if at < len(x[0].sizes):
        return _side_by_side(y, [one.with_new(at, 1) for one in x], at)
    (rows, n), count = row_sizes(x[0]), len(x)
    each = f"for (int r = 0; r < N * {rows}; r++) for (int i = 0; i < {n}; i++)"
    there, here = f"(r * {n} + i) * PAD({count})", f"r * PAD({n}) + i"
    return Routine(
        forward="\n".join(
            f"{each} y[{there} + {index}] = {name}[{here}];"
            for index, name in enumerate(input_names(count))
        ),
        backward=tuple(
            f"{each} dx[{here}] = (add ? dx[{here}] : 0) + dy[{there} + {index}];"
            for index in range(count)
        ),
    )


@lowers(Concat)
def concat(layer: Concat, *x: Shape) -> Routine:
    return _side_by_side(layer.infer(*x), x, place(x[0], layer.dim))


def _side_by_side(y: Shape, x: Sequence[Shape], at: int) -> Routine:
    """The inputs ``x``, which together fill ``y``, one behind the other along dimension ``at``."""
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
    """Raises Unsupported: it is the end of a network of several outputs."""
    raise Unsupported(SEVERAL)
