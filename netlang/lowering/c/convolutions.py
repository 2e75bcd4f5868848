"""Convolutions in C. A sequence is a picture of one row."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.catalogue.layers import Conv1d, Conv2d, ConvTranspose2d
from netlang.catalogue.modules import Window
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import ForwardOnly
from netlang.lowering.c.lowerings import computes


@computes(Conv1d)
def conv1d(layer: Conv1d, x: Shape) -> ForwardOnly:
    return _conv(layer, x)


@computes(Conv2d)
def conv2d(layer: Conv2d, x: Shape) -> ForwardOnly:
    return _conv(layer, x)


def _conv(layer: Conv1d | Conv2d, x: Shape) -> ForwardOnly:
    y = layer.infer(x)
    start = "bias[o]" if layer.with_bias else "0"
    return ForwardOnly(
        constants={
            "OUT": y.sizes[0],
            "DEPTH": x.sizes[0] // layer.groups,  # channels that an output sees
            "EACH": y.sizes[0] // layer.groups,  # outputs that see the same
            **plane("H", "W", x.sizes[1:]),
            **plane("ROWS", "COLUMNS", y.sizes[1:]),
            **windows(layer.along_axes()),
        },
        forward=f"""
        /* y[o][p] = b[o] + the sum of w[o][c][i] x[c][stride p + dilation i - padding]: each weight
           is added to a whole row of outputs, those from q0 on to q1 whose inputs are there */
        for (int o = 0; o < OUT; o++) {{
            for (int e = 0; e < ROWS * COLUMNS; e++) y[o * ROWS * COLUMNS + e] = {start};
            for (int c = 0; c < DEPTH; c++)
                for (int i = 0; i < KERNEL_H; i++)
                    for (int j = 0; j < KERNEL_W; j++) {{
                        const float w = weight[((o * DEPTH + c) * KERNEL_H + i) * KERNEL_W + j];
                        const int left = PADDING_W - j * DILATION_W;
                        const int q0 = most(up(left, STRIDE_W), 0);
                        const int q1 = least(up(W + left, STRIDE_W), COLUMNS);
                        for (int p = 0; p < ROWS; p++) {{
                            const int r = p * STRIDE_H + i * DILATION_H - PADDING_H;
                            if (r < 0 || r >= H) continue;
                            const float *const from = x + ((o / EACH * DEPTH + c) * H + r) * W;
                            float *const to = y + (o * ROWS + p) * COLUMNS;
                            for (int q = q0; q < q1; q++) to[q] += w * from[q * STRIDE_W - left];
                        }}
                    }}
        }}""",
    )


@computes(ConvTranspose2d)
def conv_transpose_2d(layer: ConvTranspose2d, x: Shape) -> ForwardOnly:
    y = layer.infer(x)
    start = "bias[o]" if layer.with_bias else "0"
    return ForwardOnly(
        constants={
            "IN": x.sizes[0],
            "OUT": y.sizes[0],
            "DEPTH": x.sizes[0] // layer.groups,  # inputs that add to the same outputs
            "EACH": y.sizes[0] // layer.groups,  # outputs that an input adds to
            **plane("H", "W", x.sizes[1:]),
            **plane("ROWS", "COLUMNS", y.sizes[1:]),
            **windows(layer.along_axes()),
        },
        forward=f"""
        /* each x[c][p] adds w[c][o][i] x[c][p] to y[o][stride p + dilation i - padding] */
        for (int o = 0; o < OUT; o++)
            for (int e = 0; e < ROWS * COLUMNS; e++) y[o * ROWS * COLUMNS + e] = {start};
        for (int c = 0; c < IN; c++)
            for (int p = 0; p < H; p++)
                for (int q = 0; q < W; q++)
                    for (int k = 0; k < EACH; k++)
                        for (int i = 0; i < KERNEL_H; i++)
                            for (int j = 0; j < KERNEL_W; j++) {{
                                const int o = c / DEPTH * EACH + k;
                                const int r = p * STRIDE_H + i * DILATION_H - PADDING_H;
                                const int s = q * STRIDE_W + j * DILATION_W - PADDING_W;
                                if (r < 0 || r >= ROWS || s < 0 || s >= COLUMNS) continue;
                                y[(o * ROWS + r) * COLUMNS + s] +=
                                    weight[((c * EACH + k) * KERNEL_H + i) * KERNEL_W + j]
                                    * x[(c * H + p) * W + q];
                            }}""",
    )


def plane(height: str, width: str, sizes: Iterable[int]) -> dict[str, int]:
    """The two sizes of a picture, by these names."""
    *rows, columns = sizes
    return {height: rows[0] if rows else 1, width: columns}


def windows(along: Iterable[Window]) -> dict[str, int]:
    """What C calls the numbers of the windows along both axes."""
    found: dict[str, int] = {}
    for axis, one in zip(("H", "W"), [*(Window(1),), *along][-2:], strict=True):
        found |= {
            f"KERNEL_{axis}": one.kernel,
            f"STRIDE_{axis}": one.stride,
            f"DILATION_{axis}": one.dilation,
            f"PADDING_{axis}": one.before,
        }
    return found
