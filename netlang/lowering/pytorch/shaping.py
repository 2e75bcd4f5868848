"""Layers that take, move or regroup numbers in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Flatten, Permute, Reshape, Slice, Unflatten
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Flatten)
def flatten(layer: Flatten, x: Shape) -> TorchModule | TorchExpression:
    if not x.sample:
        return TorchExpression("x.unsqueeze(1)")
    ends = layer.start_dim, layer.end_dim
    return TorchModule("nn.Flatten()" if ends == (1, -1) else f"nn.Flatten{ends}")


@lowers(Unflatten)
def unflatten(layer: Unflatten, x: Shape) -> TorchModule:
    return TorchModule(f"nn.Unflatten({layer.dim}, {layer.unflattened_size})")


@lowers(Reshape)
def reshape(layer: Reshape, x: Shape) -> TorchExpression:
    return TorchExpression(f"x.reshape{(-1, *layer.shape)}")


@lowers(Permute)
def permute(layer: Permute, x: Shape) -> TorchExpression:
    dims = (0, *(dim + 1 for dim in layer.order))
    return TorchExpression(f"x.permute{dims}")


@lowers(Slice)
def slice_(layer: Slice, x: Shape) -> TorchExpression:
    return TorchExpression(f"x.narrow({layer.dim}, {layer.start}, {layer.length})")
