"""Reductions over a dimension in ONNX."""

from __future__ import annotations

import math

from netlang.catalogue.layers import Last, Max, Mean
from netlang.lowering.onnx.ends import filled
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, constant, op


@lowers(Mean)
def mean(layer: Mean, own: Own, x: Value, lengths: Value | None = None) -> Value:
    if lengths is None:
        return x.mean(layer.dim, keep=False)
    counts = lengths.unsqueezed(*range(1, len(x.sizes)))
    return filled(x, lengths).sum(1, keep=False) / counts


@lowers(Max)
def max_(layer: Max, own: Own, x: Value, lengths: Value | None = None) -> Value:
    return filled(x, lengths, -math.inf).max(layer.dim, keep=False)


@lowers(Last)
def last(layer: Last, own: Own, x: Value, lengths: Value | None = None) -> Value:
    if lengths is None:
        return op("Gather", x, constant(-1, "int64"), axis=layer.dim)
    place = (lengths - 1.0).cast("int64").unsqueezed(1)
    return op("GatherND", x, place, batch_dims=1)
