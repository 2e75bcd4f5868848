"""Layers that take, move or regroup numbers by other means."""

from __future__ import annotations

import torch

ORACLES = {
    "Flatten": lambda layer, x: torch.stack([one.flatten() for one in x]),
    "Unflatten": lambda layer, x: (
        x.unflatten(1, (-1, 1)).view(-1, *layer.unflattened_size)
        if x.dim() == 2
        else x.contiguous().view(-1, *layer.unflattened_size)
    ),
    "Slice": lambda layer, x: x.index_select(
        layer.dim, torch.arange(layer.start, layer.start + layer.length)
    ),
}
