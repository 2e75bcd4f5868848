"""A network of several members in ONNX: each sample is as many rows as there are members."""

from __future__ import annotations

import math

from netlang.catalogue.layers.members import EachMember, MeanOfMembers, MemberLinear, OwnLinear
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Constant, Value, concat, op, whole


@lowers(EachMember)
def each_member(layer: EachMember, own: Own, x: Value) -> Value:
    sizes = x.sizes
    copies = whole(1, layer.members, *[1] * len(sizes))
    return op("Expand", x.unsqueezed(1), copies).reshaped(-1, *sizes)


@lowers(MemberLinear)
def member_linear(layer: MemberLinear, own: Own, x: Value) -> Value:
    rows = _rows(layer, x) * _for_each(layer, own, "r")
    y = (rows @ own["weight"].transposed(1, 0)) * _for_each(layer, own, "s")
    return _as_samples(layer, x, y + _for_each(layer, own, "bias") if layer.with_bias else y)


@lowers(OwnLinear)
def own_linear(layer: OwnLinear, own: Own, x: Value) -> Value:
    y = _rows(layer, x) @ own["weight"].transposed(0, 2, 1)
    return _as_samples(layer, x, y + _for_each(layer, own, "bias") if layer.with_bias else y)


@lowers(MeanOfMembers)
def mean_of_members(layer: MeanOfMembers, own: Own, x: Value) -> Value:
    row, begin, means = x.reshaped(0, sum(layer.sizes)), 0, []
    for by, size, classes in zip(layer.by, layer.sizes, layer.classes, strict=True):
        part = row.sliced(1, begin, begin + size)
        part = part.reshaped(-1, layer.members, size // classes, classes)
        means.append(_mean(part, by, layer.members).reshaped(-1, size))
        begin += size
    return concat(1, *means).reshaped(0, *x.sizes)


def _mean(y: Value, by: str, members: int) -> Value:
    """What stands for the mean of what the members' outputs stand for."""
    if not by:
        return y.mean(1, keep=False)
    if by == "sigmoid":
        yes, no = -op("Softplus", -y), -op("Softplus", y)  # their logarithms
        return yes.logsumexp(1, keep=False) - no.logsumexp(1, keep=False)
    logarithms = op("LogSoftmax", y, axis=-1) if by == "softmax" else y
    return logarithms.logsumexp(1, keep=False) - math.log(members)


def _rows(layer: MemberLinear | OwnLinear, x: Value) -> Value:
    """Shape: [N · members, *, in_features] -> [N, members, rows of each, in_features]."""
    each = math.prod(x.sizes) // layer.in_features
    return x.reshaped(-1, layer.members, each, layer.in_features)


def _as_samples(layer: MemberLinear | OwnLinear, x: Value, y: Value) -> Value:
    return y.reshaped(-1, *x.sizes[:-1], layer.out_features)


def _for_each(layer: MemberLinear | OwnLinear, own: Own, name: str) -> Constant:
    """Numbers of each member.  Shape: [members, features] -> [members, 1, features]."""
    return own.shaped(name, layer.members, 1, own.array(name).shape[1])
