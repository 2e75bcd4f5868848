"""Pools by ``torch.nn.functional``."""

from __future__ import annotations

from torch.nn import functional

from tests.catalogue.layers.oracles import Oracle

ORACLES: dict[str, Oracle] = {
    "MaxPool1d": lambda layer, x: functional.max_pool1d(
        x, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode
    ),
    "MaxPool2d": lambda layer, x: functional.max_pool2d(
        x, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode
    ),
    "AvgPool1d": lambda layer, x: functional.avg_pool1d(
        x,
        layer.kernel_size,
        layer.stride,
        layer.padding,
        layer.ceil_mode,
        layer.count_include_pad,
    ),
    "AvgPool2d": lambda layer, x: functional.avg_pool2d(
        x,
        layer.kernel_size,
        layer.stride,
        layer.padding,
        layer.ceil_mode,
        layer.count_include_pad,
    ),
    "AdaptiveAvgPool2d": lambda layer, x: functional.adaptive_avg_pool2d(x, layer.output_size),
    "GlobalAvgPool": lambda layer, x: x.mean(tuple(range(2, x.dim()))),
}
