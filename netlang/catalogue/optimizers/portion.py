"""A portion of a model's weights: what one of several optimizers moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netlang.catalogue.modules import PlacedWeight, Weights
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Portion(Weights):
    """Some of the weights of ``model``, ``placed`` there, as vectors of their own.

    Weights that stand in a row are changed where they are. Of others there are copies while the
    portion is ``taken``.
    """

    def __init__(self, model: Weights, placed: Sequence[PlacedWeight]) -> None:
        self.model, self._placed = model, placed
        self._rows = [*_rows(model, placed)]
        self._held: dict[str, Tensor] | None = None  # while it is taken

    @property
    def parameters(self) -> Tensor:
        return self._vector("parameters", self.model.parameters)

    @property
    def gradients(self) -> Tensor:
        return self._vector("gradients", self.model.gradients)

    def placed_weights(self) -> Iterator[PlacedWeight]:
        yield from self._placed

    @contextmanager
    def taken(self) -> Iterator[None]:
        """For a while, have weights and gradients as the model has them when it begins. At the end,
        the model gets the weights that were changed.
        """
        self._held = {}
        try:
            yield
            if "parameters" in self._held and len(self._rows) != 1:
                self._give_back(self._held["parameters"])
        finally:
            self._held = None

    def _vector(self, name: str, whole: Tensor) -> Tensor:
        if self._held is None:
            return self._of(whole)
        if name not in self._held:
            self._held[name] = self._of(whole)
        return self._held[name]

    def _of(self, whole: Tensor) -> Tensor:
        rows = [whole[row] for row in self._rows]
        return rows[0] if len(rows) == 1 else torch.cat([whole[:0], *rows])

    def _give_back(self, parameters: Tensor) -> None:
        parts = torch.split(parameters, [row.stop - row.start for row in self._rows])
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
