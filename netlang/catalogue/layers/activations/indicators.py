"""Where a comparison holds, in numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def one_where(compare: Callable[..., Any], x: Tensor, number: float) -> Tensor:
    """1 where ``compare(x, number)`` holds, and 0 elsewhere, in numbers of the type of ``x``.

    ``compare`` is ``torch.gt`` or one like it. Torch multiplies numbers by numbers many times as
    fast as by what ``x > number`` gives.
    """
    found: Tensor = compare(x, number, out=torch.empty_like(x))
    return found


def two_slopes(x: Tensor, below: float | Tensor) -> Tensor:
    """1 where x > 0, and ``below`` elsewhere, whose size rounds no digit of the other."""
    positive = one_where(torch.gt, x, 0)
    if isinstance(below, float | int) and 0 <= below <= 1:
        return positive.clamp_min_(below)
    return positive.add_((1 - positive).mul_(below))
