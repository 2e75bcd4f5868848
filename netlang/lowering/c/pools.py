"""Pools in C, where a number is a vector of samples. A sequence is a picture of one row."""

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
from netlang.lowering.c.kernels import BLOCKS, Routine
from netlang.lowering.c.lone_pictures import (
    maxima_of_one,
    mean_of_one,
    means_of_one,
    means_within_one,
)
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import COUNTED, inside, summed, without_gaps


@lowers(MaxPool1d)
def max_pool_1d(layer: MaxPool1d, x: Shape) -> Routine | None:
    return _max_pool(layer, x)


@lowers(MaxPool2d)
def max_pool_2d(layer: MaxPool2d, x: Shape) -> Routine | None:
    return _max_pool(layer, x)


def _max_pool(layer: MaxPool1d | MaxPool2d, x: Shape) -> Routine | None:
    """The first of equal numbers wins, as on tensors, and the last that is no number."""
    if math.prod(x.sizes[1:]) > COUNTED:
        return None
    along = layer.along_axes()
    begin, is_whole, sizes = _begin(x, along), _is_tiled(x, along), _sizes(x, layer.infer(x), along)

    def forward(won: str = "", better: str = "", keep: str = "") -> str:
        return _each_window(
            f"""
            {inside(begin, 12)}
            vector largest = from[r0 * W + s0]{won};
            for (int r = r0; r < r1; r += DILATION_H)
                for (int s = s0; s < s1; s += DILATION_W) {{
                    const vector one = from[r * W + s];
                    const mask better = (one > largest) | (one != one);
                    largest = where(better, one, largest);
                    {better}
                }}
            y[at] = largest;
            {keep}"""
        )

    return Routine(
        layout=BLOCKS,
        constants=sizes,
        keeps={"places": "BLOCKS * C * ROWS * COLUMNS * LANES"},
        forward=forward(
            ", place = all(r0 * W + s0)",
            "place = where(better, all(r * W + s), place);",
            "((vector *)places)[at] = place;",
        ),
        evaluated=forward(),
        of_one=maxima_of_one(sizes),
        backward=(
            _each_window_back(
                f"""
                {inside(begin, 16)}
                const vector slope = dy[at], place = ((const vector *)places)[at];
                for (int r = r0; r < r1; r += DILATION_H)
                    for (int s = s0; s < s1; s += DILATION_W) {{
                        const vector part = where(place == all(r * W + s), slope, all(0));
                        {_PUT[is_whole]}
                    }}""",
                is_whole,
            ),
        ),
    )


@lowers(AvgPool1d)
def avg_pool_1d(layer: AvgPool1d, x: Shape) -> Routine:
    return _avg_pool(layer, x)


@lowers(AvgPool2d)
def avg_pool_2d(layer: AvgPool2d, x: Shape) -> Routine:
    return _avg_pool(layer, x)


def _avg_pool(layer: AvgPool1d | AvgPool2d, x: Shape) -> Routine:
    along = layer.along_axes()
    area = "(r1 - r0) * (s1 - s0)"
    if layer.count_include_pad:  # a window that goes beyond the padding counts up to its end
        height = "least(top + KERNEL_H, H + PADDING_H) - top"
        area = f"({height}) * (least(left + KERNEL_W, W + PADDING_W) - left)"
    if all(map(_stays_within, along, x.sizes[1:])):
        area = "KERNEL_H * KERNEL_W"
    sizes = _sizes(x, layer.infer(x), along)
    return _means(sizes, _begin(x, along), area, _is_tiled(x, along))


@lowers(AdaptiveAvgPool2d)
def adaptive_avg_pool_2d(layer: AdaptiveAvgPool2d, x: Shape) -> Routine:
    y = layer.infer(x)
    begin = """
        /* window i of m goes from n i / m, rounded down, to n (i + 1) / m, rounded up */
        const int r0 = p * H / ROWS, r1 = ((p + 1) * H + ROWS - 1) / ROWS;
        const int s0 = q * W / COLUMNS, s1 = ((q + 1) * W + COLUMNS - 1) / COLUMNS;"""
    is_whole = all(n % m == 0 for n, m in zip(x.sizes[1:], y.sizes[1:], strict=True))
    return _means(_sizes(x, y), begin, "(r1 - r0) * (s1 - s0)", is_whole)


def _means(sizes: dict[str, int], begin: str, area: str, is_whole: bool) -> Routine:
    """Means of windows, of so large an ``area`` each."""
    return Routine(
        layout=BLOCKS,
        constants=sizes,
        of_one=means_within_one(sizes) if begin == _WITHIN else means_of_one(sizes, begin, area),
        forward=_each_window(
            f"""
            {inside(begin, 12)}
            vector sum = all(0);
            for (int r = r0; r < r1; r++) {{
                vector of_row = all(0);
                for (int s = s0; s < s1; s++) of_row += from[r * W + s];
                sum += of_row;
            }}
            y[at] = sum / (real)({area});"""
        ),
        backward=(
            _each_window_back(
                f"""
                {inside(begin, 16)}
                const vector part = dy[at] / (real)({area});
                for (int r = r0; r < r1; r++)
                    for (int s = s0; s < s1; s++) {_PUT[is_whole]}""",
                is_whole,
            ),
        ),
    )


@lowers(GlobalAvgPool)
def global_avg_pool(layer: GlobalAvgPool, x: Shape) -> Routine:
    return Routine(
        layout=BLOCKS,
        constants={"C": x.sizes[0], "EACH": math.prod(x.sizes[1:])},
        of_one=mean_of_one(x.sizes[0], math.prod(x.sizes[1:-1]), x.sizes[-1]),
        forward=f"""
        for (int c = 0; c < BLOCKS * C; c++) {{
            vector sum = all(0);
            {inside(summed("c * EACH", "(c + 1) * EACH", sum="x[i]"), 12)}
            y[c] = sum / (real)EACH;
        }}""",
        backward=(
            """
            for (int c = 0; c < BLOCKS * C; c++) {
                const vector part = dy[c] / (real)EACH;
                for (int e = c * EACH; e < (c + 1) * EACH; e++) dx[e] = add ? dx[e] + part : part;
            }""",
        ),
    )


def _each_window(statements: str) -> str:
    """C's loops over all windows: that of output ``at`` lies in the channel ``from``."""
    return without_gaps(f"""
        for (int c = 0; c < BLOCKS * C; c++) {{
            const vector *const from = x + c * H * W;
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {{
                    const int at = (c * ROWS + p) * COLUMNS + q;
                    {inside(statements, 20)}
                }}
        }}""")


def _each_window_back(statements: str, is_whole: bool) -> str:
    """The same, where the channel's gradient is ``to``."""
    clear = "" if is_whole else "if (!add) memset(to, 0, H * W * sizeof(vector));"
    return without_gaps(f"""
        for (int c = 0; c < BLOCKS * C; c++) {{
            vector *const to = dx + c * H * W;
            {clear}
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {{
                    const int at = (c * ROWS + p) * COLUMNS + q;
                    {inside(statements, 20)}
                }}
        }}""")


# A part of the gradient of an input that is in other windows, too, or in none, or in one alone.
_PUT = "to[r * W + s] += part;", "to[r * W + s] = add ? to[r * W + s] + part : part;"


def _begin(x: Shape, along: Sequence[Window]) -> str:
    """Where a window begins and ends: at rows r0 and r1, columns s0 and s1."""
    if all(map(_stays_within, along, x.sizes[1:])):
        return _WITHIN
    return _BEYOND


_WITHIN = """
const int r0 = p * STRIDE_H, r1 = r0 + EXTENT_H;
const int s0 = q * STRIDE_W, s1 = s0 + EXTENT_W;"""
_BEYOND = """
const int top = p * STRIDE_H - PADDING_H, left = q * STRIDE_W - PADDING_W;
const int r0 = top + most(up(-top, DILATION_H), 0) * DILATION_H;
const int s0 = left + most(up(-left, DILATION_W), 0) * DILATION_W;
const int r1 = least(top + EXTENT_H, H), s1 = least(left + EXTENT_W, W);"""


def _stays_within(window: Window, size: int) -> bool:
    """Whether all windows lie within an axis of that size."""
    return not window.before and (window.outputs(size) - 1) * window.stride + window.extent <= size


def _is_tiled(x: Shape, along: Sequence[Window]) -> bool:
    """Whether each number of a picture is in one window, and no other."""
    return all(
        window == Window(window.kernel, window.kernel) and size % window.kernel == 0
        for window, size in zip(along, x.sizes[1:], strict=True)
    )


def _sizes(x: Shape, y: Shape, along: Sequence[Window] = ()) -> dict[str, int]:
    return {
        "C": x.sizes[0],
        **plane("H", "W", x.sizes[1:]),
        **plane("ROWS", "COLUMNS", y.sizes[1:]),
        **(_windows(along) if along else {}),
    }


def _windows(along: Sequence[Window]) -> dict[str, int]:
    """The numbers of the windows along both axes, and how many places each spans."""
    extents = {"EXTENT_H": along[-2].extent if len(along) > 1 else 1, "EXTENT_W": along[-1].extent}
    return windows(along) | extents
