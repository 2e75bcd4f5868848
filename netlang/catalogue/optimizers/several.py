"""Several optimizers in one: each changes the weights of its own parts of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.items import Item
from netlang.catalogue.modules import Module, Weight
from netlang.catalogue.optimizers.optimizer import Hyper, Optimizer
from netlang.catalogue.optimizers.selective import Selective
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.modules import Layer


class Portion(Module):
    """Some of the weights of ``model``, by their ``numbers``, as a vector of their own.

    Weights that stand in a row are changed where they are. Others are ``taken`` before a step, and
    ``put`` back after it.
    """

    def __init__(
        self, model: Module, weights: Sequence[tuple[Layer, str, Weight]], numbers: Tensor
    ):
        self.model, self._weights = model, weights
        self._rows = [*_rows(numbers)]
        self._sizes = [row.stop - row.start for row in self._rows]

    def placed_weights(self) -> Iterator[tuple[Layer, str, Weight]]:
        yield from self._weights

    def layers(self) -> Iterator[Layer]:
        yield from self.model.layers()

    def take(self) -> None:
        """Have the model's weights and gradients as they are now."""
        self.parameters = self._taken(self.model.parameters)
        self.gradients = self._taken(self.model.gradients)

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

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("a portion of weights computes nothing")

    def backward(self, dy: Tensor) -> Any:
        raise NotImplementedError("a portion of weights computes nothing")


def _rows(numbers: Tensor) -> Iterator[slice]:
    """The rows of numbers without a gap that these are, in their order."""
    ends = (numbers.diff() != 1).nonzero().flatten() + 1
    for row in torch.tensor_split(numbers.cpu(), ends.cpu()) if len(numbers) else ():
        yield slice(int(row[0]), int(row[-1]) + 1)


class SeveralOptimizers(Optimizer, abstract=True):
    """A list of optimizers: each weight is changed by the last one that selects it, and by the
    first if none does.

    In ``hyper`` of a step, ``lr`` is an argument of the first, and ``[1].lr`` one of the second.
    """

    optimizers: tuple[Optimizer, ...]

    @classmethod
    def of(cls, optimizers: Sequence[Optimizer]) -> Self:
        found = cls.declared({})
        found.optimizers = tuple(optimizers)
        vars(found)["name"] = found.text(lambda item: item.name)
        return found

    def anew(self, model: Module) -> Self:
        """The same optimizers of ``model``, each of its own weights, before their first step."""
        placed = [*model.placed_weights()]
        chosen = [self.chosen(layer.parts, name, weight) for layer, name, weight in placed]
        sizes = torch.tensor([weight.size for _, _, weight in placed], dtype=torch.int64)
        owners = torch.tensor(chosen, dtype=torch.int64).repeat_interleave(sizes)
        own = []
        for number, optimizer in enumerate(self.optimizers):
            weights = [one for one, owner in zip(placed, chosen, strict=True) if owner == number]
            numbers = (owners == number).nonzero().flatten()
            own.append(optimizer.anew(Portion(model, weights, numbers)))
        found = self.of(own)
        found.model = model
        return found

    def chosen(self, parts: Sequence[str], name: str, weight: Weight) -> int:
        """The number of the optimizer that changes the weight of a layer in the ``parts``."""
        found = (
            number
            for number, one in enumerate(self.optimizers)
            if number and isinstance(one, Selective) and one.selects(parts, name, weight)
        )
        return max(found, default=0)

    @property
    def state(self) -> Sequence[str]:
        return [f"{name}[{n}]" for n, one in enumerate(self.optimizers) for name in one.state]

    @property
    def kept(self) -> int:
        return max(one.kept for one in self.optimizers)

    def vectors(self) -> list[Tensor]:
        """The vectors of all optimizers, each as long as the weights that it is of."""
        return [vector for one in self._ready() for vector in one.vectors()]

    def step(self) -> None:
        for one in self._ready():
            one.steps = self.steps
            one.step()
            assert isinstance(one.model, Portion)
            one.model.put()
        self.steps += 1

    def step_with(self, hyper: Hyper) -> None:
        self.check(hyper)
        values = [self.of_one(number, hyper) for number in range(len(self.optimizers))]
        for one, own in zip(self._ready(), values, strict=True):
            one.steps = self.steps
            one.step_with(own)
            assert isinstance(one.model, Portion)
            one.model.put()
        self.steps += 1

    def check(self, hyper: Hyper) -> None:
        taken = 0
        for number, one in enumerate(self.optimizers):
            own = self.of_one(number, hyper)
            one.check(own)
            taken += len(own)
        if taken != len(hyper):
            raise TypeError(f"{self!r} has no step with {dict(hyper)}")

    def scaled(self, factor: float) -> Hyper:
        return {
            key if not number else f"[{number}].{key}": value
            for number, one in enumerate(self.optimizers)
            for key, value in one.scaled(factor).items()
        }

    def _ready(self) -> Iterator[Optimizer]:
        """The optimizers, each when its weights are as the model has them now."""
        for one in self.optimizers:
            assert isinstance(one.model, Portion)
            one.model.take()
            yield one

    def of_one(self, number: int, hyper: Hyper) -> Hyper:
        """What ``hyper`` says of the optimizer of that number."""
        begin = f"[{number}]."
        own = {key.removeprefix(begin): one for key, one in hyper.items() if key.startswith(begin)}
        if number:
            return own
        return own | {key: one for key, one in hyper.items() if not key.startswith("[")}

    def text(self, written: Callable[[Item], str]) -> str:
        """The list as a file has it; each optimizer is ``written`` with its arguments."""
        return f"[{', '.join(map(written, self.optimizers))}]"

    def __repr__(self) -> str:
        return self.text(repr)
