"""Heads: the features of a sequence are divided among several, which work side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.language.shapes import Dim, Shape, ShapeError, solved

if TYPE_CHECKING:
    from torch import Tensor


def heads_apart(x: Tensor, heads: int) -> Tensor:
    """Shape: [N, T, heads·d] -> [N, heads, T, d]."""
    return x.reshape(*x.shape[:2], heads, x.shape[2] // heads).transpose(1, 2)


def heads_together(x: Tensor) -> Tensor:
    """Shape: [N, heads, T, d] -> [N, T, heads·d]."""
    return x.transpose(1, 2).flatten(2)


def check_heads(x: Shape, features: Dim, heads: Dim, turns: bool = False) -> None:
    """Raise ShapeError if so many heads do not divide the ``features`` of an input of shape ``x``,
    or if they leave an odd number to each where it ``turns`` pairs of them.
    """
    features, heads = solved(features), solved(heads)
    if not isinstance(features, int) or not isinstance(heads, int):
        return
    if features % heads:
        reason = f"has {heads} heads, which do not divide {features} features"
    elif turns and features // heads % 2:
        reason = f"turns pairs of features, and has {features // heads} in each head"
    else:
        return
    unit = 2 if turns else 1
    fitting = [n for n in range(1, features + 1) if features % (n * unit) == 0]
    near = [*[n for n in fitting if n < heads][-1:], *[n for n in fitting if n > heads][:1]]
    fitting_heads = " or ".join(map(str, near))
    help = f"take {fitting_heads} heads" if near else "take an even number of features"
    raise ShapeError(x, reason=reason, help=help)
