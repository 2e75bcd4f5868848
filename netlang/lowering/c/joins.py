"""Joins in C."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from netlang.catalogue.layers import Add, Concat, MatMul, Mul, SideBySide, Stack, Sub
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ANY, BLOCKS, Elementwise, ForwardOnly, Routine
from netlang.lowering.c.lowerings import computes, lowers
from netlang.lowering.c.rows import (
    Region,
    behind,
    cleared,
    each_number,
    inside,
    length,
    row_sizes,
    strided,
)
from netlang.lowering.lowerings import input_names


@lowers(Add)
def add(layer: Add, *x: Shape) -> Elementwise:
    return Elementwise(forward=" + ".join(input_names(len(x))), backward=("dy",) * len(x))


@lowers(Sub)
def sub(layer: Sub, *x: Shape) -> Elementwise:
    return Elementwise(forward="x0 - x1", backward=("dy", "-dy"))


@lowers(Mul)
def mul(layer: Mul, *x: Shape) -> Elementwise | Routine:
    if any(other != x[0] for other in x):
        return _mul_of_any(x, layer.infer(*x))
    factors = input_names(len(x))
    others = ([*factors[:i], *factors[i + 1 :]] for i in range(len(x)))
    return Elementwise(
        forward=" * ".join(factors),
        backward=tuple(" * ".join(["dy", *rest]) for rest in others),
        reads=tuple(factors),
    )


def _mul_of_any(x: Sequence[Shape], y: Shape) -> Routine:
    """A dimension of 1 goes with any size. Numbers are vectors of samples."""
    names, indices = input_names(len(x)), [f"i{at}" for at in range(len(y.sizes))]
    places = [f"b * {one.size} + {strided(indices, one.sizes)}" for one in x]
    factors = [f"{name}[{there}]" for name, there in zip(names, places, strict=True)]

    product = " * ".join(factors)

    def backward(number: int) -> str:
        others = " * ".join([*factors[:number], *factors[number + 1 :]])
        return f"""
            const vector *from = dy;
            if (!add) memset(dx, 0, BLOCKS * {x[number].size} * sizeof(vector));
            {inside(each_number(y, f"dx[{places[number]}] += *from++ * {others};"), 12)}"""

    return Routine(
        layout=BLOCKS,
        reads=tuple(names),
        forward=f"vector *to = y;\n{each_number(y, f'*to++ = {product};')}",
        backward=tuple(map(backward, range(len(x)))),
    )


@lowers(MatMul)
def matmul(layer: MatMul, *x: Shape) -> Routine:
    y = layer.infer(*x).sizes
    sizes = {
        "ROWS": y[-2],
        "DEPTH": x[0].sizes[-1],
        "COLUMNS": y[-1],
        "MATRICES": math.prod(y[:-2]),
    }
    each = "for (int m = 0; m < N * MATRICES; m++)"
    at = {
        "x0": f"{_matrix(x[0].sizes[:-2], y[:-2])} * ROWS * PAD(DEPTH)",
        "x1": f"{_matrix(x[1].sizes[:-2], y[:-2])} * DEPTH * PAD(COLUMNS)",
        "y": "m * ROWS * PAD(COLUMNS)",
    }
    # A matrix that meets several gets the sum of their gradients.
    shared = [one.sizes[:-2] != y[:-2] for one in x]
    clear = [
        f"{cleared('dx', f'N * {length(one)}')}\n" * many
        for one, many in zip(x, shared, strict=True)
    ]
    added = ["1" if many else "add" for many in shared]
    return Routine(
        constants=sizes,
        reads=("x0", "x1"),
        scratch={"turned": "PAD(COLUMNS) * PAD(DEPTH)"},
        forward=f"""
            {each}
                product(ROWS, COLUMNS, DEPTH, x0 + {at["x0"]}, PAD(DEPTH), 1,
                        x1 + {at["x1"]}, PAD(COLUMNS), y + {at["y"]}, PAD(COLUMNS), NULL, 0);""",
        backward=(
            f"""
            /* dx0 = dy x1T */
            {clear[0]}{each} {{
                transpose(DEPTH, PAD(COLUMNS), x1 + {at["x1"]}, turned, PAD(DEPTH));
                product(ROWS, DEPTH, COLUMNS, dy + {at["y"]}, PAD(COLUMNS), 1, turned, PAD(DEPTH),
                        dx + {at["x0"]}, PAD(DEPTH), NULL, {added[0]});
            }}""",
            f"""
            /* dx1 = x0T dy */
            {clear[1]}{each}
                product(DEPTH, COLUMNS, ROWS, x0 + {at["x0"]}, 1, PAD(DEPTH),
                        dy + {at["y"]}, PAD(COLUMNS), dx + {at["x1"]}, PAD(COLUMNS), NULL,
                        {added[1]});""",
        ),
    )


def _matrix(own: Sequence[int], whole: Sequence[int]) -> str:
    """The number of an input's matrix that meets number ``m`` of the output: its dimensions before
    the last two are ``own``, where 1 stands for any of ``whole``.
    """
    if own == whole:
        return "m"
    places = [
        f"m / {math.prod(whole[at + 1 :])} % {size} * {math.prod(own[at + 1 :])}"
        for at, size in enumerate(own)
        if size > 1
    ]
    return f"({' + '.join([f'm / {math.prod(whole)} * {math.prod(own)}', *places])})"


@lowers(Stack)
def stack(layer: Stack, *x: Shape) -> Routine:
    at, y = place(layer.infer(*x), layer.dim), layer.infer(*x)
    if at < len(x[0].sizes):
        return _side_by_side(y, [one.with_new(at, 1) for one in x], at)
    (rows, n), count = row_sizes(x[0]), len(x)
    each = f"for (int r = 0; r < N * {rows}; r++) for (int i = 0; i < {n}; i++)"
    there, here = f"(r * {n} + i) * PAD({count})", f"r * PAD({n}) + i"
    return Routine(
        layout=ANY,
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
        layout=ANY,
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
    """Each input is a part of the only row of a sample."""
    forward, backward, start = [], [], 0
    row = f"PAD({layer.infer(*x).size})"
    for name, one in zip(input_names(len(x)), x, strict=True):
        rows, n = row_sizes(one)
        part, whole = f"{name} + s * {length(one)}, PAD({n})", f"+ s * {row} + {start}, {n}"
        each = "for (int s = 0; s < N; s++)"
        forward.append(f"{each} move_rows({rows}, {n}, {part}, y {whole});")
        taken = f"{rows}, {n}, dy {whole}, dx + s * {length(one)}, PAD({n})"
        backward.append(f"{each} if (add) add_rows({taken}); else move_rows({taken});")
        start += one.size
    return Routine(forward="\n".join(forward), backward=tuple(backward))


@computes(SideBySide)
def in_a_row(layer: SideBySide, *x: Shape) -> ForwardOnly:
    starts = itertools.accumulate((one.size for one in x), initial=0)
    each = zip(input_names(len(x)), x, starts, strict=False)
    texts = (
        f"memcpy({behind('y', at)}, {name}, {one.size} * sizeof(float));" for name, one, at in each
    )
    return ForwardOnly(forward="\n".join(texts))
