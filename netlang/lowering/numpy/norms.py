"""Norms in NumPy, as trained networks have them: BatchNorm takes its running statistics."""

from __future__ import annotations

from netlang.catalogue.layers import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, lowers
from netlang.lowering.numpy.windows import along_channels
from netlang.system.lazy import np


def standardized(x: Array, axis: tuple[int, ...], eps: float) -> Array:
    """(x - mean) / sqrt(variance + eps), with those along these axes."""
    centred = x - x.mean(axis, keepdims=True)
    return centred / np.sqrt(np.square(centred).mean(axis, keepdims=True) + eps)


def batch_norm(
    x: Array, mean: Array, var: Array, weight: Array = 1.0, bias: Array = 0.0, eps: float = 1e-5
) -> Array:
    """y = (x - mean) / sqrt(var + eps) weight + bias, for each channel.  Shape: [N, C, *]."""
    mean, var, weight, bias = (along_channels(one, x) for one in (mean, var, weight, bias))
    return (x - mean) * (1 / np.sqrt(var + eps) * weight) + bias


def group_norm(
    x: Array, groups: int, weight: Array = 1.0, bias: Array = 0.0, eps: float = 1e-5
) -> Array:
    """Each group of channels of a sample is standardized.  Shape: [N, C, *]."""
    parts = x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:])
    y = standardized(parts, tuple(range(2, parts.ndim)), eps).reshape(x.shape)
    return y * along_channels(weight, x) + along_channels(bias, x)


def layer_norm(
    x: Array,
    weight: Array = 1.0,
    bias: Array = 0.0,
    axis: tuple[int, ...] = (-1,),
    eps: float = 1e-5,
) -> Array:
    """The numbers of the last axes are standardized together."""
    return standardized(x, axis, eps) * weight + bias


def rms_norm(
    x: Array, weight: Array = 1.0, axis: tuple[int, ...] = (-1,), eps: float | None = None
) -> Array:
    """y = x / sqrt(mean of x^2 + eps) weight, with a mean along the last axes."""
    eps = np.finfo(x.dtype).eps if eps is None else eps
    return x / np.sqrt(np.square(x).mean(axis, keepdims=True) + eps) * weight


def local_response_norm(x: Array, size: int, alpha: float, beta: float, k: float) -> Array:
    """y_i = x_i / (k + alpha / size sum_j x_j^2)^beta, over the channels j around channel i."""
    ends = [(0, 0)] * x.ndim
    ends[1] = (size // 2, (size - 1) // 2)
    squares = np.pad(np.square(x), ends)
    sums = np.lib.stride_tricks.sliding_window_view(squares, size, 1).sum(-1)
    return x * (k + alpha / size * sums) ** -beta


@lowers(BatchNorm)
def _batch_norm(layer: BatchNorm, x: Shape) -> NumpyCall:
    affine = ["{weight}", "{bias}"] * layer.affine
    return call(batch_norm, "x", "{running_mean}", "{running_var}", *affine, eps=layer.eps)


@lowers(InstanceNorm)
def _instance_norm(layer: InstanceNorm, x: Shape) -> NumpyCall:
    affine = ["{weight}", "{bias}"] * layer.affine
    return call(group_norm, "x", layer.num_features, *affine, eps=layer.eps)


@lowers(GroupNorm)
def _group_norm(layer: GroupNorm, x: Shape) -> NumpyCall:
    affine = ["{weight}", "{bias}"] * layer.affine
    return call(group_norm, "x", layer.num_groups, *affine, eps=layer.eps)


@lowers(LayerNorm)
def _layer_norm(layer: LayerNorm, x: Shape) -> NumpyCall:
    affine = [f"{{{name}}}" for name in layer.tensors()]
    return call(layer_norm, "x", *affine, axis=_last(layer.normalized_shape), eps=layer.eps)


@lowers(RMSNorm)
def _rms_norm(layer: RMSNorm, x: Shape) -> NumpyCall:
    affine = [f"{{{name}}}" for name in layer.tensors()]
    return call(rms_norm, "x", *affine, axis=_last(layer.normalized_shape), eps=layer.eps)


@lowers(LocalResponseNorm)
def _local_response_norm(layer: LocalResponseNorm, x: Shape) -> NumpyCall:
    return call(local_response_norm, "x", layer.window, layer.alpha, layer.beta, layer.k)


def _last(sizes: int | tuple[int, ...]) -> tuple[int, ...]:
    """The axes that have these sizes, which are the last ones."""
    count = len(sizes) if isinstance(sizes, tuple) else 1
    return tuple(range(-count, 0))
