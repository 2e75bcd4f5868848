"""Normalisation in PyTorch."""

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
from netlang.lowering.pytorch.counterparts import TorchModule
from netlang.lowering.pytorch.lowerings import lowers

_SAYS_DIMENSIONS = {0: "1d", 1: "1d", 2: "2d", 3: "3d"}  # by those behind the channels


@lowers(BatchNorm)
def batch_norm(layer: BatchNorm, x: Shape) -> TorchModule | None:
    return _of_channels(layer, x, f"momentum={layer.momentum}, affine={layer.affine}")


@lowers(InstanceNorm)
def instance_norm(layer: InstanceNorm, x: Shape) -> TorchModule | None:
    return _of_channels(layer, x, f"affine={layer.affine}")


def _of_channels(layer: BatchNorm | InstanceNorm, x: Shape, options: str) -> TorchModule | None:
    """The class that PyTorch has for so many dimensions; None for more than it has one for."""
    dimensions = _SAYS_DIMENSIONS.get(len(x.sample) - 1)
    call = f"nn.{layer.name}{dimensions}({layer.num_features}, eps={layer.eps}, {options})"
    return TorchModule(call) if dimensions else None


@lowers(GroupNorm)
def group_norm(layer: GroupNorm, x: Shape) -> TorchModule:
    options = f"eps={layer.eps}, affine={layer.affine}"
    return TorchModule(f"nn.GroupNorm({layer.num_groups}, {layer.num_channels}, {options})")


@lowers(LayerNorm)
def layer_norm(layer: LayerNorm, x: Shape) -> TorchModule:
    affine = f"elementwise_affine={layer.elementwise_affine}, bias={layer.with_bias}"
    return TorchModule(f"nn.LayerNorm({layer.normalized_shape}, eps={layer.eps}, {affine})")


@lowers(RMSNorm)
def rms_norm(layer: RMSNorm, x: Shape) -> TorchModule:
    options = f"eps={layer.eps}, elementwise_affine={layer.elementwise_affine}"
    return TorchModule(f"nn.RMSNorm({layer.normalized_shape}, {options})")


@lowers(LocalResponseNorm)
def local_response_norm(layer: LocalResponseNorm, x: Shape) -> TorchModule:
    options = f"alpha={layer.alpha}, beta={layer.beta}, k={layer.k}"
    return TorchModule(f"nn.LocalResponseNorm({layer.window}, {options})")
