"""Positions in ONNX."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.layers import PositionalEmbedding, Rotary
from netlang.catalogue.layers.positions import angles, sinusoids
from netlang.lowering.onnx.heads import heads_apart, heads_together
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, concat, constant, op, whole
from netlang.system.lazy import torch


@lowers(PositionalEmbedding)
def positional_embedding(layer: PositionalEmbedding, own: Own, x: Value) -> Value:
    steps, features = x.sizes
    most = layer.max_length
    if layer.form == "sinusoidal":
        vectors: Value = constant(sinusoids(torch.empty(most, features)))
    else:
        vectors = own["weight"]
    if x.is_free:
        return x + op("Slice", vectors, whole(0), x.steps(), whole(0))
    return x + (vectors if steps == most else vectors.sliced(0, 0, steps))


@lowers(Rotary)
def rotary(layer: Rotary, own: Own, x: Value) -> Value:
    sizes = layer.num_heads, x.sizes[-1] // layer.num_heads
    return heads_together(rotated(heads_apart(x, *sizes), x, sizes, layer.base), *sizes)


def rotated(heads: Value, x: Value, sizes: Sequence[int], base: float) -> Value:
    """Pairs of the features of each head, turned with their position in ``x``.

    Shape: [N, *sizes[:-1], T, sizes[-1]] -> the same.
    """
    size = sizes[-1]
    # The angle of position t is t times that of position 1.
    first = angles(torch.empty(2, size), base)[1:].numpy()
    turns = x.places().cast("float64").unsqueezed(1) * constant(first / (2 * math.pi), "float64")
    angle = ((turns - op("Floor", turns)) * (2 * math.pi)).cast("float32")  # not of many turns
    cos, sin = op("Cos", angle), op("Sin", angle)
    even, odd = (op("Slice", heads, *map(whole, (one, size, -1, 2))) for one in (0, 1))
    turned = even * cos - odd * sin, even * sin + odd * cos
    pairs = concat(-1, *(one.unsqueezed(-1) for one in turned))
    return pairs.reshaped(*[0] * (len(sizes) + 1), size)
