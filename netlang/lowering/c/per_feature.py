"""Weights of its own for each feature in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import LinearPerFeature, PeriodicEmbedding
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Array, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import cleared


@lowers(LinearPerFeature)
def linear_per_feature(layer: LinearPerFeature, x: Shape) -> Routine:
    """Products of each feature's vectors in all rows, which lie ``F`` vectors apart."""
    bias = layer.with_bias
    return Routine(
        constants={
            "R": x.size // (layer.num_features * layer.in_features),
            "F": layer.num_features,
            "I": layer.in_features,
            "O": layer.out_features,
        },
        reads=("x",),
        prepared={
            "along": Array("F * O * PAD(I)", "move_rows(F * O, I, weight, I, along, PAD(I));"),
            "across": Array(
                "F * I * PAD(O)",
                "for (int f = 0; f < F; f++)"
                " transpose(O, I, weight + f * O * I, across + f * I * PAD(O), PAD(O));",
            ),
            **({"bias_rows": _BIAS_ROWS} if bias else {}),
        },
        sums={
            "along_grad": Array(
                "F * O * PAD(I)", "move_rows(F * O, I, along_grad, PAD(I), weight_grad, I);"
            ),
            **({"bias_rows_grad": _BIAS_ROWS_GRAD} if bias else {}),
        },
        forward=f"""
            /* y = x wT{" + b" if bias else ""}, for each feature */
            for (int f = 0; f < F; f++)
                product(N * R, O, I, x + f * PAD(I), F * PAD(I), 1, across + f * I * PAD(O), PAD(O),
                        y + f * PAD(O), F * PAD(O), {"bias_rows + f * PAD(O)" if bias else "NULL"},
                        0);""",
        alone=f"""
        for (int r = 0; r < R; r++)
            for (int f = 0; f < F; f++)
                dots(1, O, I, x + (r * F + f) * I, weight + f * O * I,
                     {"bias + f * O" if bias else "NULL"}, y + (r * F + f) * O);""",
        gradients=f"""
            /* dw = dyT x{",  db = dyT 1" if bias else ""}, for each feature */
            for (int f = 0; f < F; f++)
                product(O, I, N * R, dy + f * PAD(O), 1, F * PAD(O), x + f * PAD(I), F * PAD(I),
                        along_grad + f * O * PAD(I), PAD(I), NULL, add);
            {"sum_rows(N * R, F * PAD(O), dy, bias_rows_grad, add);" if bias else ""}""",
        backward=(
            """
            /* dx = dy w, for each feature */
            for (int f = 0; f < F; f++)
                product(N * R, I, O, dy + f * PAD(O), F * PAD(O), 1, along + f * O * PAD(I), PAD(I),
                        dx + f * PAD(I), F * PAD(I), NULL, add);""",
        ),
    )


_BIAS_ROWS = Array("F * PAD(O)", "move_rows(F, O, bias, O, bias_rows, PAD(O));")
_BIAS_ROWS_GRAD = Array("F * PAD(O)", "move_rows(F, O, bias_rows_grad, PAD(O), bias_grad, O);")


@lowers(PeriodicEmbedding)
def periodic_embedding(layer: PeriodicEmbedding, x: Shape) -> Routine:
    bias = " + bias[f * K + k]" if layer.with_bias else ""
    turns = f"turn * x[r * PAD(F) + f] * weight[f * K + k]{bias}"
    sine = "" if layer.with_bias else f"y[e + K + k] = SIN({turns});"
    # The waves are the slopes of each other: with a bias, there are only the cosines.
    slope = f"-SIN({turns}) * dy[e + k]"
    if not layer.with_bias:
        slope = "y[e + k] * dy[e + K + k] - y[e + K + k] * dy[e + k]"
    each = """
        for (int r = 0; r < N * ROWS; r++)
            for (int f = 0; f < F; f++) {"""
    of_waves = "const int e = (r * F + f) * PAD(WIDTH);"
    of_turns = "const int d = (r * F + f) * PAD(K);"
    summed = "bias_grad[f * K + k] += d_turns[d + k];" if layer.with_bias else ""
    clear_bias = cleared("bias_grad", "F * K") if layer.with_bias else ""
    return Routine(
        constants={
            "ROWS": x.size // layer.num_features,
            "F": layer.num_features,
            "K": layer.k,
            "WIDTH": layer.infer(x).sizes[-1],
            "turn": 2 * math.pi,
        },
        reads=("x",) if layer.with_bias else ("x", "y"),
        keeps={"d_turns": "N * ROWS * F * PAD(K)"},
        forward=f"""{each}
                {of_waves}
                #pragma omp simd
                for (int k = 0; k < K; k++) {{
                    y[e + k] = COS({turns});
                    {sine}
                }}
            }}""",
        inward=f"""{each}
                {of_waves}
                {of_turns}
                #pragma omp simd
                for (int k = 0; k < K; k++) d_turns[d + k] = {slope};
            }}""",
        gradients=f"""
        {cleared("weight_grad", "F * K")}
        {clear_bias}{each}
                {of_turns}
                #pragma omp simd
                for (int k = 0; k < K; k++) {{
                    weight_grad[f * K + k] += turn * x[r * PAD(F) + f] * d_turns[d + k];
                    {summed}
                }}
            }}""",
        backward=(
            f"""{each}
                {of_turns}
                real slope = 0;
                #pragma omp simd reduction(+ : slope)
                for (int k = 0; k < K; k++) slope += d_turns[d + k] * weight[f * K + k];
                real *const to = dx + r * PAD(F) + f;
                *to = (add ? *to : 0) + turn * slope;
            }}""",
        ),
    )
