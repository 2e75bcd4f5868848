"""Layers that take, move or regroup numbers in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Flatten, Slice, Unflatten
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Flatten)
def flatten(layer: Flatten, x: Shape) -> TorchModule:
    return TorchModule("nn.Flatten()")


@lowers(Unflatten)
def unflatten(layer: Unflatten, x: Shape) -> TorchExpression:
    return TorchExpression(f"x.reshape(-1, {', '.join(map(str, layer.unflattened_size))})")


@lowers(Slice)
def slice_(layer: Slice, x: Shape) -> TorchExpression:
    return TorchExpression(f"x.narrow({layer.dim}, {layer.start}, {layer.length})")
