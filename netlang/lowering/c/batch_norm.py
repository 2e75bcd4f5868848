"""Batch normalization in C: the layer for which the samples of a batch depend on each other.

Each slice measures its own mean and the squares around it, per channel. All slices put these
together in the same order (Chan, Golub and LeVeque 1979): no sum loses digits where a mean is
large, and the number of threads changes no bit.
"""

from __future__ import annotations

import math

from netlang.catalogue.layers import BatchNorm
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, ROWS, Layout, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import inside, summed, without_gaps


def _each(layout: Layout, statements: str, of_block: str = "") -> str:
    """Statements for each number ``e`` of channel ``c``; in blocks, some ahead for all of one. Rows
    have a number of each channel.
    """
    if layout == ROWS:
        return f"""
        for (int s = 0; s < N; s++)
            for (int c = 0; c < C; c++) {{
                const int e = s * PAD(C) + c;
                {inside(statements, 16)}
            }}"""
    return without_gaps(f"""
        for (int b = 0; b < BLOCKS; b++) {{
            {of_block}
            for (int c = 0; c < C; c++)
                EACH_VECTOR
                for (int e = (b * C + c) * EACH; e < (b * C + c + 1) * EACH; e++) {{
                    {inside(statements, 20)}
                }}
        }}""")


_ZERO = {ROWS: "0", BLOCKS: "(vector){0}"}

_MEASURE = {
    ROWS: """
        /* this slice's mean of each channel, the squares around it, and how many numbers it has */
        for (int i = 0; i < 2 * C; i++) moments[i] = 0;
        for (int s = 0; s < taken; s++)
            for (int c = 0; c < C; c++) moments[c] += x[s * PAD(C) + c];
        for (int c = 0; c < C; c++) moments[c] /= taken ? taken : 1;
        for (int s = 0; s < taken; s++)
            for (int c = 0; c < C; c++) {
                const real centred = x[s * PAD(C) + c] - moments[c];
                moments[C + c] += centred * centred;
            }
        moments[2 * C] = taken;""",
    BLOCKS: """
        /* this slice's mean of each channel, the squares around it, and how many numbers it has */
        for (int c = 0; c < C; c++) {
            real mean = 0, squares = 0;
            for (int b = 0, before = 0; before < taken; b++, before += LANES) {
                const int more = least(LANES, taken - before);
                const vector there = lanes_below(more);
                const real share = (real)more / (before + more);
                vector means_of_lanes, squares_of_lanes;
                measure_lanes(EACH, x + (b * C + c) * EACH, &means_of_lanes, &squares_of_lanes);
                const real own = total(there * means_of_lanes) / more, apart = own - mean;
                const vector around = means_of_lanes - own;
                squares += total(there * (squares_of_lanes + EACH * around * around))
                           + EACH * apart * apart * before * share;
                mean += apart * share;
            }
            moments[c] = mean;
            moments[C + c] = squares;
        }
        moments[2 * C] = taken * EACH;""",
}

_TOGETHER = """
    /* the mean of each channel over the whole batch, and the squares around it */
    for (int c = 0; c < C; c++) means[c] = inverses[c] = 0;
    real count = 0;
    for (int i = 0; i < SLICES; i++) {
        const real *const part = all_moments + i * (2 * C + 1);
        const real more = part[2 * C], share = more / (count + more);
        if (more == 0) continue;
        #pragma omp simd
        for (int c = 0; c < C; c++) {
            const real apart = part[c] - means[c];
            inverses[c] += part[C + c] + apart * apart * count * share;
            means[c] += apart * share;
        }
        count += more;
    }
    for (int c = 0; c < C && slice == 0; c++) {
        running_mean[c] += momentum * (means[c] - running_mean[c]);
        running_var[c] += momentum * (inverses[c] / (count - 1) - running_var[c]);
    }
    #pragma omp simd
    for (int c = 0; c < C; c++) inverses[c] = 1 / SQRT(inverses[c] / count + eps);"""

_SUMS_BACK = summed("first", "first + EACH", sum="dy[i]", along="dy[i] * (x[i] - means[c])")

_MEASURE_BACK = {
    ROWS: """
        /* this slice's sums of dy, and of dy (x - mean) */
        for (int i = 0; i < 2 * C; i++) sums[i] = 0;
        for (int s = 0; s < taken; s++)
            for (int c = 0; c < C; c++) {
                const real part = dy[s * PAD(C) + c];
                sums[c] += part;
                sums[C + c] += part * (x[s * PAD(C) + c] - means[c]);
            }""",
    BLOCKS: f"""
        /* this slice's sums of dy, and of dy (x - mean); dy is 0 behind the last sample */
        for (int c = 0; c < C; c++) {{
            vector sum = all(0), along = all(0);
            for (int b = 0; b < BLOCKS; b++) {{
                const int first = (b * C + c) * EACH;
                {inside(_SUMS_BACK, 16)}
            }}
            sums[c] = total(sum);
            sums[C + c] = total(along);
        }}""",
}

_GRADIENTS = """
        for (int c = 0; c < C; c++) {
            bias_grad[c] = (add ? bias_grad[c] : 0) + sums[c];
            weight_grad[c] = (add ? weight_grad[c] : 0) + sums[C + c] * inverses[c];
        }"""


@lowers(BatchNorm)
def batch_norm(layer: BatchNorm, x: Shape) -> Routine:
    layout: Layout = ROWS if len(x.sizes) == 1 else BLOCKS
    constants = {
        "C": x.sizes[0],
        "EACH": math.prod(x.sizes[1:]),
        "eps": layer.eps,
        "momentum": layer.momentum,
    }
    return Routine(
        layout=layout,
        constants=constants,
        reads=("x",),
        keeps={"means": "C", "inverses": "C"},
        scratch={"through_mean": "C", "through_variance": "C"},
        batch_sums={"moments": "2 * C + 1", "sums": "2 * C"},
        measure=_MEASURE[layout],
        forward=f"{_TOGETHER}\n{_affine(layer.affine, layout)}",
        measure_back=_MEASURE_BACK[layout],
        gradients=_GRADIENTS if layer.affine else "",
        backward=(_backward(layer.affine, layout),),
        centres_dx=True,
        in_place=True,
        frozen=_by_statistics(layer.affine, layout, constants),
    )


def _affine(affine: bool, layout: Layout) -> str:
    """y = (x - mean) / sqrt(variance + eps) * weight + bias"""
    factor, bias = ("inverses[c] * weight[c]", " + bias[c]") if affine else ("inverses[c]", "")
    each = _each(layout, f"y[e] = (x[e] - means[c]) * ({factor}){bias};")
    return f"/* {_affine.__doc__} */{each}"


def _backward(affine: bool, layout: Layout) -> str:
    """dx = (g - mean of g - (x - mean) / (variance + eps) * mean of g (x - mean)) * inverse, where
    g = dy * weight, and the means are those over the whole batch.
    """
    weight = " * weight[c]" if affine else ""
    taken = {ROWS: "s < taken ? part : 0", BLOCKS: "part * there"}[layout]
    each = _each(
        layout,
        f"""
        {"real" if layout == ROWS else "vector"} part = dy[e] * (inverses[c]{weight});
        part -= (x[e] - means[c]) * through_variance[c] + through_mean[c];
        dx[e] = (add ? dx[e] : {_ZERO[layout]}) + ({taken});""",
        of_block="const vector there = lanes_below(taken - b * LANES);",
    )
    return f"""
        for (int c = 0; c < C; c++) {{
            real count = 0, sum = 0, along = 0;
            for (int i = 0; i < SLICES; i++) {{
                count += all_moments[i * (2 * C + 1) + 2 * C];
                sum += all_sums[i * 2 * C + c];
                along += all_sums[i * 2 * C + C + c];
            }}
            const real share = inverses[c]{weight} / count;
            through_mean[c] = sum * share;
            through_variance[c] = along * inverses[c] * inverses[c] * share;
        }}
        {each}"""


def _by_statistics(affine: bool, layout: Layout, constants: dict[str, int | float]) -> Routine:
    """With the running statistics, which do not depend on x."""
    known = """
        for (int c = 0; c < C; c++) {
            means[c] = running_mean[c];
            inverses[c] = 1 / SQRT(running_var[c] + eps);
        }
        """
    weight = " * weight[c]" if affine else ""
    back = f"dx[e] = (add ? dx[e] : {_ZERO[layout]}) + dy[e] * (inverses[c]{weight});"
    return Routine(
        layout=layout,
        constants=constants,
        keeps={"means": "C", "inverses": "C"},
        forward=f"{known}{_affine(affine, layout)}",
        gradients="",
        backward=(_each(layout, back),),
        in_place=True,
    )
