"""Layers of weights without windows: linear ones, factors, and vectors of tokens and features."""

from __future__ import annotations

import math

from netlang.catalogue.layers import (
    Embedding,
    FanInScale,
    Linear,
    LinearPerFeature,
    PeriodicEmbedding,
    Scale,
)
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, lowers
from netlang.system.lazy import np


def linear(x: Array, weight: Array, bias: Array = 0) -> Array:
    """y = x w^T + b.  Shape: [N, *, in] -> [N, *, out]."""
    return x @ weight.T + bias


def embedding(x: Array, weight: Array, padding: int | None = None) -> Array:
    """y = w[x]: each token becomes its row of a table, and that of the padding 0."""
    tokens = x.astype(int)
    y = weight[tokens]
    if padding is not None:
        y[tokens == padding] = 0
    return y


def periodic(x: Array, weight: Array, bias: Array = None) -> Array:
    """y = [cos(2 pi w x), sin(2 pi w x)], or cos(2 pi w x + b).

    Shape: [N, *, features] -> [N, *, features, waves].
    """
    turns = 2 * math.pi * x[..., None] * weight
    if bias is not None:
        return np.cos(turns + bias)
    return np.concatenate([np.cos(turns), np.sin(turns)], -1)


def linear_per_feature(x: Array, weight: Array, bias: Array = 0) -> Array:
    """y_f = w_f x_f + b_f for each feature f.  Shape: [N, *, F, in] -> [N, *, F, out]."""
    return np.einsum("...fi,foi->...fo", x, weight) + bias


@lowers(Linear)
def _linear(layer: Linear, x: Shape) -> NumpyCall:
    return call(linear, "x", "{weight}", *["{bias}"] * layer.with_bias)


@lowers(Embedding)
def _embedding(layer: Embedding, x: Shape) -> NumpyCall:
    return call(embedding, "x", "{weight}", padding=layer.padding_idx)


@lowers(PeriodicEmbedding)
def _periodic(layer: PeriodicEmbedding, x: Shape) -> NumpyCall:
    return call(periodic, "x", "{weight}", *["{bias}"] * layer.with_bias)


@lowers(LinearPerFeature)
def _linear_per_feature(layer: LinearPerFeature, x: Shape) -> NumpyCall:
    return call(linear_per_feature, "x", "{weight}", *["{bias}"] * layer.with_bias)


@lowers(Scale)
def _scale(layer: Scale, x: Shape) -> NumpyCall:
    rank = len(x.sample) + 1
    at = layer.dim % rank
    if layer.num_features is None or at == rank - 1:
        return NumpyCall("x * {weight}")
    return NumpyCall(f"x * {{weight}}.reshape({[-1, *[1] * (rank - 1 - at)]})")


@lowers(FanInScale)
def _fan_in_scale(layer: FanInScale, x: Shape) -> NumpyCall:
    return NumpyCall(f"x / {math.sqrt(x.sizes[-1])!r}")
