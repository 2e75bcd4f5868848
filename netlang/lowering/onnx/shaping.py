"""Layers that take, move or regroup numbers, in ONNX."""

from __future__ import annotations

from netlang.catalogue.layers import Flatten, Permute, Reshape, Slice, Unflatten
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value


@lowers(Flatten)
def flatten(layer: Flatten, own: Own, x: Value) -> Value:
    return x.reshaped(0, *layer.infer(x.shape).sizes)


@lowers(Unflatten)
def unflatten(layer: Unflatten, own: Own, x: Value) -> Value:
    return x.reshaped(0, *layer.infer(x.shape).sizes)


@lowers(Reshape)
def reshape(layer: Reshape, own: Own, x: Value) -> Value:
    return x.reshaped(0, *layer.infer(x.shape).sizes)


@lowers(Permute)
def permute(layer: Permute, own: Own, x: Value) -> Value:
    return x.transposed(0, *(dim + 1 for dim in layer.order))


@lowers(Slice)
def slice_(layer: Slice, own: Own, x: Value) -> Value:
    return x.sliced(layer.dim, layer.start, layer.start + layer.length)
