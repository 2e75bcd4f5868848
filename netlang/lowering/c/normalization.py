"""Norms in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LocalResponseNorm,
)
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, ForwardOnly, Routine
from netlang.lowering.c.lowerings import computes, lowers
from netlang.lowering.c.rows import inside, summed, without_gaps


@computes(BatchNorm)
def batch_norm(layer: BatchNorm, x: Shape) -> ForwardOnly:
    y = "(x[c * n + i] - running_mean[c]) * inverse"
    return ForwardOnly(
        constants={"C": x.sizes[0], "n": math.prod(x.sizes[1:]), "eps": layer.eps},
        forward=f"""
        for (int c = 0; c < C; c++) {{
            const float inverse = 1 / sqrtf(running_var[c] + eps);
            for (int i = 0; i < n; i++) y[c * n + i] = {_affine(y, "c", layer.affine)};
        }}""",
    )


@lowers(InstanceNorm)
def instance_norm(layer: InstanceNorm, x: Shape) -> Routine:
    return _of_groups(x, x.sizes[0], layer.eps, layer.affine)


@lowers(GroupNorm)
def group_norm(layer: GroupNorm, x: Shape) -> Routine:
    return _of_groups(x, layer.num_groups, layer.eps, layer.affine)


def _of_groups(x: Shape, groups: int, eps: float, affine: bool) -> Routine:
    """Of numbers that are vectors of samples."""
    place = "g % GROUPS * CHANNELS + c"
    weight = f" * weight[{place}]" if affine else ""
    y = _affine("(from[i] - mean) * inverse", place, affine)
    along = summed("first", "first + EACH", along="dy[i] * (x[i] - mean)", of_bias="dy[i]")
    slopes = {"sum": f"slope[i]{weight}", "along": f"slope[i]{weight} * (from[i] - mean)"}
    sums = summed("c * EACH", "(c + 1) * EACH", **slopes)

    def forward(keep: str = "") -> str:
        return without_gaps(f"""
        for (int g = 0; g < BLOCKS * GROUPS; g++) {{
            const vector *const from = x + g * COUNT;
            vector *const to = y + g * COUNT;
            vector mean = all(0), variance = all(0);
            {inside(summed("0", "COUNT", mean="from[i]"), 12)}
            mean /= (real)COUNT;
            {inside(summed("0", "COUNT", variance="(from[i] - mean) * (from[i] - mean)"), 12)}
            const vector inverse = 1 / SQRT_EACH(variance / (real)COUNT + eps);
            {inside(keep, 12)}
            for (int c = 0; c < CHANNELS; c++)
                EACH_VECTOR
                for (int i = c * EACH; i < (c + 1) * EACH; i++)
                    to[i] = {y};
        }}""")

    return Routine(
        layout=BLOCKS,
        constants={
            "GROUPS": groups,
            "COUNT": x.size // groups,
            "EACH": math.prod(x.sizes[1:]),  # numbers of a channel
            "CHANNELS": x.sizes[0] // groups,
            "eps": eps,
        },
        keeps={"means": "BLOCKS * GROUPS * LANES", "inverses": "BLOCKS * GROUPS * LANES"},
        reads=("x",),
        forward=forward(_KEEP_STATISTICS),
        evaluated=forward(),
        gradients=f"""
        for (int c = 0; c < GROUPS * CHANNELS; c++) {{
            vector of_weight = all(0), of_bias = all(0);
            for (int b = 0; b < BLOCKS; b++) {{
                const int g = b * GROUPS + c / CHANNELS;
                const vector mean = ((vector *)means)[g], inverse = ((vector *)inverses)[g];
                const int first = (b * GROUPS * CHANNELS + c) * EACH;
                vector along = all(0);
                {inside(along, 16)}
                of_weight += along * inverse;
            }}
            weight_grad[c] = (add ? weight_grad[c] : 0) + total(of_weight);
            bias_grad[c] = (add ? bias_grad[c] : 0) + total(of_bias);
        }}"""
        * affine,
        backward=(
            f"""
            /* dx = (g - mean of g - c s^2 mean of g c) s, with c = x - mean and g = dy w */
            for (int g = 0; g < BLOCKS * GROUPS; g++) {{
                const vector *const from = x + g * COUNT, *const slope = dy + g * COUNT;
                vector *const to = dx + g * COUNT;
                const vector mean = ((vector *)means)[g], inverse = ((vector *)inverses)[g];
                vector sum = all(0), along = all(0);
                for (int c = 0; c < CHANNELS; c++)
                    {inside(sums, 20)}
                sum /= (real)COUNT;
                along *= inverse * inverse / (real)COUNT;
                for (int c = 0; c < CHANNELS; c++)
                    for (int i = c * EACH; i < (c + 1) * EACH; i++) {{
                        const vector centred = from[i] - mean;
                        const vector part = (slope[i]{weight} - sum - centred * along) * inverse;
                        to[i] = add ? to[i] + part : part;
                    }}
            }}""",
        ),
    )


_KEEP_STATISTICS = """
((vector *)means)[g] = mean;
((vector *)inverses)[g] = inverse;"""


@lowers(LocalResponseNorm)
def local_response_norm(layer: LocalResponseNorm, x: Shape) -> Routine:
    """y = x s^-beta, where s is k plus a share of the squares of so many channels around each."""
    power = _POWERS.get(layer.beta, "EXP_EACH(-beta * LOG_EACH(base))")

    def forward(keep: str = "") -> str:
        return without_gaps(f"""
        for (int c = 0; c < BLOCKS * C; c++)
            for (int i = 0; i < EACH; i++) {{
                const int e = c * EACH + i, first = c % C - BEFORE;
                vector squares = all(0);
                for (int j = most(first, 0); j < least(first + WINDOW, C); j++) {{
                    const vector one = x[e + (j - c % C) * EACH];
                    squares += one * one;
                }}
                const vector base = k + share * squares, power = {power};
                {inside(keep, 16)}
                y[e] = x[e] * power;
            }}""")

    return Routine(
        layout=BLOCKS,
        constants={
            "C": x.sizes[0],
            "EACH": math.prod(x.sizes[1:]),
            "WINDOW": layer.window,
            "BEFORE": layer.window // 2,
            "share": layer.alpha / layer.window,
            "beta": float(layer.beta),
            "k": float(layer.k),
        },
        keeps={"bases": "BLOCKS * C * EACH * LANES", "powers": "BLOCKS * C * EACH * LANES"},
        scratch={"slopes": "BLOCKS * C * EACH * LANES"},
        reads=("x",),
        forward=forward(_KEEP_POWERS),
        evaluated=forward(),
        backward=(
            """
            /* dx = dy s^-beta - 2 beta share x (the sum of dy y / s over all in whose sums x is) */
            for (int e = 0; e < BLOCKS * C * EACH; e++)
                ((vector *)slopes)[e] = dy[e] * x[e] * ((vector *)powers)[e] / ((vector *)bases)[e];
            for (int c = 0; c < BLOCKS * C; c++)
                for (int i = 0; i < EACH; i++) {
                    const int e = c * EACH + i, last = c % C + BEFORE;
                    vector sum = all(0);
                    for (int j = most(last - WINDOW + 1, 0); j < least(last + 1, C); j++)
                        sum += ((vector *)slopes)[e + (j - c % C) * EACH];
                    const vector part =
                        dy[e] * ((vector *)powers)[e] - 2 * beta * share * x[e] * sum;
                    dx[e] = add ? dx[e] + part : part;
                }""",
        ),
    )


_KEEP_POWERS = """
((vector *)bases)[e] = base;
((vector *)powers)[e] = power;"""

# Powers of a base by roots, which take less time.
_POWERS = {
    0.5: "1 / SQRT_EACH(base)",
    0.75: "1 / (SQRT_EACH(base) * SQRT_EACH(SQRT_EACH(base)))",
    1.0: "1 / base",
}


def _affine(y: str, at: str, affine: bool, bias: bool = True) -> str:
    """``y`` times the weight at that place, plus the bias, if there are any."""
    if not affine:
        return y
    return f"{y} * weight[{at}]" + (f" + bias[{at}]" if bias else "")
