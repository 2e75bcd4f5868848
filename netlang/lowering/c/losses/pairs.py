"""Losses of several vectors that a sample has in C."""

from __future__ import annotations

from netlang.catalogue.losses import CosineEmbedding, Triplet
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import SamplewiseLoss
from netlang.lowering.c.losses.texts import lines
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import inside, sum_of_row


@lowers(CosineEmbedding)
def cosine_embedding(loss: CosineEmbedding, y: Shape) -> SamplewiseLoss:
    of_mean = " / batch" if loss.is_mean else ""
    products = {"ab": "a[i] * b[i]", "aa": "a[i] * a[i]", "bb": "b[i] * b[i]"}
    sums = lines(*(sum_of_row(total, each, y.sizes[-1]) for total, each in products.items()))
    slope = f"""
        const real *const a = y, *const b = y + row;
        real ab = 0, aa = least, bb = least;
        {inside(sums, 8)}
        const real both = SQRT(aa) * SQRT(bb), cosine = ab / both;
        const real times = ((cosine > margin ? t[0] : 0) - t[1]){of_mean};
        /* by a: b / |a||b| - a cos / |a|^2, and by b likewise */
        for (int i = 0; i < n; i++) {{
            dy[i] = times * (b[i] / both - a[i] * cosine / aa);
            dy[row + i] = times * (a[i] / both - b[i] * cosine / bb);
        }}
"""
    return SamplewiseLoss(slope, {"margin": loss.margin, "least": 1e-12})


@lowers(Triplet)
def triplet(loss: Triplet, y: Shape) -> SamplewiseLoss:
    """The vectors are the corners of a triangle, whose sides are measured by the p-norm."""
    of_mean = " / batch" if loss.is_mean else ""
    unit, power, root, slope = _norm(loss.p)
    text = f"""
        for (int v = 0; v < 3; v++) memset(dy + v * row, 0, n * sizeof(real));
        for (int second = 0; second < 2; second++) {{
            const real share = t[second]{of_mean};
            if (share == 0) continue;
            const int near = second ? 2 : 1, far = second ? 1 : 2;
            /* from the anchor to both, and from the one to the other */
            const int begin[3] = {{0, 0, near}}, end[3] = {{near, far, far}};
            real unit[3], total[3], length[3];
            for (int side = 0; side < 3; side++) {{
                const real *const from = y + begin[side] * row, *const to = y + end[side] * row;
                real sum = 0, largest = 0;
                for (int i = 0; i < n; i++) {{
                    const real size = (real)fabs(from[i] - to[i] + eps);
                    largest = size > largest ? size : largest;
                }}
                unit[side] = {unit};
                for (int i = 0; i < n; i++) {{
                    const real size = (real)fabs(from[i] - to[i] + eps) / unit[side];
                    sum += {power};
                }}
                total[side] = sum;
                length[side] = unit[side] * {root};
            }}
            const int apart = swap && length[2] < length[1] ? 2 : 1;
            if (!(length[0] - length[apart] + margin > 0)) continue;
            for (int side = 0; side < 3; side++) {{
                if (side && side != apart) continue;
                if (length[side] == 0) continue;
                const real *const from = y + begin[side] * row, *const to = y + end[side] * row;
                for (int i = 0; i < n; i++) {{
                    const real d = (from[i] - to[i] + eps) / unit[side], size = (real)fabs(d);
                    const real sign = d > 0 ? 1 : d < 0 ? -1 : d;
                    const real along = (side ? -share : share) * sign * {slope};
                    dy[begin[side] * row + i] += along;
                    dy[end[side] * row + i] -= along;
                }}
            }}
        }}
"""
    constants = {"margin": loss.margin, "eps": loss.eps, "swap": int(loss.swap), "p": loss.p}
    return SamplewiseLoss(text, constants)


def _norm(p: float) -> tuple[str, str, str, str]:
    """The p-norm in C: in what unit it measures sizes, of which power there is a sum, its root, and
    the slope by a size.
    """
    if p == 1:
        return "1", "size", "sum", "1"
    if p == 2:
        return "1", "size * size", "SQRT(sum)", "size / SQRT(total[side])"
    # Powers of large numbers have no place in a float: they are those of shares of the largest.
    largest = "largest > 0 && largest <= REAL_MAX ? largest : 1"
    slope = "(real)(pow(size, p - 1) / pow(total[side], 1 - 1 / p))"
    return largest, "(real)pow(size, p)", "(real)pow(sum, 1 / p)", slope
