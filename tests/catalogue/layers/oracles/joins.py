"""Joins by other means."""

from __future__ import annotations

import torch

ORACLES = {
    "Add": lambda layer, *x: torch.stack(x).sum(0),
    "Mul": lambda layer, *x: torch.stack(x).prod(0),
    "Concat": lambda layer, *x: torch.cat(x, layer.dim),
}
