"""Positions in ONNX: their waves are constants."""

from __future__ import annotations

from netlang.catalogue.layers import PositionalEmbedding, Rotary
from netlang.catalogue.layers.positions import rotations, sinusoids
from netlang.lowering.onnx.heads import heads_apart, heads_together
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, concat, constant
from netlang.system.lazy import torch


@lowers(PositionalEmbedding)
def positional_embedding(layer: PositionalEmbedding, own: Own, x: Value) -> Value:
    steps, features = x.sizes
    if layer.form == "sinusoidal":
        return x + constant(sinusoids(torch.empty(steps, features)))
    weight = own["weight"]
    return x + (weight if steps == layer.max_length else weight.sliced(0, 0, steps))


@lowers(Rotary)
def rotary(layer: Rotary, own: Own, x: Value) -> Value:
    steps, features = x.sizes
    size = features // layer.num_heads
    heads = heads_apart(x, steps, layer.num_heads, size)
    return heads_together(rotated(heads, steps, size, layer.base), steps, features)


def rotated(x: Value, steps: int, size: int, base: float) -> Value:
    """Pairs of features, turned with their position.  Shape: [N, heads, T, d] -> the same."""
    cos, sin = (constant(one) for one in rotations(torch.empty(steps, size), base))
    even, odd = (x.sliced(3, first, size, step=2) for first in (0, 1))
    turned = even * cos - odd * sin, even * sin + odd * cos
    return concat(4, *(one.unsqueezed(4) for one in turned)).reshaped(0, 0, 0, -1)
