"""Wiring: layers that only say which value goes where.

In a file they cost nothing: the compiler follows them, and the graph has no node for them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.modules import Join, Layer, Sight
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Wire(ABC):
    """A layer whose outputs are some of its inputs, as they are."""

    @abstractmethod
    def route(self, inputs: tuple[T, ...]) -> tuple[T, ...]:
        """The inputs that are outputs.  Raises IndexError if there is no such input."""


class Identity(Wire, Layer, known_as=("Skip", "Shortcut", "Pass")):
    """y = x: a branch that passes its input on, as in ``[Identity, Linear(8, 8)] -> Add``.

    Shape: [N, *] -> [N, *].  Source: He et al. 2015, the shortcut of a residual block.
    """

    takes = "either"
    examples = (("Identity", (4,)),)

    def route(self, inputs: tuple[T, ...]) -> tuple[T, ...]:
        return inputs

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, dy: Tensor) -> Tensor:
        return dy


class Select(Wire, Join, known_as=("Pick", "Choose")):
    """One of several inputs: ``Select(0)`` is the first branch's output.

    Shape: [N, *], [N, *], ... -> [N, *].  Source: the chain rule; the other inputs get 0.
    """

    index: int = arg(at_least=0, doc="which input, counting from 0", known_as=("i",))

    takes = "either"
    examples = (("Select(1)", (3,), (4,)), ("Select(0)", (3,), (4,), (5,)))

    def route(self, inputs: tuple[T, ...]) -> tuple[T, ...]:
        return (inputs[self.index],)

    def infer(self, *x: Shape) -> Shape:
        if self.index >= len(x):
            raise ValueError(f"{self!r}: there is no input {self.index}; the last is {len(x) - 1}")
        return x[self.index]

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight | None:
        return Sight(dim) if source == self.index else None

    def forward(self, *x: Tensor) -> Tensor:
        self.saved = x
        return x[self.index]

    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        x: tuple[Tensor, ...] = self.saved
        return tuple(
            dy if index == self.index else torch.zeros_like(other) for index, other in enumerate(x)
        )
