"""Several optimizers in one: each changes the weights of its own parts of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from netlang.catalogue.items import Item
from netlang.catalogue.modules import Weight, Weights
from netlang.catalogue.optimizers.optimizer import Hyper, Optimizer
from netlang.catalogue.optimizers.portion import Portion
from netlang.catalogue.optimizers.selective import Selective

if TYPE_CHECKING:
    from torch import Tensor


class SeveralOptimizers(Optimizer, abstract=True):
    """A list of optimizers: each weight is changed by the last one that selects it, and by the
    first if none does.

    In ``hyper`` of a step, ``lr`` is an argument of the first, and ``[1].lr`` one of the second.
    """

    beside = 2  # weights and gradients of a portion, where they stand in no row
    optimizers: tuple[Optimizer, ...]
    portions: Sequence[Portion]  # of the model's weights: what each of them changes

    @classmethod
    def of(cls, optimizers: Sequence[Optimizer]) -> Self:
        found = cls.declared({})
        found.optimizers = tuple(optimizers)
        vars(found)["name"] = found.text(lambda item: item.name)
        return found

    def anew(self, model: Weights) -> Self:
        """The same optimizers of ``model``, each of its own weights, before their first step."""
        placed = [
            (one, self.chosen(one.layer.parts, one.name, one.weight))
            for one in model.placed_weights()
        ]
        portions = [
            Portion(model, [one for one, owner in placed if owner == number])
            for number, _ in enumerate(self.optimizers)
        ]
        each = zip(self.optimizers, portions, strict=True)
        found = self.of([one.anew(portion) for one, portion in each])
        found.model, found.portions = model, portions
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
        return [vector for one in self._each() for vector in one.vectors()]

    def step(self) -> None:
        for one in self._each():
            one.steps = self.steps
            one.step()
        self.steps += 1

    def step_with(self, hyper: Hyper) -> None:
        self.check(hyper)
        values = [self.of_one(number, hyper) for number in range(len(self.optimizers))]
        for one, own in zip(self._each(), values, strict=True):
            one.steps = self.steps
            one.step_with(own)
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

    def _each(self) -> Iterator[Optimizer]:
        """The optimizers, each while its portion of the weights is taken."""
        for one, portion in zip(self.optimizers, self.portions, strict=True):
            with portion.taken():
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
