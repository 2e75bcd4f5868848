"""Pools in ONNX.

Sizes are known here, so that windows which go beyond the end are said by padding, where runtimes
agree, and not by ``ceil_mode``, where they do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from netlang.catalogue.layers import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    GlobalAvgPool,
    MaxPool1d,
    MaxPool2d,
)
from netlang.catalogue.modules import Window
from netlang.lowering.onnx.along_axes import weighted_sums
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, op, whole


@lowers(MaxPool1d)
@lowers(MaxPool2d)
def max_pool(layer: MaxPool1d | MaxPool2d, own: Own, x: Value) -> Value:
    windows, sizes = layer.along_axes(), x.sizes[1:]
    before = [one.before for one in windows]
    after = [_after(one, size) for one, size in zip(windows, sizes, strict=True)]
    each = zip(windows, before, after, strict=True)
    if any(max(*ends) >= one.kernel for one, *ends in each):  # more than runtimes take
        ends = whole(0, 0, *before, 0, 0, *after)
        x, before, after = op("Pad", x, ends, -math.inf), [0] * len(before), [0] * len(after)
    options: dict[str, Any] = {
        "pads": [*before, *after],
        "dilations": [one.dilation for one in windows],
    }
    return op("MaxPool", x, **_shapes(windows), **options)


@lowers(AvgPool1d)
@lowers(AvgPool2d)
def avg_pool(layer: AvgPool1d | AvgPool2d, own: Own, x: Value) -> Value:
    windows, sizes = layer.along_axes(), x.sizes[1:]
    each = zip(windows, sizes, strict=True)
    if any(_after(one, size) > one.after for one, size in each):  # the last ones divide otherwise
        return weighted_sums(layer, x)
    pads = [*(one.before for one in windows), *(one.after for one in windows)]
    counts = int(layer.count_include_pad)
    return op("AveragePool", x, **_shapes(windows), pads=pads, count_include_pad=counts)


@lowers(AdaptiveAvgPool2d)
def adaptive(layer: AdaptiveAvgPool2d, own: Own, x: Value) -> Value:
    sizes, counts = x.sizes[1:], layer.infer(x.shape).sizes[1:]
    if any(size % count for size, count in zip(sizes, counts, strict=True)):
        return weighted_sums(layer, x)
    if set(counts) == {1}:
        return op("GlobalAveragePool", x)
    kernel = [size // count for size, count in zip(sizes, counts, strict=True)]
    return op("AveragePool", x, kernel_shape=kernel, strides=kernel)


@lowers(GlobalAvgPool)
def global_avg_pool(layer: GlobalAvgPool, own: Own, x: Value) -> Value:
    return x.mean(*range(2, len(x.sizes) + 1), keep=False)


def _after(window: Window, size: int) -> int:
    """How much longer the axis is at its end for its windows to fit."""
    last = (window.outputs(size) - 1) * window.stride + window.extent
    return max(0, last - size - window.before)


def _shapes(windows: Sequence[Window]) -> dict[str, Any]:
    kernel, strides = [one.kernel for one in windows], [one.stride for one in windows]
    return {"kernel_shape": kernel, "strides": strides}
