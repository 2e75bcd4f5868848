"""Joins by other means."""

from __future__ import annotations

import torch

ORACLES = {
    "Add": lambda layer, *x: torch.stack(x).sum(0),
    "Sub": lambda layer, one, other: one + other.neg(),
    "MatMul": lambda layer, one, other: torch.einsum("...ab,...bc->...ac", one, other),
    "Stack": lambda layer, *x: torch.stack(x, layer.dim),
    "Mul": lambda layer, *x: torch.stack(x).prod(0),
    "Concat": lambda layer, *x: torch.cat(x, layer.dim),
}
