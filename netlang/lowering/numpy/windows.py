"""Convolutions and pools in NumPy: what is computed of windows."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.layers import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    GlobalAvgPool,
    MaxPool1d,
    MaxPool2d,
)
from netlang.catalogue.layers.windowed import per_axis
from netlang.catalogue.modules import Window
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, lowers
from netlang.system.lazy import np

Ends = Sequence[Sequence[int]]  # two numbers for each axis: of its beginning, and of its end
Sizes = Sequence[int]


def windows(x: Array, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """The windows of x.  Shape: [N, C, *places] -> [N, C, *windows, *kernel]."""
    spans = [apart * (size - 1) + 1 for size, apart in zip(kernel, dilation, strict=True)]
    axes = tuple(range(2, x.ndim))
    every = [slice(None, None, step) for step in (*stride, *dilation)]
    found = np.lib.stride_tricks.sliding_window_view(x, spans, axes)
    return found[(slice(None), slice(None), *every)]


def padded(x: Array, ends: Ends, value: float = 0) -> Array:
    """x with so many values at both ends of each of its last axes."""
    none = [(0, 0)] * (x.ndim - len(ends))
    return np.pad(x, [*none, *ends], constant_values=value)


def along_channels(values: Array, x: Array) -> Array:
    """Values [C] in the shape in which each meets its channel of x [N, C, *]; one is for all."""
    return values.reshape(-1, *[1] * (x.ndim - 2)) if np.ndim(values) else values


def convolution(
    x: Array,
    weight: Array,
    bias: Array = 0,
    stride: Sizes = (1, 1),
    padding: Ends = (),
    dilation: Sizes = (1, 1),
    groups: int = 1,
) -> Array:
    """y[o, p] = b[o] + sum of w[o, c, i] x[c, stride p + dilation i], over channels c of the group
    of o and places i of the kernel.  Shape: [N, C, *] -> [N, O, *].
    """
    kernel = weight.shape[2:]
    seen = windows(padded(x, padding), kernel, stride, dilation)
    places = range(1, weight.ndim - 1)
    over = (1, *range(-len(kernel), 0)), range(1, weight.ndim)
    parts = zip(np.split(seen, groups, 1), np.split(weight, groups), strict=True)
    y = np.concatenate([np.tensordot(part, w, over) for part, w in parts], -1) + bias
    return y.transpose(0, -1, *places)


def transposed_convolution(
    x: Array,
    weight: Array,
    bias: Array = 0,
    stride: Sizes = (1, 1),
    cut: Sizes = (0, 0),
    more: Sizes = (0, 0),
    dilation: Sizes = (1, 1),
    groups: int = 1,
) -> Array:
    """Each number of x adds the kernel, as often as it is large, to its window of y, whose ends are
    then cut.  Shape: [N, C, H, W] -> [N, O, H', W'].
    """
    kernel, counts = weight.shape[2:], x.shape[2:]
    sizes = [
        (count - 1) * step + apart * (size - 1) + 1 + one
        for count, step, apart, size, one in zip(
            counts, stride, dilation, kernel, more, strict=True
        )
    ]
    y = np.zeros((len(x), groups * weight.shape[1], *sizes), x.dtype)
    parts = [*zip(np.split(x, groups, 1), np.split(weight, groups), strict=True)]
    for place in np.ndindex(*kernel):
        at = tuple(
            slice(apart * begin, apart * begin + step * (count - 1) + 1, step)
            for apart, begin, step, count in zip(dilation, place, stride, counts, strict=True)
        )
        added = [np.einsum("nchw,co->nohw", part, w[(..., *place)]) for part, w in parts]
        y[(slice(None), slice(None), *at)] += np.concatenate(added, 1)
    inner = tuple(slice(one, size - one) for one, size in zip(cut, sizes, strict=True))
    return y[(slice(None), slice(None), *inner)] + along_channels(bias, x)


def max_pool(
    x: Array, kernel: Sizes, stride: Sizes, padding: Ends = (), dilation: Sizes = (1, 1)
) -> Array:
    """The largest number of each window; -infinity lies at the ends."""
    seen = windows(padded(x, padding, -np.inf), kernel, stride, dilation)
    return seen.max(tuple(range(-len(kernel), 0)))


def avg_pool(
    x: Array, kernel: Sizes, stride: Sizes, padding: Ends = (), beyond: Ends = ()
) -> Array:
    """The mean of each window. Zeros lie at the ends, and beyond them is nothing."""
    x = padded(x, padding)
    ones, over = np.ones((1, 1, *x.shape[2:]), x.dtype), tuple(range(-len(kernel), 0))
    sums, counts = (
        windows(padded(one, beyond), kernel, stride, [1] * len(kernel)).sum(over)
        for one in (x, ones)
    )
    return sums / counts


def adaptive_avg_pool(x: Array, sizes: Sizes) -> Array:
    """The means of so many windows, which lie evenly along each axis.

    Shape: [N, C, H, W] -> [N, C, *sizes].
    """
    for axis, count in zip((2, 3), sizes, strict=True):
        size = x.shape[axis]
        ends = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        x = np.stack([x.take(range(*one), axis).mean(axis) for one in ends], axis)
    return x


def global_avg_pool(x: Array) -> Array:
    """The mean of each channel.  Shape: [N, C, *] -> [N, C]."""
    return x.mean(tuple(range(2, x.ndim)))


@lowers(Conv1d)
@lowers(Conv2d)
def _convolution(layer: Conv1d | Conv2d, x: Shape) -> NumpyCall:
    along = layer.along_axes()
    ends = tuple((one.before, one.after) for one in along)
    return call(
        convolution,
        *("x", "{weight}", *["{bias}"] * layer.with_bias),
        stride=tuple(one.stride for one in along),
        padding=ends if any(map(any, ends)) else (),
        dilation=tuple(one.dilation for one in along),
        groups=layer.groups,
    )


@lowers(ConvTranspose2d)
def _transposed_convolution(layer: ConvTranspose2d, x: Shape) -> NumpyCall:
    return call(
        transposed_convolution,
        *("x", "{weight}", *["{bias}"] * layer.with_bias),
        stride=layer.per_axis("stride"),
        cut=layer.per_axis("padding"),
        more=layer.per_axis("output_padding"),
        dilation=layer.per_axis("dilation"),
        groups=layer.groups,
    )


@lowers(MaxPool1d)
@lowers(MaxPool2d)
def _max_pool(layer: MaxPool1d | MaxPool2d, x: Shape) -> NumpyCall:
    along = layer.along_axes()
    ends = _ends(along, x)
    return call(
        max_pool,
        "x",
        kernel=tuple(one.kernel for one in along),
        stride=tuple(one.stride for one in along),
        padding=ends if any(map(any, ends)) else (),
        dilation=tuple(one.dilation for one in along),
    )


@lowers(AvgPool1d)
@lowers(AvgPool2d)
def _avg_pool(layer: AvgPool1d | AvgPool2d, x: Shape) -> NumpyCall:
    along = layer.along_axes()
    ends = _ends(along, x)
    zeros = tuple(
        (one.before, min(one.after, after)) if layer.count_include_pad else (0, 0)
        for one, (_, after) in zip(along, ends, strict=True)
    )
    pairs = zip(ends, zeros, strict=True)
    beyond = tuple((one[0] - own[0], one[1] - own[1]) for one, own in pairs)
    return call(
        avg_pool,
        "x",
        kernel=tuple(one.kernel for one in along),
        stride=tuple(one.stride for one in along),
        padding=zeros if any(map(any, zeros)) else (),
        beyond=beyond if any(map(any, beyond)) else (),
    )


@lowers(AdaptiveAvgPool2d)
def _adaptive_avg_pool(layer: AdaptiveAvgPool2d, x: Shape) -> NumpyCall:
    return call(adaptive_avg_pool, "x", per_axis(layer, "output_size", 2))


@lowers(GlobalAvgPool)
def _global_avg_pool(layer: GlobalAvgPool, x: Shape) -> NumpyCall:
    return call(global_avg_pool, "x")


def _ends(along: Sequence[Window], x: Shape) -> tuple[tuple[int, int], ...]:
    """How much longer the axes of ``x`` are at both ends, so that all windows fit and no more."""
    found = []
    for one, size in zip(along, x.sizes[1:], strict=True):
        needed = (one.outputs(size) - 1) * one.stride + one.extent
        found.append((one.before, max(0, needed - size - one.before)))
    return tuple(found)
