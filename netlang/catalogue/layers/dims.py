"""Dimensions as layers name them: torch's way, where 0 is the batch and -1 the last one."""

from __future__ import annotations

from netlang.language.shapes import Shape, ShapeError


def place(x: Shape, dim: int, argument: str = "dim") -> int:
    """Where dimension ``dim`` of a batch stands in a sample of shape ``x``, counting from 0.

    Raises ShapeError if a sample has no such dimension: the layer's ``argument`` is then wrong.
    """
    rank = len(x.sample)
    at = dim - 1 if dim >= 0 else dim + rank
    if dim == 0:
        help = "dimensions are counted from 1 on, or from the end with -1"
        raise ShapeError(x, reason="goes along dimension 0, which counts the samples", help=help)
    if not 0 <= at < rank:
        furthest = rank if dim > 0 else -rank
        raise ShapeError(x.of_rank(abs(dim)), *((argument, furthest) if rank else ()))
    return at
