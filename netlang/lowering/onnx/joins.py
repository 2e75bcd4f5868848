"""Joins in ONNX."""

from __future__ import annotations

import math
from functools import reduce

from netlang.catalogue.layers import Add, Concat, MatMul, Mul, Stack, Sub
from netlang.catalogue.layers.joins import SideBySide
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, concat


@lowers(Add)
def add(layer: Add, own: Own, *x: Value) -> Value:
    return reduce(Value.__add__, x)


@lowers(Sub)
def sub(layer: Sub, own: Own, one: Value, other: Value) -> Value:
    return one - other


@lowers(Mul)
def mul(layer: Mul, own: Own, *x: Value) -> Value:
    return reduce(Value.__mul__, x)


@lowers(MatMul)
def matmul(layer: MatMul, own: Own, one: Value, other: Value) -> Value:
    return one @ other


@lowers(Stack)
def stack(layer: Stack, own: Own, *x: Value) -> Value:
    return concat(layer.dim, *(one.unsqueezed(layer.dim) for one in x))


@lowers(Concat)
def concat_(layer: Concat, own: Own, *x: Value) -> Value:
    return concat(layer.dim, *x)


@lowers(SideBySide)
def side_by_side(layer: SideBySide, own: Own, *x: Value) -> Value:
    return concat(1, *(one.reshaped(0, math.prod(one.sizes)) for one in x))
