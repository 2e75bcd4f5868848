"""Dropout in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Dropout
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Dropout)
def dropout(layer: Dropout, x: Shape) -> TorchModule:
    return TorchModule(f"nn.Dropout({layer.p})")
