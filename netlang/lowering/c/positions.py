"""Layers that say where in its sequence a token stands in C."""

from __future__ import annotations

from netlang.catalogue.layers import PositionalEmbedding, Rotary
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Array, ForwardOnly, Routine
from netlang.lowering.c.lowerings import computes, lowers
from netlang.lowering.c.rows import cleared


@computes(PositionalEmbedding)
def positional_embedding(layer: PositionalEmbedding, x: Shape) -> ForwardOnly:
    steps, features = x.sizes
    if layer.form == "learned":
        return ForwardOnly(
            constants={"COUNT": x.size},
            forward="for (int i = 0; i < COUNT; i++) y[i] = x[i] + weight[i];",
        )
    return ForwardOnly(
        constants={"STEPS": steps, "SIZE": features},
        forward="""
        /* waves: P[t][2i] = sin(t / 10000^(2i / SIZE)), and P[t][2i + 1] the cosine */
        for (int t = 0; t < STEPS; t++)
            for (int i = 0; i < SIZE; i++) {
                const double angle = t * pow(10000.0, -(double)(i - i % 2) / SIZE);
                y[t * SIZE + i] = x[t * SIZE + i] + (float)(i % 2 ? cos(angle) : sin(angle));
            }""",
    )


@computes(Rotary)
def rotary(layer: Rotary, x: Shape) -> ForwardOnly:
    steps, features = x.sizes
    return ForwardOnly(
        constants={"COUNT": x.size, "STEPS": steps, "SIZE": features, "HEADS": layer.num_heads},
        forward=f"""
        memcpy(y, x, COUNT * sizeof(float));
        {turned("y", "STEPS", "HEADS", "SIZE / HEADS", layer.base)}""",
    )


def turned(rows: str, steps: str, heads: str, size: str, base: float) -> str:
    """A statement that turns pairs of features in each head, of so many numbers."""
    return f"turn({steps}, {heads}, {size}, {float(base)!r}, {rows});"


@lowers(PositionalEmbedding)
def positional_embedding_to_train(layer: PositionalEmbedding, x: Shape) -> Routine:
    steps, features = x.sizes
    each = """
        for (int s = 0; s < N; s++)
            for (int t = 0; t < STEPS; t++)
                for (int e = (s * STEPS + t) * PAD(SIZE), i = 0; i < SIZE; e++, i++)"""
    backward = (f"{each} dx[e] = add ? dx[e] + dy[e] : dy[e];",)
    constants = {"STEPS": steps, "SIZE": features}
    if layer.form == "learned":
        rows = {"MOST": layer.max_length}
        return Routine(
            forward=f"{each} y[e] = x[e] + weight[t * SIZE + i];",
            backward=backward,
            gradients=f"{cleared('weight_grad', 'MOST * SIZE')}"
            f"{each} weight_grad[t * SIZE + i] += dy[e];",
            constants={**constants, **rows},
        )
    return Routine(
        forward=f"{each} y[e] = x[e] + waves[t * SIZE + i];",
        backward=backward,
        prepared={"waves": _angles("waves", steps, features, 10000.0, "sin(angle)", "cos(angle)")},
        constants=constants,
    )


@lowers(Rotary)
def rotary_to_train(layer: Rotary, x: Shape) -> Routine:
    steps, features = x.sizes
    where = f"turns_{steps}", "STEPS", "HEADS", "SIZE", "PAD(HEADS * SIZE)"
    return Routine(
        constants={"STEPS": steps, "HEADS": layer.num_heads, "SIZE": features // layer.num_heads},
        prepared=rotations(steps, features // layer.num_heads, layer.base),
        forward=turned_heads("x", "y", *where),
        backward=(turned_heads("dy", "dx", *where, back=True, add="add"),),
    )


def rotations(steps: int, size: int, base: float) -> dict[str, Array]:
    """The cosine and the sine for each pair of features at each step."""
    name = f"turns_{steps}"
    return {name: _angles(name, steps, size, base, "cos(angle)", "sin(angle)")}


def _angles(name: str, steps: int, size: int, base: float, even: str, odd: str) -> Array:
    """For features 2i and 2i + 1 of step t, what is made of the angle t / base^(2i / size). It is
    filled once.
    """
    return Array(
        f"{steps} * {size}",
        f"""
    if ({name}[0] + {name}[{min(1, size - 1)}] == 0)
        for (int i = 0; i < {size}; i++)
            for (int t = 0; t < {steps}; t++) {{
                const double angle = t * pow({float(base)!r}, -(double)(i - i % 2) / {size});
                {name}[t * {size} + i] = (real)(i % 2 ? {odd} : {even});
            }}""".lstrip(),
    )


def turned_heads(
    x: str,
    y: str,
    turns: str,
    steps: str,
    heads: str,
    size: str,
    row: str,
    back: bool = False,
    add: str = "0",
) -> str:
    """``y``, which may be ``x``, with each pair of features of each head turned by the
    ``rotations`` of that name, or turned ``back``; it adds to ``y`` if ``add`` is 1.
    """
    sign = "-" if back else ""
    return f"""
        for (int s = 0; s < N; s++)
            for (int t = 0; t < {steps}; t++)
                for (int h = 0; h < {heads}; h++)
                    for (int i = 0; i < {size}; i += 2) {{
                        const int e = (s * {steps} + t) * {row} + h * {size} + i;
                        const real a = {x}[e], b = {x}[e + 1];
                        const real *const turn = {turns} + t * {size} + i;
                        const real c = turn[0], d = {sign}turn[1];
                        {y}[e] = ({add} ? {y}[e] : 0) + (a * c - b * d);
                        {y}[e + 1] = ({add} ? {y}[e + 1] : 0) + (a * d + b * c);
                    }}"""
