"""Norms over the last dimensions of a sample that train in C."""

from __future__ import annotations

import math
import re

from netlang.catalogue.layers import LayerNorm, RMSNorm
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import cleared

_PRECISION = "(sizeof(real) == sizeof(double) ? DBL_EPSILON : FLT_EPSILON)"


@lowers(LayerNorm)
def layer_norm(layer: LayerNorm, x: Shape) -> Routine:
    measured = f"""
            real mean, variance;
            {_sum("mean", "x[e]")}
            mean /= COUNT;
            {_sum("variance", "(x[e] - mean) * (x[e] - mean)")}
            const real inverse = 1 / SQRT(variance / COUNT + eps);
            means[g] = mean;"""
    return _norm(layer, x, measured, "(x[e] - mean) * inverse", layer.eps, layer.with_bias)


@lowers(RMSNorm)
def rms_norm(layer: RMSNorm, x: Shape) -> Routine:
    eps = _PRECISION if layer.eps is None else "eps"
    measured = f"""
            real squares;
            {_sum("squares", "x[e] * x[e]")}
            const real inverse = 1 / SQRT(squares / COUNT + {eps});"""
    return _norm(layer, x, measured, "x[e] * inverse", layer.eps or 0.0, with_bias=False)


def _norm(
    layer: LayerNorm | RMSNorm,
    x: Shape,
    measured: str,
    standardized: str,
    eps: float,
    with_bias: bool,
) -> Routine:
    """``measured`` says what numbers ``g`` that are normalised together have in common, and
    ``standardized`` what becomes of one of them.
    """
    sizes, is_affine = layer.normalized_shape, layer.elementwise_affine
    last = sizes if isinstance(sizes, tuple) else (sizes,)
    has_mean, with_bias = "mean" in standardized, with_bias and is_affine
    y = standardized + " * weight[k]" * is_affine + " + bias[k]" * with_bias
    slope = "dy[e]" + " * weight[k]" * is_affine
    known = "const real inverse = inverses[g];" + " const real mean = means[g];" * has_mean
    summed = [f"weight_grad[k] += dy[e] * {standardized};", *["bias_grad[k] += dy[e];"] * with_bias]
    weights = ["weight", *["bias"] * with_bias]
    emptied = "\n        ".join(cleared(f"{name}_grad", "COUNT") for name in weights)
    centred = f"{_sum('mean_slope', slope)}\n            mean_slope /= COUNT;"
    gradient = f"{slope} -{' mean_slope -' * has_mean} along * {standardized}"
    return Routine(
        constants={
            "GROUPS": x.size // math.prod(last),
            "ROWS": math.prod(last[:-1]),
            "LAST": last[-1],
            "COUNT": math.prod(last),
            "eps": eps,
        },
        reads=("x",),
        keeps={"inverses": "N * GROUPS", **({"means": "N * GROUPS"} if has_mean else {})},
        forward=f"""
        for (int g = 0; g < N * GROUPS; g++) {{{measured}
            inverses[g] = inverse;
            {_each(f"y[e] = {y};")}
        }}""",
        gradients=f"""
        {emptied}
        for (int g = 0; g < N * GROUPS; g++) {{
            {known}
            {_each(" ".join(summed))}
        }}"""
        if is_affine
        else "",
        backward=(
            f"""
        /* What they have in common depends on each x, too. */
        for (int g = 0; g < N * GROUPS; g++) {{
            {known}
            real along{", mean_slope" * has_mean};
            {centred if has_mean else ""}
            {_sum("along", f"{slope} * {standardized}")}
            along /= COUNT;
            {_each(f"dx[e] = (add ? dx[e] : 0) + ({gradient}) * inverse;")}
        }}""",
        ),
    )


def _each(statement: str) -> str:
    """A loop over the numbers that are normalised together, of which number ``k`` lies at ``e``."""
    return f"""for (int r = 0; r < ROWS; r++)
                #pragma omp simd
                for (int i = 0; i < LAST; i++) {{
                    const int k = r * LAST + i, e = (g * ROWS + r) * PAD(LAST) + i;
                    (void)k;
                    {statement}
                }}"""


def _sum(name: str, each: str) -> str:
    """The sum over these numbers: of whole vectors, and of what is left of a row."""
    of_vector = re.sub(r"\b(\w+)\[([ek])\]", r"load(\1 + \2)", each)
    return f"""{{
                vector many = {{0}};
                real few = 0;
                for (int r = 0; r < ROWS; r++) {{
                    int k = r * LAST, e = (g * ROWS + r) * PAD(LAST), i = 0;
                    for (; i + LANES <= LAST; i += LANES, k += LANES, e += LANES)
                        many += {of_vector};
                    for (; i < LAST; i++, k++, e++) few += {each};
                }}
                {name} = total(many) + few;
            }}"""
