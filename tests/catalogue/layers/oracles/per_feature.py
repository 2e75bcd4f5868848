"""Layers that have weights for each feature by other means: one feature after the other."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import LinearPerFeature, PeriodicEmbedding


def _waves(layer: PeriodicEmbedding, x: Tensor) -> Tensor:
    each = [
        functional.linear(one.unsqueeze(-1), 2 * math.pi * weight.unsqueeze(1))
        for one, weight in zip(x.unbind(-1), layer.weight, strict=True)
    ]
    turns = torch.stack(each, -2)
    if layer.with_bias:
        return (turns + layer.bias).cos()
    return torch.view_as_real(torch.polar(torch.ones_like(turns), turns)).mT.flatten(-2)


def _each(layer: LinearPerFeature, x: Tensor) -> Tensor:
    biases = layer.bias if layer.with_bias else [None] * layer.num_features
    both = zip(x.unbind(-2), layer.weight, biases, strict=True)
    return torch.stack([functional.linear(*one) for one in both], -2)


ORACLES = {"LinearPerFeature": _each, "PeriodicEmbedding": _waves}
