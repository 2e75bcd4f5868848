"""Wiring in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Identity, Select
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression
from netlang.lowering.pytorch.table import lowers


@lowers(Identity)
def identity(layer: Identity, *x: Shape) -> TorchExpression:
    return TorchExpression("x")


@lowers(Select)
def select(layer: Select, *x: Shape) -> TorchExpression:
    return TorchExpression(f"x{layer.index}")
