"""The layers of a network of several members in C. They take the rows of all members at once."""

from __future__ import annotations

from netlang.catalogue.layers.members import (
    EachMember,
    MeanOfMembers,
    MemberLinear,
    OwnLinear,
)
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.rows import inside


@computes(EachMember)
def each_member(layer: EachMember, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants={"MEMBERS": layer.members, "COUNT": x.size},
        forward="""
        for (int m = 0; m < MEMBERS; m++) memcpy(y + m * COUNT, x, COUNT * sizeof(float));""",
    )


@computes(MemberLinear)
def member_linear(layer: MemberLinear, x: Shape) -> ForwardOnly:
    bias = " + bias[m * O + o]" if layer.with_bias else ""
    return ForwardOnly(
        constants={
            "MEMBERS": layer.members,
            "ROWS": x.size // layer.in_features,
            "I": layer.in_features,
            "O": layer.out_features,
        },
        forward=f"""
        /* y = ((x r) wT) s + b: r, s and b are a member's own */
        for (int m = 0; m < MEMBERS; m++)
            for (int n = 0; n < ROWS; n++) {{
                const float *const from = x + (m * ROWS + n) * I;
                float *const to = y + (m * ROWS + n) * O;
                for (int o = 0; o < O; o++) {{
                    float sum = 0;
                    for (int i = 0; i < I; i++) sum += from[i] * r[m * I + i] * weight[o * I + i];
                    to[o] = sum * s[m * O + o]{bias};
                }}
            }}""",
    )


@computes(OwnLinear)
def own_linear(layer: OwnLinear, x: Shape) -> ForwardOnly:
    bias = "bias + m * O" if layer.with_bias else "NULL"
    return ForwardOnly(
        constants={
            "MEMBERS": layer.members,
            "ROWS": x.size // layer.in_features,
            "I": layer.in_features,
            "O": layer.out_features,
        },
        forward=f"""
        for (int m = 0; m < MEMBERS; m++)
            dots(ROWS, O, I, x + m * ROWS * I, weight + m * O * I, {bias}, y + m * ROWS * O);""",
    )


@computes(MeanOfMembers)
def mean_of_members(layer: MeanOfMembers, x: Shape) -> ForwardOnly:
    """Each part of the outputs by itself, which begins at ``first``."""
    texts, first = [], 0
    for by, size, classes in zip(layer.by, layer.sizes, layer.classes, strict=True):
        texts.append(f"""
        for (int i = {first}; i < {first + size}; i += {classes}) {{
            {inside(_MEANS[by].replace("CLASSES", str(classes)), 12)}
        }}""")
        first += size
    return ForwardOnly(
        constants={"MEMBERS": layer.members, "COUNT": x.size},
        forward=f"""
        memset(y, 0, COUNT * sizeof(float));
        {"".join(texts)}""",
    )


# What stands for the mean of what members' outputs stand for, of the numbers from i on.
_MEANS = {
    "": """
            for (int m = 0; m < MEMBERS; m++)
                for (int c = i; c < i + CLASSES; c++) y[c] += x[m * COUNT + c] / MEMBERS;""",
    "exp": """
            for (int m = 0; m < MEMBERS; m++)
                for (int c = i; c < i + CLASSES; c++) y[c] += expf(x[m * COUNT + c]) / MEMBERS;
            for (int c = i; c < i + CLASSES; c++) y[c] = logf(y[c]);""",
    "sigmoid": """
            for (int c = i; c < i + CLASSES; c++) {
                float yes = 0, no = 0;
                for (int m = 0; m < MEMBERS; m++) {
                    yes += sigmoid(x[m * COUNT + c]);
                    no += sigmoid(-x[m * COUNT + c]);
                }
                y[c] = logf(yes) - logf(no);
            }""",
    "softmax": """
            for (int m = 0; m < MEMBERS; m++) {
                const float *const from = x + m * COUNT;
                float top = from[i], total = 0;
                for (int c = i; c < i + CLASSES; c++) top = from[c] > top ? from[c] : top;
                for (int c = i; c < i + CLASSES; c++) total += expf(from[c] - top);
                for (int c = i; c < i + CLASSES; c++)
                    y[c] += expf(from[c] - top) / total / MEMBERS;
            }
            for (int c = i; c < i + CLASSES; c++) y[c] = logf(y[c]);""",
}
