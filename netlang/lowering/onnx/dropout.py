"""Layers that drop numbers in training alone, and are none in a model of ONNX."""

from __future__ import annotations

from netlang.catalogue.layers import Dropout, Dropout2d, DropPath
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value


@lowers(Dropout)
@lowers(Dropout2d)
@lowers(DropPath)
def dropout(layer: Dropout, own: Own, x: Value) -> Value:
    return x
