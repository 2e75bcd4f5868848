"""Pools in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    GlobalAvgPool,
    MaxPool1d,
    MaxPool2d,
)
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.alike import alike
from netlang.lowering.pytorch.counterparts import TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers

Pool = MaxPool1d | MaxPool2d | AvgPool1d | AvgPool2d | AdaptiveAvgPool2d


@lowers(MaxPool1d)
@lowers(MaxPool2d)
@lowers(AvgPool1d)
@lowers(AvgPool2d)
@lowers(AdaptiveAvgPool2d)
def pool(layer: Pool, x: Shape) -> TorchModule:
    return TorchModule(alike(layer))


@lowers(GlobalAvgPool)
def global_average_pool(layer: GlobalAvgPool, x: Shape) -> TorchExpression:
    return TorchExpression("x.flatten(2).mean(2)")
