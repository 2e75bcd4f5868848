"""Layers that take, move or regroup numbers in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Flatten, Permute, Reshape, Slice, Unflatten
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ANY, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import Region, cleared, each_number, length, padded, row_sizes


@lowers(Flatten)
def flatten(layer: Flatten, x: Shape) -> Routine:
    return _regrouped(x, layer.infer(x))


@lowers(Unflatten)
def unflatten(layer: Unflatten, x: Shape) -> Routine:
    return _regrouped(x, layer.infer(x))


@lowers(Reshape)
def reshape(layer: Reshape, x: Shape) -> Routine:
    return _regrouped(x, layer.infer(x))


def _regrouped(x: Shape, y: Shape) -> Routine:
    """The numbers of a sample in rows of another length. Those of a run lie in one row of each."""
    (rows, last), (others, other) = row_sizes(x), row_sizes(y)
    run = math.gcd(last, other)
    each = f"for (int run = 0; run < {rows * last // run}; run++)"
    at, there = _run_in(run, rows, last), _run_in(run, others, other)
    back = f"(N, {run}, dy + {there}, dx + {at})"
    return Routine(
        layout=ANY,
        forward=f"{each} move_rows(N, {run}, x + {at}, y + {there});",
        backward=(f"{each} if (add) add_rows{back}; else move_rows{back};",),
    )


def _run_in(run: int, rows: int, last: int) -> str:
    """Where run number ``run`` begins in a sample of so many rows, and how long a sample is."""
    if run == last:
        return f"run * PAD({last}), {rows} * PAD({last})"
    begin = f"run * {run} / {last} * PAD({last}) + run * {run} % {last}"
    return f"{begin if rows > 1 else f'run * {run}'}, {rows} * PAD({last})"


@lowers(Slice)
def slice_(layer: Slice, x: Shape) -> Routine:
    region = Region.of(x, layer.infer(x), place(x, layer.dim), layer.start)
    clear = cleared("dx", f"N * {length(x)}")
    return Routine(
        layout=ANY,
        forward=region.take("x", "y"),
        backward=(f"{clear}\n{region.put('dy', 'dx', 'add')}",),
    )


@lowers(Permute)
def permute(layer: Permute, x: Shape) -> Routine:
    y, order = layer.infer(x), layer.order
    here = padded([f"i{at}" for at in range(len(order))], y)
    there = padded([f"i{order.index(dim)}" for dim in range(len(order))], x)

    def each(statement: str) -> str:
        return each_number(y, f"const int at = {here}, from = {there};\n{statement}", count="N")

    return Routine(
        layout=ANY,
        forward=each("y[at] = x[from];"),
        backward=(each("dx[from] = add ? dx[from] + dy[at] : dy[at];"),),
    )
