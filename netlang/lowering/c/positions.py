"""Layers that say where in its sequence a token stands in C."""

from __future__ import annotations

from netlang.catalogue.layers import PositionalEmbedding, Rotary
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes


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
