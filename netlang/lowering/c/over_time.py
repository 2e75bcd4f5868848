"""Reductions over a dimension in C."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from netlang.catalogue.layers import Last, Max, Mean
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly, Routine
from netlang.lowering.c.lowerings import computes, lowers
from netlang.lowering.c.rows import COUNTED, SOME, cleared, inside, length, sum_of_row


@computes(Mean)
def mean(layer: Mean, x: Shape, *lengths: Shape) -> ForwardOnly:
    return _reduced(
        layer,
        lengths,
        x,
        f"""
        float sum = 0;
        {inside(sum_of_row("sum", "from[i * BEHIND]", x.sizes[place(x, layer.dim)], "steps"), 8)}
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


@lowers(Mean)
def mean_to_train(layer: Mean, x: Shape, *lengths: Shape) -> Routine:
    return _to_train(
        layer,
        lengths,
        x,
        forward=f"""
            for (int i = 0; i < WIDTH; i++) y[f + i] = 0;
            /* some steps at a time: roundings of a sum grow with how many it has */
            for (int first = 0; first < steps; first += {SOME}) {{{{
                const int behind = steps - first > {SOME} ? first + {SOME} : steps;
                for (int i = 0; i < WIDTH; i++) some[i] = 0;
                for (int t = first; t < behind; t++)
                    for (int i = 0; i < WIDTH; i++) some[i] += {{x}}[e + t * STRIDE + i];
                for (int i = 0; i < WIDTH; i++) y[f + i] += some[i];
            }}}}
            for (int i = 0; i < WIDTH; i++) y[f + i] /= (real)steps;""",
        gradient="dy[f + i] / (real)steps",
        counts="t < steps",
        scratch={"some": "PAD(WIDTH)"},
    )


@lowers(Max)
def max_to_train(layer: Max, x: Shape, *lengths: Shape) -> Routine | None:
    if x.sizes[place(x, layer.dim)] > COUNTED:
        return None
    return _to_train(
        layer,
        lengths,
        x,
        forward=f"""
            for (int i = 0; i < WIDTH; i++) y[f + i] = {{x}}[e + i], places[f + i] = 0;
            {_each_number_of("steps")} {{{{
                    const real one = {{x}}[e + t * STRIDE + i], top = y[f + i];
                    const int is_top = top == top && !(one <= top);
                    y[f + i] = is_top ? one : top;
                    places[f + i] = is_top ? (real)t : places[f + i];
                }}}}""",
        gradient="dy[f + i]",
        counts="places[f + i] == (real)t",
        keeps={"places": f"N * {length(layer.infer(x))}"},
    )


@lowers(Last)
def last_to_train(layer: Last, x: Shape, *lengths: Shape) -> Routine:
    return _to_train(
        layer,
        lengths,
        x,
        forward="""
            for (int i = 0; i < WIDTH; i++) y[f + i] = {x}[e + (steps - 1) * STRIDE + i];""",
        gradient="dy[f + i]",
        counts="t == steps - 1",
    )


def _each_number_of(steps: str) -> str:
    return f"""for (int t = 0; t < {steps}; t++)
                for (int i = 0; i < WIDTH; i++)"""


def _to_train(
    layer: Mean | Max | Last,
    lengths: tuple[Shape, ...],
    x: Shape,
    forward: str,
    gradient: str,
    counts: str,
    keeps: Mapping[str, str] = MappingProxyType({}),
    scratch: Mapping[str, str] = MappingProxyType({}),
) -> Routine:
    """``WIDTH`` numbers from ``y[f]`` on, of those of ``steps`` steps from ``x[e]`` on, which lie
    ``STRIDE`` apart. The steps that count get the ``gradient``.
    """
    at, name = place(x, layer.dim), "x0" if lengths else "x"
    outer, steps, inner = math.prod(x.sizes[:at]), x.sizes[at], x.sizes[at + 1 :]
    if inner:  # rows of each step
        rows, width, stride = math.prod(inner[:-1]), inner[-1], "ROWS * PAD(WIDTH)"
        of_x, of_y = "(b * STEPS * ROWS + r) * PAD(WIDTH)", "(b * ROWS + r) * PAD(WIDTH)"
    else:  # the numbers of a row
        rows, width, stride, beside = 1, 1, "1", x.sizes[-2] if at else 1
        of_x, of_y = "b * PAD(STEPS)", f"b / {beside} * PAD({beside}) + b % {beside}"
    counted = "(int)x1[b / OUTER * PAD(1)]" if lengths else "STEPS"
    each = f"""
        enum {{ STRIDE = {stride} }};
        for (int b = 0; b < N * OUTER; b++)
            for (int r = 0; r < ROWS; r++) {{
            const int e = {of_x}, f = {of_y}, steps = {counted};
            (void)r, (void)steps;"""
    back = f"""{each}
            {_each_number_of("STEPS")} {{
                    const int k = e + t * STRIDE + i;
                    dx[k] = (add ? dx[k] : 0) + ({counts} ? {gradient} : 0);
                }}
            }}"""
    return Routine(
        constants={"OUTER": outer, "STEPS": steps, "ROWS": rows, "WIDTH": width},
        reads=("x1",) if lengths else (),
        keeps=keeps,
        scratch=scratch,
        forward=f"""{each}{forward.format(x=name)}
            }}""",
        backward=(back, *([cleared("dx", "N * PAD(1)")] if lengths else [])),
    )
