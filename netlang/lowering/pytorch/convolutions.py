"""Convolutions in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Conv1d, Conv2d, ConvTranspose2d
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.alike import alike
from netlang.lowering.pytorch.counterparts import TorchModule
from netlang.lowering.pytorch.initial import initialised
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Conv1d)
@lowers(Conv2d)
@lowers(ConvTranspose2d)
def convolution(layer: Conv1d | Conv2d | ConvTranspose2d, x: Shape) -> TorchModule:
    return initialised(alike(layer, without=("init",)), layer.init)
