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
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


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
    """``validation``, if there is one, is to choose between models by, ``test`` for the end."""

    train: Samples
    test: Samples
    validation: Samples | None = None


class Units(Record):
    """What the inputs are called in the data, and what ``load`` makes of the data's own numbers:
    less ``shift``, over ``scale``.

    Shape: both [inputs], float64.
    """

    names: tuple[str, ...]
    shift: Tensor
    scale: Tensor

    def to_data(self, inputs: Tensor) -> Tensor:
        """Inputs [N, inputs] of a network in the data's own numbers, float64."""
        return inputs.double() * self.scale + self.shift

    def from_data(self, numbers: Tensor) -> Tensor:
        return (numbers - self.shift) / self.scale


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

    def border(self, seed: int = 0) -> Tensor | None:
        """The true border between classes, where that is known: a curve in the plane of the inputs
        that ``load`` gives for the same seed.

        Shape: [M, 2].
        """
        return None

    def units(self, seed: int = 0) -> Units | None:
        """The data's own, of inputs [N, inputs] that ``load`` gives for the same seed; None where
        inputs are no columns of numbers.
        """
        return None


def standardise(train: Tensor, *others: Tensor) -> None:
    """Shift and scale all in place, by the mean of ``train`` and its deviation, column by column.

    Shape: [N, *], [M, *], ... float64.  A constant column is only shifted; it may
    differ by rounding, which is no more than a part in 10¹³ of the numbers.
    """
    mean, deviation = standard(train)
    for part in (train, *others):
        part.sub_(mean).div_(deviation)


def standard(train: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the deviation that columns are standardised by.

    Shape: [N, *] float64 -> twice [*].
    """
    low, high = train.amin(0), train.amax(0)
    constant = high - low <= 1e-13 * low.abs().maximum(high.abs())
    # The mean of equal numbers may be rounded, and their deviation then not be 0.
    mean = train.mean(0).where(~constant, train[0])
    return mean, train.std(0, correction=0).where(~constant, 1.0)
