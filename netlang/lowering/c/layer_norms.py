"""Norms over the last dimensions of a sample in C."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from netlang.catalogue.layers import LayerNorm, RMSNorm
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import SOME, cleared, inside, sum_of_row

_PRECISION = "(sizeof(real) == sizeof(double) ? DBL_EPSILON : FLT_EPSILON)"
_MANY = 4096  # numbers, whose sum wants more digits than a float has


@lowers(LayerNorm)
def layer_norm(layer: LayerNorm, x: Shape) -> Routine:
    square = "(x[e] - mean) * (x[e] - mean)"
    measured = f"""
            real mean, variance;
            {_means(layer, mean="x[e]")}
            {_means(layer, variance=square)}
            const real inverse = 1 / SQRT(variance + eps);
            means[g] = mean;"""
    alone = f"""
            float mean = 0, variance = 0;
            {_sum_alone(layer, "mean", "x[e]")}
            mean /= COUNT;
            {_sum_alone(layer, "variance", square)}
            const float inverse = 1 / SQRT(variance / COUNT + eps);"""
    y = "(x[e] - mean) * inverse"
    return _norm(layer, x, measured, alone, y, layer.eps, layer.with_bias)


@lowers(RMSNorm)
def rms_norm(layer: RMSNorm, x: Shape) -> Routine:
    eps, eps_alone = (_PRECISION, "FLT_EPSILON") if layer.eps is None else ("eps", "eps")
    measured = f"""
            real squares;
            {_means(layer, squares="x[e] * x[e]")}
            const real inverse = 1 / SQRT(squares + {eps});"""
    alone = f"""
            float squares = 0;
            {_sum_alone(layer, "squares", "x[e] * x[e]")}
            const float inverse = 1 / SQRT(squares / COUNT + {eps_alone});"""
    y = "x[e] * inverse"
    return _norm(layer, x, measured, alone, y, layer.eps or 0.0, with_bias=False)


def _norm(
    layer: LayerNorm | RMSNorm,
    x: Shape,
    measured: str,
    alone: str,
    standardized: str,
    eps: float,
    with_bias: bool,
) -> Routine:
    """``measured`` says what numbers ``g`` that are normalised together have in common, ``alone``
    the same of one sample, and ``standardized`` what becomes of one of them.
    """
    last, is_affine = _together(layer), layer.elementwise_affine
    has_mean, with_bias = "mean" in standardized, with_bias and is_affine
    y = standardized + " * weight[k]" * is_affine + " + bias[k]" * with_bias
    slope = "dy[e]" + " * weight[k]" * is_affine
    known = "const real inverse = inverses[g];" + " const real mean = means[g];" * has_mean
    of_weights = {"weight": f"dy[e] * {standardized}", **({"bias": "dy[e]"} if with_bias else {})}
    sums = {**({"mean_slope": slope} if has_mean else {}), "along": f"{slope} * {standardized}"}
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
        alone=f"""
        for (int g = 0; g < GROUPS; g++) {{{alone}
            {_each_alone(f"y[e] = {y};")}
        }}""",
        gradients=_gradients(known, of_weights) if is_affine else "",
        backward=(
            f"""
        /* What they have in common depends on each x, too. */
        for (int g = 0; g < N * GROUPS; g++) {{
            {known}
            real along{", mean_slope" * has_mean};
            {_means(layer, **sums)}
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


def _gradients(known: str, of_weights: Mapping[str, str]) -> str:
    """What each number adds to the gradients of its weights. Those of a vector are summed over some
    rows before they go to memory: a sum of many floats would lose digits.
    """
    emptied = "\n        ".join(cleared(f"{name}_grad", "COUNT") for name in of_weights)
    vectors = ", ".join(f"of_{name} = {{0}}" for name in of_weights)
    each = [f"of_{name} += {_of_vectors(one)};" for name, one in of_weights.items()]
    added = [
        f"add_rows(1, count, (real *)&of_{name}, 0, {name}_grad + r * LAST + i, 0);"
        for name in of_weights
    ]
    return f"""
        {emptied}
        for (int some = 0; some < N * GROUPS; some += {SOME}) {{
            const int behind = least(some + {SOME}, N * GROUPS);
            for (int r = 0; r < ROWS; r++)
                for (int i = 0; i < LAST; i += LANES) {{
                    const int count = least(LANES, LAST - i);
                    vector {vectors};
                    for (int g = some; g < behind; g++) {{
                        const int e = (g * ROWS + r) * PAD(LAST) + i;
                        {known}
                        {" ".join(each)}
                    }}
                    {" ".join(added)}
                }}
        }}"""


def _means(layer: LayerNorm | RMSNorm, **each: str) -> str:
    """The means over these numbers: of vectors, some at a time, and of what is left of a row. A sum
    of many floats would lose digits.
    """
    of_number = {name: re.sub(r"\[([ek])\]", r"[\1 + i]", one) for name, one in each.items()}
    numbers = " ".join(f"sum_of_{name} += {one};" for name, one in of_number.items())
    vectors = _of_vectors(numbers)
    return f"""{{
                {_total_type(layer)} {", ".join(f"all_of_{name} = 0" for name in each)};
                for (int r = 0; r < ROWS; r++) {{
                    const int k = r * LAST, e = (g * ROWS + r) * PAD(LAST);
                    const int whole = LAST / LANES * LANES;
                    (void)k;
                    for (int i = 0; i < whole;) {{
                        const int behind = least(i + {SOME} * LANES, whole);
                        vector {", ".join(f"sum_of_{name} = {{0}}" for name in each)};
                        for (; i < behind; i += LANES) {{ {vectors} }}
                        {" ".join(f"all_of_{name} += total(sum_of_{name});" for name in each)}
                    }}
                    real {", ".join(f"sum_of_{name} = 0" for name in each)};
                    for (int i = whole; i < LAST; i++) {{ {numbers} }}
                    {" ".join(f"all_of_{name} += sum_of_{name};" for name in each)}
                }}
                {" ".join(f"{name} = (real)(all_of_{name} / COUNT);" for name in each)}
            }}"""


def _of_vectors(text: str) -> str:
    """``text`` of a number at ``e``, and of its weights at ``k``, for the vector from there on."""
    return re.sub(r"\b(\w+)\[([ek](?: \+ i)?)\]", r"load(\1 + \2)", text)


def _total_type(layer: LayerNorm | RMSNorm) -> str:
    return "double" if math.prod(_together(layer)) > _MANY else "real"


def _each_alone(statement: str) -> str:
    """The same loop in one sample without padding."""
    return f"""for (int k = 0; k < COUNT; k++) {{
                const int e = g * COUNT + k;
                {statement}
            }}"""


def _sum_alone(layer: LayerNorm | RMSNorm, name: str, each: str) -> str:
    """The sum over them there."""
    each = each.replace("e]", "g * COUNT + i]")
    return inside(sum_of_row(name, each, math.prod(_together(layer)), "COUNT"), 12)


def _together(layer: LayerNorm | RMSNorm) -> tuple[int, ...]:
    """The sizes of the dimensions that are normalised together."""
    sizes = layer.normalized_shape
    return sizes if isinstance(sizes, tuple) else (sizes,)
