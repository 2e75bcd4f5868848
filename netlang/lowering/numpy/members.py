"""A network of several members in NumPy."""

from __future__ import annotations

import math

from netlang.catalogue.layers.members import (
    EachMember,
    MeanOfMembers,
    MemberLinear,
    OwnLinear,
)
from netlang.language.shapes import Shape
from netlang.lowering.numpy.activations import log_softmax
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, lowers
from netlang.system.lazy import np


def member_linear(x: Array, weight: Array, r: Array, s: Array, bias: Array = 0) -> Array:
    """y = ((x r) w^T) s + b, where each member has an r, an s and a b.

    Shape: [N members, *, in] -> [N members, *, out].
    """
    rows = x.reshape(-1, len(r), x[0].size // r.shape[1], r.shape[1])
    bias = np.reshape(bias, (len(r), 1, -1)) if np.ndim(bias) else bias
    y = (rows * r[:, None]) @ weight.T * s[:, None] + bias
    return y.reshape(*x.shape[:-1], len(weight))


def own_linear(x: Array, weight: Array, bias: Array = 0) -> Array:
    """y = x w^T + b, where each member has a w and a b.

    Shape: [N members, *, in] -> [N members, *, out].
    """
    members, outputs, inputs = weight.shape
    rows = x.reshape(-1, members, x[0].size // inputs, inputs)
    bias = np.reshape(bias, (members, 1, outputs)) if np.ndim(bias) else bias
    y = np.einsum("nmri,moi->nmro", rows, weight) + bias
    return y.reshape(*x.shape[:-1], outputs)


def log_sum_exp(x: Array, axis: int) -> Array:
    """log sum exp(x) along an axis."""
    most = x.max(axis, keepdims=True)
    return (most + np.log(np.exp(x - most).sum(axis, keepdims=True))).squeeze(axis)


def mean_of_members(x: Array, members: int, parts: list[tuple[str, int, int]]) -> Array:
    """What stands for the mean of what the outputs of all members stand for.

    Of each part of the outputs it is said by what they stand for that, how many they are, and how
    many of them belong together.  Shape: [N members, *] -> [N, *].
    """
    rows, means, begin = x.reshape(len(x), sum(one[1] for one in parts)), [], 0
    for by, size, classes in parts:
        y = rows[:, begin : begin + size].reshape(-1, members, size // classes, classes)
        begin += size
        if by == "sigmoid":
            no, yes = -np.logaddexp(y, 0), -np.logaddexp(-y, 0)
            mean = log_sum_exp(yes, 1) - log_sum_exp(no, 1)
        elif by:
            logarithms = log_softmax(y) if by == "softmax" else y
            mean = log_sum_exp(logarithms, 1) - math.log(members)
        else:
            mean = y.mean(1)
        means.append(mean.reshape(-1, size))
    return np.concatenate(means, 1).reshape(-1, *x.shape[1:])


@lowers(EachMember)
def _each_member(layer: EachMember, x: Shape) -> NumpyCall:
    return NumpyCall(f"x.repeat({layer.members}, 0)")


@lowers(MemberLinear)
def _member_linear(layer: MemberLinear, x: Shape) -> NumpyCall:
    return call(member_linear, "x", "{weight}", "{r}", "{s}", *["{bias}"] * layer.with_bias)


@lowers(OwnLinear)
def _own_linear(layer: OwnLinear, x: Shape) -> NumpyCall:
    return call(own_linear, "x", "{weight}", *["{bias}"] * layer.with_bias)


@lowers(MeanOfMembers)
def _mean(layer: MeanOfMembers, x: Shape) -> NumpyCall:
    parts = [*zip(layer.by, layer.sizes, layer.classes, strict=True)]
    return call(mean_of_members, "x", layer.members, parts)
