"""Pools in C. A sequence is a picture of one row."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.layers import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    GlobalAvgPool,
    MaxPool1d,
    MaxPool2d,
)
from netlang.catalogue.modules import Window
from netlang.language.shapes import Shape
from netlang.lowering.c.convolutions import plane, windows
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes


@computes(MaxPool1d)
def max_pool_1d(layer: MaxPool1d, x: Shape) -> ForwardOnly:
    return _max_pool(layer, x)


@computes(MaxPool2d)
def max_pool_2d(layer: MaxPool2d, x: Shape) -> ForwardOnly:
    return _max_pool(layer, x)


def _max_pool(layer: MaxPool1d | MaxPool2d, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants=_sizes(x, layer.infer(x), layer.along_axes()),
        forward="""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {
                    float top = -INFINITY;
                    for (int i = 0; i < KERNEL_H; i++)
                        for (int j = 0; j < KERNEL_W; j++) {
                            const int r = p * STRIDE_H + i * DILATION_H - PADDING_H;
                            const int s = q * STRIDE_W + j * DILATION_W - PADDING_W;
                            if (r < 0 || r >= H || s < 0 || s >= W) continue;
                            const float one = x[(c * H + r) * W + s];
                            if (one > top || one != one) top = one;
                        }
                    y[(c * ROWS + p) * COLUMNS + q] = top;
                }""",
    )


@computes(AvgPool1d)
def avg_pool_1d(layer: AvgPool1d, x: Shape) -> ForwardOnly:
    return _avg_pool(layer, x)


@computes(AvgPool2d)
def avg_pool_2d(layer: AvgPool2d, x: Shape) -> ForwardOnly:
    return _avg_pool(layer, x)


def _avg_pool(layer: AvgPool1d | AvgPool2d, x: Shape) -> ForwardOnly:
    along = layer.along_axes()
    # A window that goes beyond the padding counts up to its end.
    beyond = {"H": "PADDING_H", "W": "PADDING_W"} if layer.count_include_pad else {}
    area = " * ".join(
        f"(least({first} + KERNEL_{axis}, {axis} + {beyond[axis]}) - {first})"
        if beyond
        else f"({last} - {begin})"
        for axis, first, begin, last in (("H", "p0", "r0", "r1"), ("W", "q0", "s0", "s1"))
    )
    return ForwardOnly(
        constants=_sizes(x, layer.infer(x), along),
        forward=f"""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {{
                    const int p0 = p * STRIDE_H - PADDING_H, q0 = q * STRIDE_W - PADDING_W;
                    const int r0 = most(p0, 0), r1 = least(p0 + KERNEL_H, H);
                    const int s0 = most(q0, 0), s1 = least(q0 + KERNEL_W, W);
                    float sum = 0;
                    for (int r = r0; r < r1; r++)
                        for (int s = s0; s < s1; s++) sum += x[(c * H + r) * W + s];
                    y[(c * ROWS + p) * COLUMNS + q] = sum / (float)({area});
                }}""",
    )


@computes(AdaptiveAvgPool2d)
def adaptive_avg_pool_2d(layer: AdaptiveAvgPool2d, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants=_sizes(x, layer.infer(x)),
        forward="""
        /* window i of m goes from n i / m, rounded down, to n (i + 1) / m, rounded up */
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {
                    const int r0 = p * H / ROWS, r1 = ((p + 1) * H + ROWS - 1) / ROWS;
                    const int s0 = q * W / COLUMNS, s1 = ((q + 1) * W + COLUMNS - 1) / COLUMNS;
                    float sum = 0;
                    for (int r = r0; r < r1; r++)
                        for (int s = s0; s < s1; s++) sum += x[(c * H + r) * W + s];
                    y[(c * ROWS + p) * COLUMNS + q] = sum / (float)((r1 - r0) * (s1 - s0));
                }""",
    )


@computes(GlobalAvgPool)
def global_avg_pool(layer: GlobalAvgPool, x: Shape) -> ForwardOnly:
    return ForwardOnly(
        constants={"C": x.sizes[0], "n": math.prod(x.sizes[1:])},
        forward="""
        for (int c = 0; c < C; c++) {
            float sum = 0;
            for (int i = 0; i < n; i++) sum += x[c * n + i];
            y[c] = sum / n;
        }""",
    )


def _sizes(x: Shape, y: Shape, along: Sequence[Window] = ()) -> dict[str, int]:
    return {
        "C": x.sizes[0],
        **plane("H", "W", x.sizes[1:]),
        **plane("ROWS", "COLUMNS", y.sizes[1:]),
        **(windows(along) if along else {}),
    }
