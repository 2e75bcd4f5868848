"""Layers with weights for each feature, in ONNX."""

from __future__ import annotations

import math

from netlang.catalogue.layers import LinearPerFeature, PeriodicEmbedding
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, concat, op


@lowers(PeriodicEmbedding)
def periodic_embedding(layer: PeriodicEmbedding, own: Own, x: Value) -> Value:
    turns = x.unsqueezed(len(x.sizes) + 1) * (2 * math.pi) * own["weight"]
    if layer.with_bias:
        return op("Cos", turns + own["bias"])
    return concat(-1, op("Cos", turns), op("Sin", turns))


@lowers(LinearPerFeature)
def linear_per_feature(layer: LinearPerFeature, own: Own, x: Value) -> Value:
    row = len(x.sizes)  # each vector is a matrix of one row, before its last dimension
    y = (x.unsqueezed(row) @ own["weight"].transposed(0, 2, 1)).squeezed(row)
    return y + own["bias"] if layer.with_bias else y
