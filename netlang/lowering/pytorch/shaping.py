"""Layers that take, move or regroup numbers in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Slice
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Slice)
def slice_(layer: Slice, x: Shape) -> TorchExpression:
    return TorchExpression(f"x.narrow({layer.dim}, {layer.start}, {layer.length})")
