"""Heads in ONNX: the features of a sequence are divided among several."""

from __future__ import annotations

import math

from netlang.lowering.onnx.values import Value


def heads_apart(x: Value, *sizes: int) -> Value:
    """So many heads, or heads of heads, of so many features.

    Shape: [N, T, features] -> [N, *sizes[:-1], T, sizes[-1]].
    """
    heads = range(2, len(sizes) + 1)
    return x.reshaped(0, 0, *sizes).transposed(0, *heads, 1, len(sizes) + 1)


def heads_together(x: Value, *sizes: int) -> Value:
    """Shape: [N, *sizes[:-1], T, sizes[-1]] -> [N, T, features]."""
    heads = range(1, len(sizes))
    return x.transposed(0, len(sizes), *heads, len(sizes) + 1).reshaped(0, 0, math.prod(sizes))
