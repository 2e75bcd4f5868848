"""The layers of a network of several members in C. They take the rows of all members at once.

Where a sample is as many rows as there are members, ``N`` is the number of all these rows.
"""

from __future__ import annotations

import math

from netlang.catalogue.layers.members import (
    EachMember,
    MeanOfMembers,
    MemberLinear,
    OwnLinear,
)
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Array, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import inside, length, row_sizes


@lowers(EachMember)
def each_member(layer: EachMember, x: Shape) -> Routine:
    size = length(x)
    return Routine(
        constants={"MEMBERS": layer.members, "COUNT": x.size},
        forward=f"""
        for (int n = 0; n < N; n++)
            memcpy(y + n * {size}, x + n / MEMBERS * {size}, {size} * sizeof(real));""",
        alone="""
        for (int m = 0; m < MEMBERS; m++) memcpy(y + m * COUNT, x, COUNT * sizeof(real));""",
        backward=(
            f"""
        if (!add) memset(dx, 0, N / MEMBERS * {size} * sizeof(real));
        for (int n = 0; n < N; n++)
            for (int i = 0; i < {size}; i++) dx[n / MEMBERS * {size} + i] += dy[n * {size} + i];""",
        ),
    )


_ALONG = Array("O * PAD(I)", "move_rows(O, I, weight, I, along, PAD(I));", when="!IS_PADDED(I)")
_ACROSS = Array("I * PAD(O)", "transpose(O, I, weight, across, PAD(O));")
_ALONG_GRAD = Array(
    "O * PAD(I)", "move_rows(O, I, along_grad, PAD(I), weight_grad, I);", when="!IS_PADDED(I)"
)


@lowers(MemberLinear)
def member_linear(layer: MemberLinear, x: Shape) -> Routine:
    bias = " + bias[m * O + o]" if layer.with_bias else ""
    clear_bias = "memset(bias_grad, 0, MEMBERS * O * sizeof(real));" if layer.with_bias else ""
    sum_bias = "bias_grad[m * O + o] += dy[n * PAD(O) + o];" if layer.with_bias else ""
    return Routine(
        constants={
            "MEMBERS": layer.members,
            "R": math.prod(x.sizes[:-1]),
            "I": layer.in_features,
            "O": layer.out_features,
        },
        reads=("x",),
        prepared={"along": _ALONG, "across": _ACROSS},
        sums={"along_grad": _ALONG_GRAD},
        keeps={
            "scaled": "N * R * PAD(I)",
            "d_scaled": "N * R * PAD(I)",
            "mixed": "N * R * PAD(O)",
            "d_mixed": "N * R * PAD(O)",
        },
        forward=f"""
        /* y = ((x r) wT) s + b: r, s and b are a member's own */
        for (int n = 0, m = 0; n < N * R; n++, m = n / R % MEMBERS)
            for (int i = 0; i < I; i++) scaled[n * PAD(I) + i] = x[n * PAD(I) + i] * r[m * I + i];
        product(N * R, O, I, scaled, PAD(I), 1, across, PAD(O), mixed, PAD(O), NULL, 0);
        for (int n = 0, m = 0; n < N * R; n++, m = n / R % MEMBERS)
            for (int o = 0; o < O; o++)
                y[n * PAD(O) + o] = mixed[n * PAD(O) + o] * s[m * O + o]{bias};""",
        alone=f"""
        /* y = ((x r) wT) s + b: r, s and b are a member's own */
        for (int m = 0; m < MEMBERS; m++)
            for (int n = 0; n < R; n++) {{
                const real *const from = x + (m * R + n) * I;
                real *const to = y + (m * R + n) * O;
                for (int o = 0; o < O; o++) {{
                    real sum = 0;
                    for (int i = 0; i < I; i++) sum += from[i] * r[m * I + i] * weight[o * I + i];
                    to[o] = sum * s[m * O + o]{bias};
                }}
            }}""",
        inward="""
        /* of the products: dy s; and of x r: that, times w */
        const real *const w = IS_PADDED(I) ? weight : along;
        for (int n = 0, m = 0; n < N * R; n++, m = n / R % MEMBERS)
            for (int o = 0; o < O; o++)
                d_mixed[n * PAD(O) + o] = dy[n * PAD(O) + o] * s[m * O + o];
        product(N * R, I, O, d_mixed, PAD(O), 1, w, PAD(I), d_scaled, PAD(I), NULL, 0);""",
        gradients=f"""
        real *const dw = IS_PADDED(I) ? weight_grad : along_grad;
        product(O, I, N * R, d_mixed, 1, PAD(O), scaled, PAD(I), dw, PAD(I), NULL, add);
        if (!add) {{
            memset(r_grad, 0, MEMBERS * I * sizeof(real));
            memset(s_grad, 0, MEMBERS * O * sizeof(real));
            {clear_bias}
        }}
        for (int n = 0, m = 0; n < N * R; n++, m = n / R % MEMBERS) {{
            for (int i = 0; i < I; i++)
                r_grad[m * I + i] += d_scaled[n * PAD(I) + i] * x[n * PAD(I) + i];
            for (int o = 0; o < O; o++) {{
                s_grad[m * O + o] += dy[n * PAD(O) + o] * mixed[n * PAD(O) + o];
                {sum_bias}
            }}
        }}""",
        backward=(
            """
        for (int n = 0, m = 0; n < N * R; n++, m = n / R % MEMBERS)
            for (int i = 0; i < I; i++) {
                const real part = d_scaled[n * PAD(I) + i] * r[m * I + i];
                dx[n * PAD(I) + i] = add ? dx[n * PAD(I) + i] + part : part;
            }""",
        ),
    )


def _of_each(array: Array, each: str) -> Array:
    """The same for the weights of each member, one behind the other."""
    statement = f"for (int m = 0; m < MEMBERS; m++) {each}"
    return Array(f"MEMBERS * {array.length}", statement, array.when)


@lowers(OwnLinear)
def own_linear(layer: OwnLinear, x: Shape) -> Routine:
    bias = "bias + m * O" if layer.with_bias else "NULL"
    bias_row = _of_each(
        Array("PAD(O)", ""), "move_rows(1, O, bias + m * O, O, bias_row + m * PAD(O), PAD(O));"
    )
    start = "bias_row + m * PAD(O)" if layer.with_bias else "NULL"
    sum_bias = """
        if (!add) memset(bias_grad, 0, MEMBERS * O * sizeof(real));
        for (int n = 0, m = 0; n < N * R; n++, m = n / R % MEMBERS)
            for (int o = 0; o < O; o++) bias_grad[m * O + o] += dy[n * PAD(O) + o];"""
    return Routine(
        constants={
            "MEMBERS": layer.members,
            "R": math.prod(x.sizes[:-1]),
            "I": layer.in_features,
            "O": layer.out_features,
        },
        reads=("x",),
        prepared={
            "along": _of_each(
                _ALONG, "move_rows(O, I, weight + m * O * I, I, along + m * O * PAD(I), PAD(I));"
            ),
            "across": _of_each(
                _ACROSS, "transpose(O, I, weight + m * O * I, across + m * I * PAD(O), PAD(O));"
            ),
            **({"bias_row": bias_row} if layer.with_bias else {}),
        },
        sums={
            "along_grad": _of_each(
                _ALONG_GRAD,
                "move_rows(O, I, along_grad + m * O * PAD(I), PAD(I), weight_grad + m * O * I, I);",
            )
        },
        # Row m of each member is MEMBERS * R rows behind that of the sample before.
        forward=f"""
        /* y = x wT + b, of each member its own */
        for (int m = 0; m < MEMBERS; m++)
            for (int r = m * R; r < (m + 1) * R; r++)
                product(N / MEMBERS, O, I, x + r * PAD(I), MEMBERS * R * PAD(I), 1,
                        across + m * I * PAD(O), PAD(O), y + r * PAD(O), MEMBERS * R * PAD(O),
                        {start}, 0);""",
        alone=f"""
        for (int m = 0; m < MEMBERS; m++)
            dots(R, O, I, x + m * R * I, weight + m * O * I, {bias}, y + m * R * O);""",
        gradients=f"""
        /* dw = dyT x, of each member */
        real *const dw = IS_PADDED(I) ? weight_grad : along_grad;
        for (int m = 0; m < MEMBERS; m++)
            for (int r = m * R; r < (m + 1) * R; r++)
                product(O, I, N / MEMBERS, dy + r * PAD(O), 1, MEMBERS * R * PAD(O),
                        x + r * PAD(I), MEMBERS * R * PAD(I), dw + m * O * PAD(I), PAD(I), NULL,
                        add || r > m * R);{sum_bias if layer.with_bias else ""}""",
        backward=(
            """
        /* dx = dy w, of each member */
        const real *const w = IS_PADDED(I) ? weight : along;
        for (int m = 0; m < MEMBERS; m++)
            for (int r = m * R; r < (m + 1) * R; r++)
                product(N / MEMBERS, I, O, dy + r * PAD(O), MEMBERS * R * PAD(O), 1,
                        w + m * O * PAD(I), PAD(I), dx + r * PAD(I), MEMBERS * R * PAD(I), NULL,
                        add);""",
        ),
    )


@lowers(MeanOfMembers)
def mean_of_members(layer: MeanOfMembers, x: Shape) -> Routine:
    """In training, ``dy`` has the rows of all members, whose losses have no part in the mean."""
    rows, last = row_sizes(x)
    return Routine(
        constants={"MEMBERS": layer.members, "COUNT": x.size, "ROWS": rows, "LAST": last},
        forward=f"""
        for (int n = 0; n < N * ROWS; n++) {{
            const real *const from = x + (n / ROWS * MEMBERS * ROWS + n % ROWS) * PAD(LAST);
            real *const to = y + n * PAD(LAST);
            memset(to, 0, LAST * sizeof(real));
            {inside(_means(layer, last, "ROWS * PAD(LAST)"), 12)}
        }}""",
        alone=f"""
        const real *const from = x;
        real *const to = y;
        memset(to, 0, COUNT * sizeof(real));
        {inside(_means(layer, x.size, "COUNT"), 8)}""",
        backward=(
            """
        for (int i = 0; i < N * MEMBERS * ROWS * PAD(LAST); i++)
            dx[i] = add ? dx[i] + dy[i] : dy[i];""",
        ),
    )


def _means(layer: MeanOfMembers, most: int, apart: str) -> str:
    """Each part of a row of ``to`` by itself, which begins at ``first``; the same numbers of two
    members are so far ``apart``. Of many rows, each is one part, whose numbers belong together.
    """
    texts, first = "", 0
    for by, size, classes in zip(layer.by, layer.sizes, layer.classes, strict=True):
        end = min(first + size, most)
        texts += f"""
for (int i = {first}; i < {end}; i += {classes}) {{
    {inside(_MEANS[by].replace("CLASSES", str(classes)).replace("APART", apart), 4)}
}}"""
        first = end
    return texts


def _logarithm_of_mean(to: str, each: str) -> str:
    """A statement for log (the mean over members of e^each). The largest is taken off first, so
    that no e^x becomes infinite, nor all of them 0.
    """
    return f"""{{
    real top = -INFINITY, sum = 0;
    for (int m = 0; m < MEMBERS; m++) top = {each} > top ? {each} : top;
    const real base = top >= -REAL_MAX && top <= REAL_MAX ? top : 0;
    for (int m = 0; m < MEMBERS; m++) sum += EXP({each} - base);
    {to} = base + LOG(sum / MEMBERS);
}}"""


# What stands for the mean of what members' outputs stand for, of the numbers from i on.
_MEANS = {
    "": """
            for (int m = 0; m < MEMBERS; m++)
                for (int c = i; c < i + CLASSES; c++) to[c] += from[m * APART + c] / MEMBERS;""",
    "exp": f"""
            for (int c = i; c < i + CLASSES; c++)
                {inside(_logarithm_of_mean("to[c]", "from[m * APART + c]"), 16)}""",
    "sigmoid": f"""
            /* log p = -log (1 + e^-y), and log (1 - p) = log p - y */
            for (int c = i; c < i + CLASSES; c++) {{
                real yes[MEMBERS], no[MEMBERS], of_yes, of_no;
                for (int m = 0; m < MEMBERS; m++) {{
                    const real one = from[m * APART + c];
                    yes[m] = (one < 0 ? one : 0) - LOG1P(EXP(one < 0 ? one : -one));
                    no[m] = yes[m] - one;
                }}
                {inside(_logarithm_of_mean("of_yes", "yes[m]"), 16)}
                {inside(_logarithm_of_mean("of_no", "no[m]"), 16)}
                to[c] = of_yes - of_no;
            }}""",
    "softmax": f"""
            /* log p = y - log (the sum of e^y) */
            real totals[MEMBERS];
            for (int m = 0; m < MEMBERS; m++) {{
                const real *const own = from + m * APART;
                real top = own[i], total = 0;
                for (int c = i; c < i + CLASSES; c++) top = own[c] > top ? own[c] : top;
                for (int c = i; c < i + CLASSES; c++) total += EXP(own[c] - top);
                totals[m] = top + LOG(total);
            }}
            for (int c = i; c < i + CLASSES; c++)
                {inside(_logarithm_of_mean("to[c]", "(from[m * APART + c] - totals[m])"), 16)}""",
}
