"""A portion of a model's weights: what one of several optimizers moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.modules import PlacedWeight, Weights
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Portion(Weights):
    """Some of the weights of ``model``, ``placed`` there, as vectors of their own.

    Weights that stand in a row are changed where they are. Others are ``taken`` before a step, and
    ``put`` back after it.
    """

    def __init__(self, model: Weights, placed: Sequence[PlacedWeight]) -> None:
        self.model, self._placed = model, placed
        self._rows = [*_rows(model, placed)]
        self._sizes = [row.stop - row.start for row in self._rows]

    @property
    def parameters(self) -> Tensor:
        return self._vectors[0]

    @property
    def gradients(self) -> Tensor:
        return self._vectors[1]

    def placed_weights(self) -> Iterator[PlacedWeight]:
        yield from self._placed

    def take(self) -> None:
        """Have the model's weights and gradients as they are now."""
        self._vectors = self._taken(self.model.parameters), self._taken(self.model.gradients)

    def _taken(self, vector: Tensor) -> Tensor:
        rows = [vector[row] for row in self._rows]
        return rows[0] if len(rows) == 1 else torch.cat([vector[:0], *rows])

    def put(self) -> None:
        """Give the model the weights that were changed."""
        if len(self._rows) == 1:
            return
        parts = torch.split(self.parameters, self._sizes)
        for row, part in zip(self._rows, parts, strict=True):
            self.model.parameters[row].copy_(part)


def _rows(model: Weights, placed: Sequence[PlacedWeight]) -> Iterator[slice]:
    """Where the weights lie in the model's vectors; what stands in a row without a gap is one."""
    wanted = {one.path for one in placed}
    at, begin = 0, None
    for one in model.placed_weights():
        if one.path in wanted and begin is None:
            begin = at
        elif one.path not in wanted and begin is not None:
            yield slice(begin, at)
            begin = None
        at += one.weight.size
    if begin is not None:
        yield slice(begin, at)
