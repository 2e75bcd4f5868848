"""Normalisation by other means: torch's own functions."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import BatchNorm, LayerNorm, LocalResponseNorm, RMSNorm
from netlang.catalogue.modules import Layer


def _batch_norm(layer: BatchNorm, x: Tensor) -> Tensor:
    statistics = layer.running_mean.clone(), layer.running_var.clone()
    return functional.batch_norm(
        x, *statistics, layer.weight, layer.bias, layer.training, layer.momentum, layer.eps
    )


def _local_response_norm(layer: LocalResponseNorm, x: Tensor) -> Tensor:
    first = range(-(layer.window // 2), x.shape[1])
    around = [torch.arange(max(0, at), min(at + layer.window, x.shape[1])) for at in first]
    sums = torch.stack([x[:, each].square().sum(1) for each in around[: x.shape[1]]], 1)
    return x * (layer.k + layer.alpha / layer.window * sums) ** -layer.beta


def _instance_norm(layer: Layer, x: Tensor) -> Tensor:
    return functional.instance_norm(x, weight=layer.weight, bias=layer.bias, eps=layer.eps)


def _layer_norm(layer: LayerNorm, x: Tensor) -> Tensor:
    sizes = layer.weight.shape if layer.weight is not None else x.shape[-1:]
    return functional.layer_norm(x, sizes, layer.weight, layer.bias, layer.eps)


def _rms_norm(layer: RMSNorm, x: Tensor) -> Tensor:
    sizes = layer.weight.shape if layer.weight is not None else x.shape[-1:]
    return functional.rms_norm(x, sizes, layer.weight, layer.eps)


ORACLES = {
    "BatchNorm": _batch_norm,
    "GroupNorm": lambda layer, x: functional.group_norm(
        x, layer.num_groups, layer.weight, layer.bias, layer.eps
    ),
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "InstanceNorm": _instance_norm,
    "LocalResponseNorm": _local_response_norm,
}
