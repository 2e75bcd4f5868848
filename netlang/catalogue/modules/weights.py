"""Weights as an optimizer has them: a vector, another of gradients, and what lies where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.modules.layer import Layer
    from netlang.catalogue.modules.module import Weight


class PlacedWeight(Record):
    """The ``weight`` that a ``layer`` has by that ``name``; ``path`` is its name in the model."""

    layer: Layer
    name: str
    weight: Weight
    path: str


class Weights(ABC):
    """Weights that an optimizer may have: those of a module, or a portion of them."""

    @property
    @abstractmethod
    def parameters(self) -> Tensor:
        """All weights, one after another.  Shape: [size]."""

    @property
    @abstractmethod
    def gradients(self) -> Tensor:
        """The gradient of each of ``parameters``.  Shape: [size]."""

    @abstractmethod
    def placed_weights(self) -> Iterator[PlacedWeight]:
        """The weights in the order in which they lie in ``parameters``."""

    def zero_grad(self) -> None:
        """Set the gradients of all weights to 0, as each ``backward`` adds to them."""
        self.gradients.zero_()

    def decay_mask(self, biases: bool = False) -> Tensor:
        """Which of ``parameters`` weight decay applies to, or with ``biases`` all that are trained.

        Shape: [size], bool.
        """
        placed = [*self.placed_weights()]
        decays = [(one.weight.decay or biases) and not one.layer.frozen for one in placed]
        mask = torch.tensor(decays, dtype=torch.bool, device="cpu")
        sizes = [one.weight.size for one in placed]
        each = torch.tensor(sizes, dtype=torch.int64, device="cpu")
        return mask.repeat_interleave(each).to(self.parameters.device)
