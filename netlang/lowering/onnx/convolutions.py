"""Convolutions in ONNX."""

from __future__ import annotations

from typing import Any

from netlang.catalogue.layers import Conv1d, Conv2d, ConvTranspose2d
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, op, whole


@lowers(Conv1d)
@lowers(Conv2d)
def convolution(layer: Conv1d | Conv2d, own: Own, x: Value) -> Value:
    return op("Conv", x, own["weight"], own.get("bias"), **_windows(layer))


@lowers(ConvTranspose2d)
def transposed(layer: ConvTranspose2d, own: Own, x: Value) -> Value:
    more = layer.per_axis("output_padding")
    options = _windows(layer) | {"output_padding": more}
    if all(one < step for one, step in zip(more, options["strides"], strict=True)):
        return op("ConvTranspose", x, own["weight"], own.get("bias"), **options)
    return _cut_to_size(layer, own, x)


def _cut_to_size(layer: ConvTranspose2d, own: Own, x: Value) -> Value:
    """Where the output is longer at its end than a stride, which runtimes refuse: all that windows
    reach is made, and cut, or filled with 0, to the right size.
    """
    windows = layer.along_axes()
    options = _windows(layer) | {"pads": [0] * 2 * len(windows)}
    y = op("ConvTranspose", x, own["weight"], None, **options)
    each = zip(windows, layer.per_axis("output_padding"), strict=True)
    begins = [-one.before for one in windows]
    ends = [more - one.after for one, more in each]
    y = op("Pad", y, whole(0, 0, *begins, 0, 0, *ends))
    return y + own.shaped("bias", -1, 1, 1) if layer.with_bias else y


def _windows(layer: Conv1d | Conv2d | ConvTranspose2d) -> dict[str, Any]:
    """The windows as ONNX says them: what comes before each axis, and then what comes after."""
    windows = layer.along_axes()
    return {
        "kernel_shape": [one.kernel for one in windows],
        "strides": [one.stride for one in windows],
        "dilations": [one.dilation for one in windows],
        "pads": [*(one.before for one in windows), *(one.after for one in windows)],
        "group": layer.groups,
    }
