"""What all optimizers have in common: a step changes the weights by what their gradients say."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.items import Item
from netlang.catalogue.modules import Module, Weights
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


# Values that a step takes instead of the optimizer's own, by the names of its arguments.
Hyper = Mapping[str, float]

LR_WORDS = ("learning_rate", "lrate", "rate", "eta", "step_size")  # what others call ``lr``


def _checked_step(
    optimizer: Optimizer, step: Callable[[Optimizer], None], *closure: object
) -> None:
    """Do a step.

    Raises FloatingPointError if a gradient is not finite, RuntimeError if a layer has left the
    model, and TypeError for a ``closure``, which PyTorch's optimizers take.
    """
    if closure:
        help = "compute the gradients first, by `model.backward(...)`"
        raise TypeError(f"{optimizer.name}.step takes no closure: {help}")
    gradients = optimizer.model.gradients
    begin = gradients.data_ptr()
    end = begin + gradients.nbytes
    for one in optimizer.model.placed_weights():
        layer = one.layer
        if not begin <= layer.gradients.data_ptr() < end:
            raise RuntimeError(
                f"{optimizer.name}: {layer!r} has left the model, as another Sequential took it "
                "or it was moved alone; make an optimizer of the model that it is in now"
            )
    if not (gradients.is_meta or math.isfinite(gradients.sum().item())):
        _check_finite(optimizer)
    step(optimizer)


def _check_finite(optimizer: Optimizer) -> None:
    """Raises FloatingPointError if a gradient is not finite; an infinite sum does not prove it."""
    for one in optimizer.model.placed_weights():
        gradient: Tensor = getattr(one.layer, f"{one.name}_grad")
        if wrong := gradient.isfinite().logical_not().sum().item():
            raise FloatingPointError(
                f"{optimizer.name}: the gradient of {one.path} is NaN or infinite in {wrong} of "
                "its elements, so no weight was changed; a smaller learning rate, or inputs and "
                "targets near 1, may help"
            )


class Optimizer(Item, abstract=True):
    """Moves a model's ``parameters`` against its ``gradients``: ``SGD(model, lr=1e-3)``.

    The model comes first, then the arguments, as in a file. If the model has no weights, a step
    changes nothing. An optimizer that Python made raises FloatingPointError for a gradient that is
    NaN or infinite, and leaves all weights as they were.

    A class says in ``step`` what a step does, counts ``steps``, and keeps what the next one needs
    in the vectors of ``state``. Arguments that leave a part of it out where they are 0, such as
    momentum, are its ``switches``, as C has no such part then. One that ``needs_loss`` has
    ``evaluate`` in a step.

    ``usual_lr`` are the least and the largest learning rate by which networks learn, if the loss is
    a mean. One that ``follows_size`` takes larger steps where the loss is a sum. A lint uses both.
    """

    kind = "optimizer"
    leading = ("model",)
    switches: ClassVar[Sequence[str]] = ()  # arguments that leave a part of the step out where 0
    rates: ClassVar[Sequence[str]] = ("lr",)  # arguments that a schedule makes smaller
    usual_lr: ClassVar[tuple[float, float]] = (0, math.inf)
    follows_size: ClassVar[bool] = False
    takes_all: ClassVar[bool] = False  # whether its steps are of use for the same samples alone
    beside: ClassVar[int] = 0  # numbers for each weight that a step holds for itself
    needs_loss: ClassVar[bool] = False  # whether a step evaluates the loss, by ``evaluate``
    evaluate: Callable[[], float] | None = None  # sets the gradients anew, and returns the loss
    model: Weights
    steps = 0  # that were done
    guards = (("step", _checked_step),)

    def __init__(self, model: Module | None = None, *positional: Any, **named: Any) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"{self.name} takes the model first: {self.name}(model, lr=...)")
        super().__init__(*positional, **named)
        self.model = model

    @classmethod
    def over(cls, model: Weights, values: Mapping[str, PlainValue]) -> Self:
        """An optimizer of ``model`` with checked argument ``values``."""
        optimizer = cls.declared(values)
        optimizer.model = model
        return optimizer

    def anew(self, model: Weights) -> Self:
        """The same optimizer of ``model``, before its first step."""
        return self.over(model, self.values)

    @property
    def step_arguments(self) -> list[str]:
        """The names of the arguments that its step takes."""
        return [argument.name for argument in self.arguments]

    @property
    def state(self) -> Sequence[str]:
        """The names of the vectors that it keeps: those of ``vectors``, in their order."""
        return ()

    @property
    def kept(self) -> int:
        """How many numbers it keeps for each weight, at most."""
        return len(self.state)

    @abstractmethod
    def step(self) -> None:
        """Change the weights by what their gradients say."""

    def step_with(self, hyper: Hyper) -> None:
        """Do a ``step`` with the values of ``hyper``, which hold for it alone.

        Raises TypeError or ValueError as ``check`` does.
        """
        self.check(hyper)
        own = {name: getattr(self, name) for name in hyper}
        vars(self).update(hyper)
        try:
            self.step()
        finally:
            vars(self).update(own)

    def check(self, hyper: Hyper) -> None:
        """Check values for one step, in which a rate may also be 0.

        Raises TypeError for a name that is no argument, whose own value is no number, or that would
        take up or leave out a part of the step; and TypeError or ValueError for a value that the
        argument does not take.
        """
        for name, value in hyper.items():
            argument = next((one for one in self.arguments if one.name == name), None)
            own = argument and getattr(self, name)
            if isinstance(own, bool) or not isinstance(own, int | float):
                raise TypeError(f"{self!r} has no step with {name}={value!r}")
            if name in self.switches and bool(value) != bool(getattr(self, name)):
                raise TypeError(f"{self!r} has no step with {name}={value!r}: make another one")
            is_end = name in self.rates and value == 0  # of a schedule
            if not is_end or isinstance(value, bool):
                assert argument
                argument.check(value, self.name)

    def scaled(self, factor: float) -> Hyper:
        """The values of a step whose learning rate is ``factor`` times its own."""
        return {name: getattr(self, name) * factor for name in self.rates if hasattr(self, name)}

    def vectors(self) -> list[Tensor]:
        """The vectors of ``state``, of the weights' dtype and device; zeros before the first step.

        Shape: [weights] each, unless a class says others.
        """
        weights = self.model.parameters
        with torch.inference_mode(False):  # a tensor made within it could not be changed outside
            for name in self.state:
                kept = getattr(self, name, None)
                setattr(self, name, torch.zeros_like(weights) if kept is None else kept.to(weights))
        return [getattr(self, name) for name in self.state]

    def spares(self, frozen: bool) -> bool:
        """Whether weight decay leaves weights alone in a network of which a part is ``frozen``."""
        return False

    def decays(self) -> Tensor | None:
        """1 for each weight that decays, 0 for the others; None unless it ``spares`` some.

        Shape: [weights], of the weights' dtype and device.
        """
        return None

    def zero_grad(self) -> None:
        self.model.zero_grad()


def at_most(size: float, numbers: Tensor) -> float:
    """``size``, or the largest number that the ``numbers``' dtype holds: 16 bits hold no 1e5."""
    return min(size, _range(numbers.dtype)[1])


def above_zero(eps: float, numbers: Tensor) -> float:
    """``eps``, or the least number above 0 that is no less exact: 16 bits make 0 of 1e-8."""
    return max(eps, _range(numbers.dtype)[0])


@cache
def _range(dtype: torch.dtype) -> tuple[float, float]:
    """The least number above 0 that is no less exact, and the largest."""
    limits = torch.finfo(dtype)
    return limits.tiny, limits.max
