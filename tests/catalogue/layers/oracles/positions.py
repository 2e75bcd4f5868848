"""Layers of positions by other means: with numbers in the complex plane."""

from __future__ import annotations

import torch
from torch import Tensor

from netlang.catalogue.layers import PositionalEmbedding, Rotary


def _turns(positions: int, features: int, base: float) -> Tensor:
    """e^(i·t/base^(2k/features)) for position t and pair k.  Shape: [positions, pairs]."""
    pairs = (features + 1) // 2
    angles = [[t / base ** (2 * k / features) for k in range(pairs)] for t in range(positions)]
    angle = torch.tensor(angles, dtype=torch.float64)
    return torch.polar(torch.ones_like(angle), angle)


def _positional(layer: PositionalEmbedding, x: Tensor) -> Tensor:
    if layer.form == "learned":
        return x + torch.eye(x.shape[1], layer.max_length, dtype=x.dtype) @ layer.weight
    turns = _turns(*x.shape[1:], base=10000.0)
    waves = torch.stack([turns.imag, turns.real], -1).flatten(-2)
    return x + waves[:, : x.shape[2]]


def turned(x: Tensor, base: float) -> Tensor:
    """The pairs of features as numbers of the complex plane, turned there.  Shape: [N, T, d]."""
    pairs = torch.view_as_complex(x.unflatten(2, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * _turns(x.shape[1], x.shape[2], base)).flatten(2)


def _rotary(layer: Rotary, x: Tensor) -> Tensor:
    heads = x.split(x.shape[2] // layer.num_heads, dim=2)
    return torch.cat([turned(head, layer.base) for head in heads], 2)


ORACLES = {"PositionalEmbedding": _positional, "Rotary": _rotary}
