"""Convolutions in C. A sequence is a picture of one row.

To train, samples lie innermost, in blocks. What is said there of a convolution is said of its wide
side and its narrow one, as in ``ConvolutionMap``: one is the input, and the other the output.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import starmap
from operator import mul
from typing import Literal, TypeVar

from netlang.catalogue.layers import Conv1d, Conv2d, ConvTranspose2d
from netlang.catalogue.modules import Window
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, Array, ForwardOnly, Routine
from netlang.lowering.c.lone_convolutions import convolution_of_one, transposed_of_one
from netlang.lowering.c.lone_winograd import is_by_threes
from netlang.lowering.c.lowerings import computes, lowers
from netlang.system.record import Record


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


@lowers(Conv1d)
def conv1d_to_train(layer: Conv1d, x: Shape) -> Routine | None:
    return _with_both_sums(layer, x, _conv_to_train)


@lowers(Conv2d)
def conv2d_to_train(layer: Conv2d, x: Shape) -> Routine | None:
    return _with_both_sums(layer, x, _conv_to_train)


def _conv_to_train(layer: Conv1d | Conv2d, x: Shape, sums: _Sums) -> Routine:
    bias, its_gradient = ("bias", "bias_grad") if layer.with_bias else ("NULL", "NULL")
    how = _how(layer, x)
    return Routine(
        layout=BLOCKS,
        constants=_sides(layer, wide=x, narrow=layer.infer(x)),
        of_one=convolution_of_one(_of_one(layer, x), layer.with_bias),
        reads=("x",),
        prepared=_prepared(how),
        scratch={**how.scratch, **sums.scratch},
        forward=f"""
        /* y[o][p] = b[o] + the sum of w[o][c][i] x[c][stride p + dilation i - padding] */
        {_map()}
        {how.call_of("narrow")}x, to_narrow{how.way}, {bias}, y, 0,
            {how.room});""",
        gradients=f"""
        /* dw[o][c][i] = the sum of dy[o][p] x[c][stride p + dilation i - padding] */
        {_map()}
        {_weights_gradient(sums, "x", "dy", its_gradient)}""",
        backward=(
            f"""
        /* dx[c][stride p + dilation i - padding] = the sum of w[o][c][i] dy[o][p] */
        {_map()}
        {how.call_of("widen")}dy, to_wide{how.way}, NULL, dx, add,
            {how.room});""",
        ),
    )


def _of_one(layer: Conv1d | Conv2d | ConvTranspose2d, x: Shape) -> dict[str, int]:
    y = layer.infer(x)
    return {
        "GROUPS": layer.groups,
        "DEPTH": x.sizes[0] // layer.groups,  # channels that an output sees
        "EACH": y.sizes[0] // layer.groups,  # outputs that see the same
        **plane("H", "W", x.sizes[1:]),
        **plane("ROWS", "COLUMNS", y.sizes[1:]),
        **windows(layer.along_axes()),
    }


@lowers(ConvTranspose2d)
def conv_transpose_2d_to_train(layer: ConvTranspose2d, x: Shape) -> Routine | None:
    return _with_both_sums(layer, x, _conv_transpose_to_train)


def _conv_transpose_to_train(layer: ConvTranspose2d, x: Shape, sums: _Sums) -> Routine:
    how = _how(layer, x)
    bias = "bias" if layer.with_bias else "NULL"
    bias_gradient = "gradient_of_bias(BLOCKS, GROUPS * WIDE, H * W, dy, bias_grad, add);"
    return Routine(
        layout=BLOCKS,
        constants=_sides(layer, wide=layer.infer(x), narrow=x),
        of_one=transposed_of_one(_of_one(layer, x), layer.with_bias),
        reads=("x",),
        prepared=_prepared(how),
        scratch={**how.scratch, **sums.scratch},
        forward=f"""
        /* y[o][stride p + dilation i - padding] = b[o] + the sum of w[c][o][i] x[c][p] */
        {_map()}
        {how.call_of("widen")}x, to_wide{how.way}, {bias}, y, 0,
            {how.room});""",
        gradients=f"""
        /* dw[c][o][i] = the sum of x[c][p] dy[o][stride p + dilation i - padding] */
        {_map()}
        {_weights_gradient(sums, "dy", "x", "NULL")}
        {bias_gradient if layer.with_bias else ""}""",
        backward=(
            f"""
        /* dx[c][p] = the sum of w[c][o][i] dy[o][stride p + dilation i - padding] */
        {_map()}
        {how.call_of("narrow")}dy, to_narrow{how.way}, NULL, dx, add,
            {how.room});""",
        ),
    )


def _map(down: str = "H, ROWS", across: str = "W, COLUMNS") -> str:
    """The convolution in C, with so many places on both sides along each axis."""
    return f"""static const struct convolution map = {{
            GROUPS, WIDE, NARROW,
            {{{down}, KERNEL_H, STRIDE_H, DILATION_H, PADDING_H}},
            {{{across}, KERNEL_W, STRIDE_W, DILATION_W, PADDING_W}},
        }};"""


class _How(Record):
    """How the maps to either side are computed: in which way, by which tiles if a call names them,
    from how many numbers made of all weights, in which arrays, and what it is passed of these.
    """

    way: str  # behind the names of functions, and of the arrays with the weights that they take
    tiles: str
    length: str
    scratch: Mapping[str, str]
    room: str

    def call_of(self, direction: Literal["narrow", "widen"]) -> str:
        """The call of a map, up to what it maps."""
        side = "NARROW" if direction == "narrow" else "WIDE"
        return f"{direction}{self.way}(&map{self.tiles.format(side)}, BLOCKS, "


class _Sums(Record):
    """How gradients of weights are summed up: by which function, for how many taps, and where."""

    function: str
    taps: str
    scratch: Mapping[str, str]
    room: str


# There is room for pictures with zeros around them, and sums for the gradients of weights.
_ROOM, _PARTS, _TRANSFORMED, _BOTH = (
    f"(vector *){name}" for name in ("room", "sums", "transformed", "both_transformed")
)
_OF_ROOM = {"room": "BLOCKS * LANES * ROOM"}
_DIRECTLY = _How(
    way="",
    tiles=", sweeps_of({})",
    length="GROUPS * NARROW * TAPS",
    scratch=_OF_ROOM,
    room=_ROOM,
)
_BY_WINOGRAD = _How(
    way="_by_winograd",
    tiles="",
    length="GROUPS * TRANSFORMED_WEIGHTS(WIDE, NARROW)",
    scratch={"transformed": "LANES * TRANSFORMED(WIDE > NARROW ? WIDE : NARROW)"},
    room=_TRANSFORMED,
)
_SUMS_OF_PRODUCTS = _Sums(
    function="gradient_of_weights",
    taps="TAPS",
    scratch={**_OF_ROOM, "sums": "LANES * SUMS(NARROW, TAPS)"},
    room=f"{_ROOM}, {_PARTS}",
)
_SUMS_BY_WINOGRAD = _Sums(
    function="gradient_by_winograd",
    taps="WIDE",
    scratch={
        "both_transformed": "LANES * BOTH_TRANSFORMED(WIDE + NARROW)",
        "sums": "LANES * SUMS_BY_WINOGRAD(WIDE * NARROW)",
        "united": "16 * WIDE * NARROW + LANES",
    },
    room=f"{_BOTH}, {_PARTS}, united",
)
# From so many channels on each side, and places of a picture, Winograd's transform takes less time
# than direct sums: of maps, and of gradients. Both were measured on pictures of 1 x 1 to 32 x 32,
# with vectors of 16 floats and of 8.
_MAPS_FROM = 8, 4
_GRADIENTS_FROM = 12, 64
_LISTED = 1 << 15  # taps, or rows: a thread's stack holds four lists of as many
_SUMS_IN_CACHE = 1 << 12  # weights of a tap: the sums of more would leave the cache


def _how(layer: Conv1d | Conv2d | ConvTranspose2d, x: Shape) -> _How:
    along = layer.along_axes()
    can_be = is_by_threes(windows(along)) and max(one.before for one in along) <= 2
    return _BY_WINOGRAD if can_be and _has_from(_MAPS_FROM, layer, x) else _DIRECTLY


def _has_from(least: tuple[int, int], layer: Conv1d | Conv2d | ConvTranspose2d, x: Shape) -> bool:
    """Whether it has so many channels on each side, and so many places."""
    channels, places = least
    sides = (x, layer.infer(x))
    return min(_channels(layer)) >= channels and all(
        math.prod(side.sizes[1:]) >= places for side in sides
    )


def _channels(layer: Conv1d | Conv2d | ConvTranspose2d) -> tuple[int, int]:
    """Those of a group, on the narrow side and on the wide one."""
    narrow, wide = layer.tensors()["weight"].shape[:2]
    return narrow // layer.groups, wide


_Layer = TypeVar("_Layer", Conv1d | Conv2d, ConvTranspose2d)


def _with_both_sums(
    layer: _Layer, x: Shape, to_train: Callable[[_Layer, Shape, _Sums], Routine]
) -> Routine | None:
    """Gradients of weights are sums of products: where all of these are 0, as behind a ReLU, so is
    the sum, which Winograd's transform would leave as a rounding, and Adam makes whole steps of
    roundings. With a dense gradient, only sums over nothing but zeros of the other side are 0, and
    these are found.
    """
    if not _can_be_listed(layer, x):
        return None
    directly = to_train(layer, x, _SUMS_OF_PRODUCTS)
    is_worth_it = _has_from(_GRADIENTS_FROM, layer, x)
    fits = math.prod(_channels(layer)) <= _SUMS_IN_CACHE
    if _how(layer, x) is _DIRECTLY or not is_worth_it or not fits:
        return directly
    return directly.replace(of_dense=to_train(layer, x, _SUMS_BY_WINOGRAD))


def _can_be_listed(layer: Conv1d | Conv2d | ConvTranspose2d, x: Shape) -> bool:
    taps = math.prod(one.kernel for one in layer.along_axes())
    rows = (plane("H", "W", side.sizes[1:])["H"] for side in (x, layer.infer(x)))
    return max(taps, *rows) <= _LISTED


def _prepared(how: _How) -> dict[str, Array]:
    """The weights as the maps to either side take them. Sizes of pictures do not matter to them."""
    kernel = _map("0, 0", "0, 0")
    return {
        to: Array(
            how.length, f"{{\n        {kernel}\n        lay_out_{to}(&map, weight, {to});\n    }}"
        )
        for to in (f"to_narrow{how.way}", f"to_wide{how.way}")
    }


def _weights_gradient(sums: _Sums, wide: str, narrow: str, bias_gradient: str) -> str:
    return f"""{sums.function}(&map, weighings_of(NARROW, {sums.taps}), BLOCKS, {wide}, {narrow},
            weight_grad, {bias_gradient}, add, {sums.room});"""


def _sides(layer: Conv1d | Conv2d | ConvTranspose2d, wide: Shape, narrow: Shape) -> dict[str, int]:
    """The sizes of both sides, and the room for one with zeros around it."""
    along, channels = layer.along_axes(), [wide.sizes[0], narrow.sizes[0]]
    sizes = [*zip(along, wide.sizes[1:], narrow.sizes[1:], strict=True)]
    rooms = [math.prod(each) for each in zip(*starmap(_with_zeros, sizes), strict=True)]
    return {
        "GROUPS": layer.groups,
        "WIDE": channels[0] // layer.groups,
        "NARROW": channels[1] // layer.groups,
        "TAPS": layer.tensors()["weight"].size // channels[1],  # with those of all its channels
        **plane("H", "W", wide.sizes[1:]),
        **plane("ROWS", "COLUMNS", narrow.sizes[1:]),
        **windows(along),
        "ROOM": max(map(mul, channels, rooms)),
    }


def _with_zeros(window: Window, wide: int, narrow: int) -> tuple[int, int]:
    """What windows see along an axis of the wide side, and the narrow side with all of which the
    wide one is seen.
    """
    seen = (narrow - 1) * window.stride + window.extent
    before = max(0, window.extent - 1 - window.before) // window.stride
    whole = before + max((wide - 1 + window.before) // window.stride + 1, narrow)
    return max(seen, wide), whole


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
