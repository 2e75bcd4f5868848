"""The contract of everything that computes: ``forward``, ``backward``, ``param``, ``zero_grad``.

A module's weights are views of one flat vector, its gradients views of another, so that an
optimizer's step is one operation whatever the network. ``Layer`` is a module that files can
name; a subclass of it is all there is to adding one.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from netlang.catalogue.arguments import Item, arg
from netlang.catalogue.layers.calls import check_calls
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

Pair = tuple["Tensor", "Tensor"]
Gradient = Any  # a Tensor; of a layer of several inputs, a tuple with one for each


@dataclass(frozen=True)
class Draws:
    """The steps to come of one layer: ``samples`` [n] are the numbers of all samples in them, and
    each takes ``batch`` of these. What is drawn depends on seed, epoch, layer, sample and unit,
    and is of ``dtype`` on the device of ``samples``.
    """

    seed: int
    epoch: int
    layer: int
    samples: Tensor
    batch: int
    shape: tuple[int, ...]
    dtype: torch.dtype


@dataclass(frozen=True)
class Weight:
    """A tensor that training changes: its ``shape``, and what fills it at the beginning.

    ``initial(values, generator)`` sets the vector ``values`` in place, and draws from the other.
    """

    shape: tuple[int, ...]
    initial: Callable[[Tensor, Generator], object]

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Module(ABC):
    """What has weights and can be run forwards and backwards.

    ``parameters`` holds all weights, ``gradients`` their gradients in the same order; both have
    shape [size]. ``training`` tells layers such as Dropout which of their two ways to take.
    """

    parameters: Tensor
    gradients: Tensor
    training: bool = True

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """The output for the batch ``x``; what ``backward`` needs of it is remembered."""

    @abstractmethod
    def backward(self, dy: Tensor) -> Gradient:
        """From the loss's gradient at the output to the one at the input of the last ``forward``.

        The gradients of the weights are added to ``gradients``.
        """

    def accumulate(self, dy: Tensor) -> None:
        """``backward`` for the weights' gradients alone, where nobody asks for the input's."""
        self.backward(dy)

    @abstractmethod
    def param(self) -> list[Pair]:
        """Pairs (weight, its gradient), which share memory with the flat vectors."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many weights there are."""

    @abstractmethod
    def attach(self, parameters: Tensor, gradients: Tensor) -> None:
        """Keep weights and gradients in these vectors of shape [size] from now on."""

    @abstractmethod
    def layers(self) -> Iterator[Layer]:
        """The layers in it, in the order of ``forward``."""

    def __call__(self, *x: Tensor) -> Tensor:
        return self.forward(*x)

    def zero_grad(self) -> None:
        self.gradients.zero_()

    def train(self, training: bool = True) -> Self:
        for layer in self.layers():
            layer.training = training
        self.training = training
        return self

    def eval(self) -> Self:
        return self.train(False)

    def to(self, target: torch.dtype | torch.device | str) -> Self:
        """Move weights and gradients to another dtype or device."""
        self.attach(self.parameters.to(target), self.gradients.to(target))
        return self


@dataclass_transform(field_specifiers=(arg,))
class Layer(Item, Module, abstract=True):
    """A module that files can name; its arguments are its annotated fields.

    ``examples`` are uses of it in netlang and the shapes of a sample of each input that they are
    tried on: conformance tests take them from here, and a layer without one fails.
    """

    kind = "layer"
    gives: ClassVar[str] = ""  # what its outputs are: "probabilities", "no negative numbers"
    pointless_after: ClassVar[Sequence[str]] = ()  # inputs, said as in ``gives``, it is wasted on
    randomness: ClassVar[bool] = False  # whether it draws numbers while training
    examples: ClassVar[Sequence[tuple[str, *tuple[tuple[int, ...], ...]]]] = ()

    saved: Any = None  # what ``backward`` needs of the last ``forward``, and nothing more

    joins: ClassVar[bool] = False  # whether it takes several inputs
    checks_calls = False  # whether it checks what it is given, as layers do that Python makes
    _took: Any = None  # shape and dtype of each input that was right last
    _gave: Any = None  # the shape of the last output

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        check_calls(cls)

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.checks_calls = True
        # Drawn where the generator is, the same on any device.
        parameters = torch.zeros(self.size, device="cpu")
        self.attach(parameters, torch.zeros_like(parameters))
        self.initialize(torch.default_generator)
        if (device := torch.get_default_device()) != parameters.device:
            self.to(device)

    def infer(self, x: Shape) -> Shape:
        """The shape of the output for an input of shape ``x``; raises ShapeError if there is none.

        Dimensions of ``x`` and sizes among the arguments may be unknown: what has to be equal is
        unified, and what cannot be computed yet is a new ``Unknown`` in the output. It is called
        again when more is known.
        """
        return x

    def solve(self, y: Shape, *x: Shape) -> None:
        """Find unknown dimensions of the inputs ``x`` that follow from the output's shape ``y``.

        Only for what ``infer`` cannot unify, such as a sum.
        """

    def takes(self) -> Shape | None:
        """The input shape that its arguments ask for; None where any will do."""
        return None

    def draw(self, draws: Draws) -> None:
        """Draw what is random in the steps to come, from ``draws`` alone; most layers draw nothing.

        ``forward`` then takes a step's part of it after the other.
        """

    def remark(self, *x: Shape) -> str:
        """What makes it stop all gradients for inputs of these shapes; "" if nothing does."""
        return ""

    def macs(self, x: Shape) -> int:
        """Multiply-adds for one sample of shape ``x``."""
        return 0

    def tensors(self) -> dict[str, Weight]:
        """The weights that it owns; each becomes an attribute, and its gradient ``<name>_grad``."""
        return {}

    def initialize(self, generator: Generator) -> None:
        """Fill the weights; those side by side that begin alike are drawn in one go."""
        at = 0
        for initial, weights in itertools.groupby(self.tensors().values(), lambda w: w.initial):
            end = at + sum(weight.size for weight in weights)
            initial(self.parameters[at:end], generator)
            at = end

    @property
    def size(self) -> int:
        return sum(weight.size for weight in self.tensors().values())

    def attach(self, parameters: Tensor, gradients: Tensor) -> None:
        self.parameters, self.gradients = parameters, gradients
        at = 0
        for name, weight in self.tensors().items():
            end = at + weight.size
            setattr(self, name, parameters[at:end].view(weight.shape))
            setattr(self, f"{name}_grad", gradients[at:end].view(weight.shape))
            at = end

    def param(self) -> list[Pair]:
        return [(getattr(self, name), getattr(self, f"{name}_grad")) for name in self.tensors()]

    def layers(self) -> Iterator[Layer]:
        yield self
