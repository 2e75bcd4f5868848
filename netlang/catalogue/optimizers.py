"""Optimizers change all weights in a step: a few operations on one flat vector."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from netlang.catalogue.arguments import PlainValue, arg
from netlang.catalogue.items import Item
from netlang.catalogue.modules import Module
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


# Values that a step takes instead of the optimizer's own, by the names of its arguments.
Hyper = Mapping[str, float]

_LR = ("learning_rate", "lrate", "rate", "eta", "step_size")


def _checked_step(optimizer: Optimizer, step: Callable[[Optimizer], None]) -> None:
    """Do a step.

    Raises FloatingPointError if a gradient is not finite, and RuntimeError if a layer has left the
    model.
    """
    gradients = optimizer.model.gradients
    begin = gradients.data_ptr()
    end = begin + gradients.nbytes
    for layer in optimizer.model.layers():
        at = layer.gradients.data_ptr()  # 0 if there are none
        if at and not begin <= at < end:
            raise RuntimeError(
                f"{optimizer.name}: {layer!r} has left the model, as another Sequential took it "
                "or it was moved alone; make an optimizer of the model that it is in now"
            )
    if not (gradients.is_meta or math.isfinite(gradients.sum().item())):
        _check_finite(optimizer)
    step(optimizer)


def _check_finite(optimizer: Optimizer) -> None:
    """Raises FloatingPointError if a gradient is not finite; an infinite sum does not prove it."""
    for name, layer in optimizer.model.named_layers():
        for own in layer.declared_weights():
            wrong = getattr(layer, f"{own}_grad").isfinite().logical_not().sum().item()
            if wrong:
                raise FloatingPointError(
                    f"{optimizer.name}: the gradient of {name}.{own} is NaN or infinite in {wrong} "
                    "of its elements, so no weight was changed; a smaller learning rate, or inputs "
                    "and targets near 1, may help"
                )


class Optimizer(Item, abstract=True):
    """Moves a model's ``parameters`` against its ``gradients``: ``SGD(model, lr=1e-3)``.

    The model comes first, then the arguments, as in a file. If the model has no weights, a step
    changes nothing. An optimizer that Python made raises FloatingPointError for a gradient that is
    NaN or infinite, and leaves all weights as they were.
    """

    kind = "optimizer"
    leading = ("model",)
    state: ClassVar[Sequence[str]] = ()  # the vectors that it keeps, each as long as the weights
    model: Module
    steps = 0  # that were done
    guards = (("step", _checked_step),)

    def __init__(self, model: Module | None = None, *positional: Any, **named: Any) -> None:
        if not isinstance(model, Module):
            raise TypeError(f"{self.name} takes the model first: {self.name}(model, lr=...)")
        super().__init__(*positional, **named)
        self.model = model

    @classmethod
    def over(cls, model: Module, values: Mapping[str, PlainValue]) -> Self:
        """An optimizer of ``model`` with checked argument ``values``."""
        optimizer = cls.declared(values)
        optimizer.model = model
        return optimizer

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
        """Check values for one step, in which ``lr`` may also be 0.

        Raises TypeError for a name that is no argument or whose own value is no number, and
        TypeError or ValueError for a value that the argument does not take.
        """
        for name, value in hyper.items():
            argument = next((one for one in self.arguments if one.name == name), None)
            if argument is None or not isinstance(getattr(self, name), int | float):
                raise TypeError(f"{self!r} has no step with {name}={value!r}")
            if name != "lr" or value != 0 or isinstance(value, bool):  # a schedule may end at 0
                argument.check(value, self.name)

    def vectors(self) -> list[Tensor]:
        """The vectors of ``state``, of the weights' dtype and device; zeros before the first step.

        Shape: [weights] each.
        """
        weights = self.model.parameters
        with torch.inference_mode(False):  # a tensor made within it could not be changed outside
            for name in self.state:
                kept = getattr(self, name, None)
                setattr(self, name, torch.zeros_like(weights) if kept is None else kept.to(weights))
        return [getattr(self, name) for name in self.state]

    def zero_grad(self) -> None:
        self.model.zero_grad()


class SGD(Optimizer, known_as=("GradientDescent", "GD")):
    """w ← w - lr · dw.  Source: paper (15)."""

    lr: float = arg(default=1e-3, above=0.0, doc="learning rate", known_as=_LR)

    def step(self) -> None:
        self.steps += 1
        self.model.parameters.add_(self.model.gradients, alpha=-self.lr)


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.

    m ← β₁m + (1 - β₁)dw,  v ← β₂v + (1 - β₂)dw²,
    w ← w - lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε),  t = 1, 2, …

    Source: paper (22)-(26); Kingma and Ba 2015.
    """

    lr: float = arg(default=1e-3, above=0.0, doc="learning rate", known_as=_LR)
    beta1: float = arg(default=0.9, at_least=0.0, below=1.0, doc="β₁, decay of the mean")
    beta2: float = arg(default=0.999, at_least=0.0, below=1.0, doc="β₂, decay of the square")
    eps: float = arg(
        default=1e-8, above=0.0, doc="ε, which keeps the quotient finite", known_as=("epsilon",)
    )

    state = ("m", "v")

    def step(self) -> None:
        weights, dw = self.model.parameters, self.model.gradients
        m, v = self.vectors()
        self.steps += 1
        m.lerp_(dw, 1 - self.beta1)
        v.mul_(self.beta2).addcmul_(dw, dw, value=1 - self.beta2)
        # Both corrections are numbers, so they go into the step's size and into ε.
        correction = math.sqrt(1 - self.beta2**self.steps)
        # Both are kept within the range of the dtype: 16 bits hold no 1e-8, and a quotient of two
        # zeros would be NaN.
        held = torch.finfo(v.dtype)
        root = torch.sqrt(v).add_(max(self.eps * correction, held.tiny))
        size = min(self.lr * correction / (1 - self.beta1**self.steps), held.max)
        weights.addcdiv_(m, root, value=-size)
