"""Norms in ONNX."""

from __future__ import annotations

import math
from typing import Any

from netlang.catalogue.layers import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Constant, Value, constant, op
from netlang.system.lazy import np


@lowers(BatchNorm)
def batch_norm(layer: BatchNorm, own: Own, x: Value) -> Value:
    weight, bias = _weights(own, (layer.num_features,))
    statistics = own["running_mean"], own["running_var"]
    return op("BatchNormalization", x, weight, bias, *statistics, epsilon=layer.eps)


@lowers(InstanceNorm)
def instance_norm(layer: InstanceNorm, own: Own, x: Value) -> Value:
    return op("InstanceNormalization", x, *_weights(own, (layer.num_features,)), epsilon=layer.eps)


@lowers(GroupNorm)
def group_norm(layer: GroupNorm, own: Own, x: Value) -> Value:
    groups = x.reshaped(0, layer.num_groups, math.prod(x.sizes) // layer.num_groups)
    ones, zeros = _ones((layer.num_groups,)), _zeros((layer.num_groups,))
    y = op("InstanceNormalization", groups, ones, zeros, epsilon=layer.eps)
    y = y.reshaped(0, *x.sizes)
    if not layer.affine:
        return y
    sizes = layer.num_channels, *[1] * (len(x.sizes) - 1)  # each weight meets its channel
    return y * own.shaped("weight", *sizes) + own.shaped("bias", *sizes)


@lowers(LayerNorm)
def layer_norm(layer: LayerNorm, own: Own, x: Value) -> Value:
    sizes = _last(layer)
    weight = own.get("weight") or _ones(sizes)
    axis = -len(sizes)
    return op("LayerNormalization", x, weight, own.get("bias"), axis=axis, epsilon=layer.eps)


@lowers(RMSNorm)
def rms_norm(layer: RMSNorm, own: Own, x: Value) -> Value:
    eps = float(np.finfo("float32").eps) if layer.eps is None else layer.eps
    axes = range(-len(_last(layer)), 0)
    y = x / op("Sqrt", (x * x).mean(*axes) + eps)
    weight = own.get("weight")
    return y if weight is None else y * weight


@lowers(LocalResponseNorm)
def local_response_norm(layer: LocalResponseNorm, own: Own, x: Value) -> Value:
    if layer.window % 2 and len(x.sizes) == 3:
        options: dict[str, Any] = {"alpha": layer.alpha, "beta": layer.beta, "bias": layer.k}
        return op("LRN", x, size=layer.window, **options)
    channels, *places = x.sizes
    squares = (x * x).reshaped(0, channels, math.prod(places))
    sums = (_neighbours(channels, layer.window) @ squares).reshaped(0, channels, *places)
    return x / op("Pow", sums * (layer.alpha / layer.window) + layer.k, layer.beta)


def _neighbours(channels: int, window: int) -> Constant:
    """1 where a channel is among those around another.  Shape: [channels, channels]."""
    behind = np.arange(channels) - np.arange(channels)[:, None]
    return constant((behind >= -(window // 2)) & (behind < window - window // 2))


def _last(layer: LayerNorm | RMSNorm) -> tuple[int, ...]:
    sizes = layer.normalized_shape
    return sizes if isinstance(sizes, tuple) else (sizes,)


def _weights(own: Own, shape: tuple[int, ...]) -> tuple[Constant, Constant]:
    """The factor and the bias of a norm, which ONNX asks for also where it learns none."""
    return own.get("weight") or _ones(shape), own.get("bias") or _zeros(shape)


def _ones(shape: tuple[int, ...]) -> Constant:
    return constant(np.ones(shape))


def _zeros(shape: tuple[int, ...]) -> Constant:
    return constant(np.zeros(shape))
