"""Factors in ONNX."""

from __future__ import annotations

import math

from netlang.catalogue.layers import FanInScale, Scale
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value


@lowers(Scale)
def scale(layer: Scale, own: Own, x: Value) -> Value:
    if layer.num_features is None:
        return x * own["weight"]
    sizes = [1] * (len(x.sizes) + 1)
    sizes[layer.dim] = layer.num_features
    return x * own.shaped("weight", *sizes)


@lowers(FanInScale)
def fan_in_scale(layer: FanInScale, own: Own, x: Value) -> Value:
    return x / math.sqrt(x.sizes[-1])
