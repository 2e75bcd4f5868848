"""The fully connected layer in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Linear
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchModule
from netlang.lowering.pytorch.initial import initialised
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Linear)
def linear(layer: Linear, x: Shape) -> TorchModule:
    bias = "" if layer.with_bias else ", bias=False"
    return initialised(f"nn.Linear({layer.in_features}, {layer.out_features}{bias})", layer.init)
