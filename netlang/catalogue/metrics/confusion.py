"""How many samples of a class are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def confusion(
    predicted: Tensor, true: Tensor, classes: int, weights: Tensor | None = None
) -> Tensor:
    """How many samples of each class (row) are taken for which (column), or their weights.

    Shape: class numbers [N, *], both, weights [N] -> [classes, classes] int64, or float64.

    >>> import torch
    >>> confusion(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    pairs = (true.long() * classes + predicted.long()).flatten()
    return torch.bincount(pairs, weights, minlength=classes * classes).view(classes, classes)
