"""The p-norm of numbers of any size.

Where p is large, powers of large numbers have no place in a float, so they are taken of each
number's share of the largest, which is at most 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def p_norm(x: torch.Tensor, p: float) -> torch.Tensor:
    """(Σ |x|^p)^(1/p) over the last dimension."""
    if p in (1, 2):
        norm: torch.Tensor = torch.linalg.vector_norm(x, p, -1)
        return norm
    largest = largest_size(x)
    share: torch.Tensor = torch.linalg.vector_norm(x / largest, p, -1)
    return share * largest.squeeze(-1)


def p_norm_gradient(x: Tensor, p: float) -> Tensor:
    """That of ``p_norm`` by each number, sign(x) (|x| / norm)^(p - 1): 0 where the norm is 0."""
    shares = x.abs() / largest_size(x)
    total = shares.pow(p).sum(-1, keepdim=True)
    slope = shares.pow(p - 1) / total.pow(1 - 1 / p)
    return slope.mul_(x.sign()).masked_fill_(total == 0, 0)


def largest_size(x: torch.Tensor) -> torch.Tensor:
    """Of the numbers over the last dimension; 1 if none is a share of it."""
    largest = x.detach().abs().amax(-1, keepdim=True)
    return largest.where((largest > 0) & largest.isfinite(), 1)
