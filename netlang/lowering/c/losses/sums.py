"""Sums of losses in C."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.losses import Loss
from netlang.catalogue.outputs import SumOfLosses
from netlang.catalogue.targets import OutputPart
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import LossSum, LossTerm
from netlang.lowering.c.lowerings import lowers


@lowers(SumOfLosses)
def sum_of_losses(loss: SumOfLosses, y: Shape) -> LossSum:
    return LossSum(tuple(_terms(loss, y)))


def _terms(
    loss: Loss, y: Shape, weight: float = 1.0, part: OutputPart | None = None
) -> Iterator[LossTerm]:
    """The losses of which one is the sum, each times a number.  Raises Unsupported."""
    if not isinstance(loss, SumOfLosses):
        yield LossTerm(lowers.lowered(loss, y), weight, part)
        return
    for term in loss.terms:
        own = Shape(term.part.shape) if term.part else y
        yield from _terms(term.loss, own, weight * term.weight, term.part or part)
