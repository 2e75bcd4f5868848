"""A metric is a number beside the loss that says how good a network's outputs are."""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from netlang.catalogue.arguments import PlainValue, arg
from netlang.catalogue.items import Item
from netlang.catalogue.metrics.sums import Sum
from netlang.catalogue.targets import check_samples, check_targets, incomparable, one_hot

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data import DataSet


@dataclass_transform(field_specifiers=(arg,))
class Metric(Item, abstract=True):
    """One number for outputs y and targets t, or one for each class.

    Shape: y [N, *], and t the same; or of class numbers (whole), y [N, *, classes] and t [N, *].

    It keeps sums and no outputs, but where its docstring says otherwise. ``add`` takes samples, in
    parts of any size, and their ``weights`` [N] if they have some; ``value`` gives the number for
    all of them, and ``start`` forgets them. A call, ``accuracy(y, t)``, gives the number for these
    samples alone, and leaves the sums as they are.

    >>> import torch
    >>> from netlang import Accuracy
    >>> accuracy = Accuracy()
    >>> accuracy.add(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]))
    >>> accuracy.add(torch.tensor([[0.3, 0.7]]), torch.tensor([1]))
    >>> round(accuracy.value(), 3)
    0.667

    ``tasks`` are the kinds of target that it takes: "classification", which has class numbers,
    "regression", or "labels", which are 0 or 1. ``bounds`` are the least and the largest number
    that it can be. One that ``reads_probabilities`` takes them, where the loss makes some of the
    outputs, and else what these predict; one that ``needs_probabilities`` takes nothing else.
    ``add`` raises TypeError or ValueError for other shapes and for no sample, ``value``
    RuntimeError before the first ``add``. Where no place of the samples has a class, a call gives
    NaN, and ``value`` raises RuntimeError.

    A history calls the number by the ``label``: a metric's name, and what of its arguments is not
    as by default, ``f1_micro``. One for each class has the name of the class: ``f1_setosa``.
    """

    kind = "metric"
    called = "(outputs, targets)"
    tasks: ClassVar[Sequence[str]]
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    state: ClassVar[Sequence[str]] = ()  # the attributes that hold its sums, beside ``count``
    keeps: ClassVar[Sequence[str]] = ()  # those of them that have a row for each sample
    stem: ClassVar[str] = ""  # what its labels begin with, if that is not its name
    by_default: ClassVar[bool] = False  # whether it is measured if a file names no metrics
    is_common: ClassVar[bool] = False  # whether messages offer it
    reads_probabilities: ClassVar[bool] = False
    needs_probabilities: ClassVar[bool] = False
    higher_is_better: ClassVar[bool] = False
    sees_rare: ClassVar[bool] = False  # whether it is bad if no rare class is ever predicted
    only_named: ClassVar[bool] = False  # whether an evaluation leaves it out unless a file names it
    is_share: ClassVar[bool] = False  # of something, and no percentage, where others have one
    is_table: ClassVar[bool] = False  # of many numbers, that no epoch has
    counts_parts: ClassVar[bool] = False  # of data that it suits, and says nothing of others
    least_samples: ClassVar[int] = 1  # with fewer, the number means nothing
    count = 0  # of the samples, or of their elements, that were added since the start

    def __call__(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> float:
        check_samples(self.name, y, t)
        alone = self.anew()
        try:
            alone.add(y, t, weights)
            return alone.value() if alone.count else math.nan
        except (RuntimeError, IndexError) as error:
            raise incomparable(self.name, y, t) from error

    def anew(self) -> Self:
        """A metric with the same arguments that has seen no sample."""
        return self.declared(self.values)

    def prepare(self) -> None:
        """Begin with no samples, when its arguments are bound."""
        self.start()

    def start(self) -> None:
        """Forget all samples."""
        self.count = 0
        for name in self.state:
            vars(self).pop(name, None)

    @classmethod
    def suits(cls, data: DataSet | None) -> bool:
        """Whether it says something of such data, if they are for one of its tasks."""
        return True

    def foregone(self, classes: int) -> str:
        """Why it is the same for every network that tells so many classes; empty if it is not."""
        return ""

    def misfit(self, count: int, what: str) -> tuple[str, str] | None:
        """Why its arguments say nothing of so many classes or labels, behind its name, and what to
        do; None if they do. ``what`` is "class" or "label".
        """
        return None

    @abstractmethod
    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        """Add these samples to the sums.  Shapes and errors are those of the class."""

    @abstractmethod
    def value(self) -> float:
        """The number for all samples since the start; the mean of several."""

    def numbers(self) -> Sequence[float]:
        """The number, or that of each class, for all samples since the start."""
        return (self.value(),)

    @property
    def label(self) -> str:
        """What the number is called."""
        given = (one for one in self.arguments if self.values[one.name] != one.default)
        words = (_word(one.name, self.values[one.name]) for one in given)
        return "_".join(filter(None, [self.stem or self.name, *words]))

    def labels(self, names: Sequence[str]) -> Sequence[str]:
        """What each of ``numbers`` is called, where classes or labels have these ``names``."""
        return (self.label,)

    def sums(self) -> dict[str, Any]:
        """The sums over all samples since the start, for ``resume``."""
        held = vars(self)
        return {name: held[name] for name in ("count", *self.state) if name in held}

    def resume(self, sums: Mapping[str, Any]) -> None:
        """Go on from the ``sums`` of another metric of this class, also as a file holds them."""
        self.start()
        for name, value in sums.items():
            is_sum = isinstance(getattr(self, name, None), Sum)  # which a file holds as two numbers
            setattr(self, name, Sum(*value) if is_sum else value)

    def seen(self) -> int:
        """``count``.  Raises RuntimeError if it is 0."""
        if not self.count:
            raise RuntimeError(f"{self!r}: call add before value, for samples that have a target")
        return self.count

    def check_count(self, count: int, what: str) -> None:
        """Raise ValueError if its arguments say nothing of so many classes or labels."""
        if wrong := self.misfit(count, what):
            why, help = wrong
            raise ValueError(f"{self!r} {why}: {help}")

    def checked(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Both in float64 and in one shape: class numbers become one-hot.  Raises as ``add``."""
        check_targets(self.name, self.tasks, y, t)
        if t.dim() < y.dim():
            t = one_hot(t, y.shape[-1])
        return y.double(), t.double()


def _word(name: str, value: PlainValue) -> str:
    """What a label says of the argument ``name`` of this ``value``."""
    if isinstance(value, bool):
        return name
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return "each" if value is None else re.sub(r"\W", "_", text)


def labels_of_classes(stem: str, names: Sequence[str]) -> Sequence[str]:
    """A label for each class, of letters, digits and ``_``; of those that were alike, the later
    ones have a number.

    >>> labels_of_classes("f1", ["Iris setosa", "7", "a-b", "a b"])
    ['f1_Iris_setosa', 'f1_7', 'f1_a_b', 'f1_a_b_2']
    """
    found: dict[str, None] = {}
    times: Counter[str] = Counter()
    for name in names:
        label = plain = f"{stem}_" + re.sub(r"[^A-Za-z0-9]", "_", name)
        while label in found:
            times[plain] += 1
            label = f"{plain}_{times[plain] + 1}"
        found[label] = None
    return [*found]
