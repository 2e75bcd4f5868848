"""Optimizers of some weights: a list has one for all that the others leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.catalogue.arguments import arg
from netlang.catalogue.modules import Module, Weight
from netlang.catalogue.optimizers.optimizer import Optimizer
from netlang.language.part_name import PartName


class Selective(Optimizer, abstract=True):
    """An optimizer that in a list takes the weights of parts, or some of them."""

    on: PartName | tuple[PartName, ...] | None = arg(
        default=None, doc="in a list of optimizers, the parts whose weights it changes"
    )
    only: str | None = arg(
        default=None,
        choices=("biases", "matrices"),
        doc="in a list of optimizers, which of these weights it changes",
    )

    def __init__(self, model: Module | None = None, *positional: Any, **named: Any) -> None:
        super().__init__(model, *positional, **named)
        if self.is_selective:
            help = f"{self.name}(part, lr=...) of a module that is a part of the model"
            raise ValueError(f"`on` and `only` are for lists of optimizers in a file: write {help}")

    @property
    def is_selective(self) -> bool:
        """Whether it names the weights that it changes."""
        return self.on is not None or self.only is not None

    @property
    def step_arguments(self) -> list[str]:
        return [name for name in super().step_arguments if name not in ("on", "only")]

    def selects(self, parts: Sequence[str], name: str, weight: Weight) -> bool:
        """Whether it names the ``weight`` of a layer that belongs to the ``parts``."""
        wanted = self.on if isinstance(self.on, tuple) else (self.on,)
        if self.on is not None and not {*wanted}.intersection(parts):
            return False
        if self.only is None:
            return True
        return "bias" in name if self.only == "biases" else weight.is_matrix
