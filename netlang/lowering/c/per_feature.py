"""Weights of its own for each feature in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import LinearPerFeature, PeriodicEmbedding
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes


@computes(PeriodicEmbedding)
def periodic_embedding(layer: PeriodicEmbedding, x: Shape) -> ForwardOnly:
    bias = " + bias[f * K + k]" if layer.with_bias else ""
    sine = "" if layer.with_bias else "to[K + k] = sinf(turns);"
    return ForwardOnly(
        constants={
            "ROWS": x.size // layer.num_features,
            "F": layer.num_features,
            "K": layer.k,
            "WIDTH": layer.infer(x).sizes[-1],
            "turn": 2 * math.pi,
        },
        forward=f"""
        for (int n = 0; n < ROWS; n++)
            for (int f = 0; f < F; f++) {{
                float *const to = y + (n * F + f) * WIDTH;
                for (int k = 0; k < K; k++) {{
                    const float turns = turn * x[n * F + f] * weight[f * K + k]{bias};
                    to[k] = cosf(turns);
                    {sine}
                }}
            }}""",
    )


@computes(LinearPerFeature)
def linear_per_feature(layer: LinearPerFeature, x: Shape) -> ForwardOnly:
    bias = "bias + f * O" if layer.with_bias else "NULL"
    return ForwardOnly(
        constants={
            "ROWS": x.size // (layer.num_features * layer.in_features),
            "F": layer.num_features,
            "I": layer.in_features,
            "O": layer.out_features,
        },
        forward=f"""
        for (int n = 0; n < ROWS; n++)
            for (int f = 0; f < F; f++)
                dots(1, O, I, x + (n * F + f) * I, weight + f * O * I, {bias}, y + (n * F + f) * O);
        """,
    )
