"""Layers that take, move or regroup numbers by other means: each sample by itself."""

from __future__ import annotations

import torch


def _in_sample(dim: int) -> int:
    """Where a dimension of a batch stands in one sample."""
    return dim - 1 if dim > 0 else dim


ORACLES = {
    "Flatten": lambda layer, x: torch.stack(
        [one.flatten(_in_sample(layer.start_dim), _in_sample(layer.end_dim)) for one in x]
    ),
    "Unflatten": lambda layer, x: torch.stack(
        [one.unflatten(_in_sample(layer.dim), layer.unflattened_size) for one in x]
    ),
    "Reshape": lambda layer, x: torch.stack([one.reshape(layer.shape) for one in x]),
    "Permute": lambda layer, x: torch.stack([one.permute(layer.dims) for one in x]),
    "Slice": lambda layer, x: x.index_select(
        layer.dim, torch.arange(layer.start, layer.start + layer.length)
    ),
}
