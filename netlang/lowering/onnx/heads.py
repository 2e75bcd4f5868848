"""Heads in ONNX: the features of a sequence are divided among several."""

from __future__ import annotations

from netlang.lowering.onnx.values import Value


def heads_apart(x: Value, steps: int, heads: int, size: int) -> Value:
    """Shape: [N, T, heads·d] -> [N, heads, T, d]."""
    return x.reshaped(0, steps, heads, size).transposed(0, 2, 1, 3)


def heads_together(x: Value, steps: int, features: int) -> Value:
    """Shape: [N, heads, T, d] -> [N, T, heads·d]."""
    return x.transposed(0, 2, 1, 3).reshaped(0, steps, features)
