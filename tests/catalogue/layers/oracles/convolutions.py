"""Convolutions by ``torch.nn.functional``."""

from __future__ import annotations

from torch.nn import functional

from tests.catalogue.layers.oracles import Oracle

ORACLES: dict[str, Oracle] = {
    "Conv1d": lambda layer, x: functional.conv1d(
        x,
        layer.weight,
        layer.bias,
        layer.stride,
        layer.padding,
        layer.dilation,
        layer.groups,
    ),
    "Conv2d": lambda layer, x: functional.conv2d(
        x,
        layer.weight,
        layer.bias,
        layer.stride,
        layer.padding,
        layer.dilation,
        layer.groups,
    ),
    "ConvTranspose2d": lambda layer, x: functional.conv_transpose2d(
        x,
        layer.weight,
        layer.bias,
        layer.stride,
        layer.padding,
        layer.output_padding,
        layer.groups,
        layer.dilation,
    ),
}
