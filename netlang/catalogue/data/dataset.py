"""The contract of a data set: what can be said of it without a tensor, and its tensors."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, dataclass_transform

from netlang.catalogue.arguments import Item, arg
from netlang.language.diagnostics import Diagnostic
from netlang.language.origin import Read
from netlang.language.shapes import Shape
from netlang.language.source import Span

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Description:
    """What the compiler has to know: one sample's shape, its target, and how many there are.

    ``classes`` are the labels' names in the order of their numbers, None for regression;
    ``targets`` is how many numbers a regression's target has. ``other`` is the task that the data
    may have been meant for, where it does not say.
    """

    input: Shape
    train: int
    test: int
    classes: tuple[str, ...] | None
    targets: int = 1
    validation: int = 0
    other: str = ""

    @property
    def samples(self) -> int:
        return self.train + self.validation + self.test

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that metrics are measured on: ``validation`` only where there is one."""
        return ("train", "validation", "test") if self.validation else ("train", "test")

    @property
    def task(self) -> str:
        return "regression" if self.classes is None else "classification"

    @property
    def outputs(self) -> int:
        return self.targets if self.classes is None else len(self.classes)


@dataclass(frozen=True, slots=True)
class Samples:
    """``inputs`` [N, *]; ``targets`` class numbers [N] (int64), or values [N, targets]."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, slots=True)
class Split:
    """``validation``, if there is one, is to choose between models by, ``test`` for the end.

    ``pipeline`` is what made the inputs; None where they are no columns of a table.
    """

    train: Samples
    test: Samples
    validation: Samples | None = None
    pipeline: Pipeline | None = None


@dataclass_transform(field_specifiers=(arg,))
class DataSet(Item, abstract=True):
    """Samples to learn from and samples to test on.

    ``span`` is where a file names it: relative paths start at that file's folder. Messages point
    to it, or to the one of its arguments that they are about: ``spans`` has those that are given.
    """

    kind = "data set"
    span: Span | None = None
    spans: Mapping[str, Span] = MappingProxyType({})

    def at(self, argument: str) -> Span | None:
        """Where ``argument`` is given, or else the whole."""
        return self.spans.get(argument, self.span)

    @property
    def files(self) -> tuple[Read, ...]:
        """Those that it is read from, as they were read."""
        return ()

    @abstractmethod
    def describe(self) -> Description:
        """What it holds, without importing torch.  Raises DiagnosticError for a bad data file."""

    def warnings(self) -> tuple[Diagnostic, ...]:
        """What there is to say of it that does not keep it from being used."""
        return ()

    @abstractmethod
    def load(self, seed: int = 0) -> Split:
        """Its samples; what is random about them depends on ``seed`` alone."""

    def border(self) -> Tensor | None:
        """The true border between classes, where that is known: a curve in the plane of the two
        inputs, in the data's own numbers.

        Shape: [M, 2].
        """
        return None
