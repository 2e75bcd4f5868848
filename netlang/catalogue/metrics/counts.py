"""Metrics of three counts for each class or label: how many samples are rightly found to be of it,
how many are taken for it, and how many are of it.

With weights of samples, counts are sums of these.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.metrics.classes import rows_of_classes
from netlang.catalogue.metrics.metric import Metric, labels_of_classes
from netlang.catalogue.targets import are_classes, check_targets, classes_of
from netlang.language.diagnostics.wording import counted
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def shares(part: Tensor, whole: Tensor) -> Tensor:
    """``part / whole``; a share of nothing is 0.  Shape: [*], both, in float64."""
    return torch.where(whole == 0, 0.0, part / whole)


def precision(found: Tensor, taken: Tensor, true: Tensor) -> Tensor:
    """The share of what is taken for a class that is of it.  Shape: [classes] each."""
    return shares(found, taken)


def recall(found: Tensor, taken: Tensor, true: Tensor) -> Tensor:
    """The share of a class that is found.  Shape: [classes] each."""
    return shares(found, true)


def f1(found: Tensor, taken: Tensor, true: Tensor) -> Tensor:
    """The harmonic mean of precision and recall.  Shape: [classes] each."""
    return shares(2 * found, taken + true)


def counts_of_classes(taken: Tensor, true: Tensor, classes: int, weights: Tensor | None) -> Tensor:
    """How many are found, taken and true, and how many there are; and in how many samples, of any
    weight, a class occurs.

    Shape: class numbers [N], both -> [5, classes].
    """
    found = taken == true
    own = weights if weights is None else weights[found]
    each = (true[found], own), (taken, weights), (true, weights), (torch.cat([taken, true]), None)
    counts = [torch.bincount(one, w, minlength=classes).double() for one, w in each]
    return torch.stack([*counts[:3], counts[2].sum().expand(classes), counts[3]])


def counts_of_labels(given: Tensor, true: Tensor, weights: Tensor | None) -> Tensor:
    """How many are found, given and true, and how many there are; and of any weight.

    Shape: bool [N, *, labels], both -> [5, labels].
    """
    every = torch.ones_like(true)
    each = torch.stack([given & true, given, true, every, every]).double()
    if weights is not None:
        each[:4] *= weights.double().view(-1, *[1] * (true.dim() - 1))
    return each.flatten(1, -2).sum(1)


class _OfCounts(Metric, abstract=True):
    """A number of the ``counts`` of classes, which exclude each other, or of labels."""

    tasks: ClassVar[Sequence[str]] = ("classification",)
    bounds = (0, 1)
    higher_is_better = True
    sees_rare = True
    state: ClassVar[Sequence[str]] = ("counts",)

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        if "labels" not in self.tasks or are_classes(y.shape, t):
            y, t, weights = rows_of_classes(self.name, self.tasks, y, t, weights)
            taken, true, classes = classes_of(y).long(), t.long(), max(y.shape[-1], 2)
            self.check_count(classes, "class")
            counts = counts_of_classes(taken, true, classes, weights)
            self.see(taken, true, weights)
            self.count += len(t)
        else:
            check_targets(self.name, self.tasks, y, t)
            self.check_count(y.shape[-1], "label")
            y, t = (one.reshape(len(one), -1, one.shape[-1]) for one in (y, t))
            counts = counts_of_labels(y > 0.5, t > 0.5, weights)
            self.count += t.numel()
        self.counts: Tensor = self.counts + counts if "counts" in vars(self) else counts

    def value(self) -> float:
        self.seen()
        return self.of(*self.counts[:3])

    def see(self, taken: Tensor, true: Tensor, weights: Tensor | None) -> None:
        """Look at the classes of samples, if counts are not enough.  Shape: [N] each."""

    @abstractmethod
    def of(self, found: Tensor, taken: Tensor, true: Tensor) -> float:
        """The number.  Shape: [classes] each."""


class _Averaged(_OfCounts, abstract=True):
    """A share that each class or label has, and its mean over them.

    A share of nothing is 0. The mean, which is "macro", is that of all labels, or of the classes
    that occur or that some sample is taken for. "weighted" counts each by its samples. "micro" is
    the share of all samples together, and "binary" that of the second of two classes.
    """

    average: str | None = arg(
        default="macro",
        choices=("macro", "micro", "weighted", "binary"),
        doc="how the shares of classes make one number; `none` gives each of them",
        may_be_none=True,
    )

    tasks = ("classification", "labels")

    def misfit(self, count: int, what: str) -> tuple[str, str] | None:
        if self.average != "binary" or count == {"class": 2, "label": 1}[what]:
            return None
        has = counted(count, what, {"class": "classes"}.get(what, "labels"))
        rest = f"write `average=none` for the number of each {what}, or leave it out for their mean"
        return f"is of one class of two, and there are {has}", rest

    def numbers(self) -> Sequence[float]:
        if self.average is not None:
            return (self.value(),)
        self.seen()
        each: list[float] = self.share(*self.counts[:4]).tolist()
        return each

    def labels(self, names: Sequence[str]) -> Sequence[str]:
        return labels_of_classes(self.name, names) if self.average is None else (self.label,)

    def of(self, found: Tensor, taken: Tensor, true: Tensor) -> float:
        if self.average == "micro":
            return self.share(*self.counts[:4].sum(1)).item()
        each = self.share(*self.counts[:4])
        if self.average == "binary":
            return each[-1].item()
        if self.average == "weighted":
            return shares((each * true).sum(), true.sum()).item()
        return each[self.counts[4] > 0].mean().item()

    @abstractmethod
    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        """The share of each class, of ``all`` samples.  Shape: [*] each -> [*]."""


class Precision(
    _Averaged,
    name="precision",
    known_as=("precision_score",),
    elsewhere={"precision_score": {"average": '"binary"'}},
):
    """The share of the samples that are taken for a class that are of it.

    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    """

    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        return precision(found, taken, true)


class Recall(
    _Averaged,
    name="recall",
    known_as=("recall_score", "sensitivity"),
    elsewhere={"recall_score": {"average": '"binary"'}},
):
    """The share of the samples of a class that are found to be of it.

    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    """

    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        return recall(found, taken, true)


class F1(
    _Averaged,
    name="f1",
    known_as=("f1_score", "F1Score"),
    elsewhere={"f1_score": {"average": '"binary"'}},
):
    """The harmonic mean of precision and recall.

    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    """

    is_common = True

    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        return f1(found, taken, true)


class FBeta(
    _Averaged,
    name="fbeta",
    known_as=("fbeta_score", "FBetaScore"),
    elsewhere={"fbeta_score": {"average": '"binary"'}},
):
    """The harmonic mean of precision and recall, in which recall counts beta times as much.

    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    Source: van Rijsbergen 1979.
    """

    beta: float = arg(default=1.0, above=0.0, doc="how much recall counts beside precision")

    argument_order = ("beta",)
    only_named = True

    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        squared = self.beta**2
        return shares((1 + squared) * found, taken + squared * true)


class Jaccard(
    _Averaged,
    name="jaccard",
    known_as=("jaccard_score", "JaccardIndex", "IoU", "MeanIoU"),
    elsewhere={"jaccard_score": {"average": '"binary"'}},
):
    """The share of what is of a class or taken for it that is both: of pixels, the intersection
    over the union.

    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    """

    only_named = True

    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        return shares(found, taken + true - found)


class Specificity(_Averaged, name="specificity", known_as=("tnr", "true_negative_rate")):
    """The share of the samples that are not of a class that are not taken for it: of two classes,
    ``average="binary"`` is the recall of the first.

    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    """

    only_named = True

    def share(self, found: Tensor, taken: Tensor, true: Tensor, all: Tensor) -> Tensor:
        return shares(all - taken - true + found, all - true)


class BalancedAccuracy(_OfCounts, name="balanced_accuracy", known_as=("balanced_accuracy_score",)):
    """The mean of the classes' recall: chance is one by the number of classes.

    Classes of no sample do not count. ``adjusted`` makes chance 0, and the best 1 still; of one
    class alone it is 0 then.
    Shape: y [N, *, classes]; t class numbers [N, *].
    """

    adjusted: bool = arg(default=False, doc="whether chance is 0")

    bounds = (-1, 1)

    def of(self, found: Tensor, taken: Tensor, true: Tensor) -> float:
        occurs = true > 0
        classes, mean = int(occurs.sum()), recall(found, taken, true)[occurs].mean().item()
        if not self.adjusted:
            return mean
        return (mean - 1 / classes) / (1 - 1 / classes) if classes > 1 else 0.0


class MatthewsCorrelation(
    _OfCounts, name="mcc", known_as=("matthews_corrcoef", "MatthewsCorrCoef")
):
    """How far classes and what samples are taken for go together: 1 is perfect, 0 is chance.

    It is 0 where all samples are of one class, or are taken for one.
    Shape: y [N, *, classes]; t class numbers [N, *].  Source: Gorodkin 2004.
    """

    bounds = (-1, 1)

    def of(self, found: Tensor, taken: Tensor, true: Tensor) -> float:
        n = true.sum()
        together = found.sum() * n - taken @ true
        spread = (n * n - taken @ taken) * (n * n - true @ true)
        vary = min(int((taken > 0).sum()), int((true > 0).sum())) > 1
        return (together / spread.sqrt()).item() if vary else 0.0


class CohenKappa(_OfCounts, name="cohen_kappa", known_as=("cohen_kappa_score", "CohenKappa")):
    """1 - observed / expected disagreement, which is that of chance: 1 is perfect, 0 is chance.

    ``weights`` say that classes have an order: a mistake counts by how far they are apart, or by
    the square of that. It is 0 where all samples are of one class and taken for it.
    Shape: y [N, *, classes]; t class numbers [N, *].  Source: Cohen 1960, 1968.
    """

    weights: str | None = arg(
        default=None,
        choices=("linear", "quadratic"),
        doc="how a mistake counts by how far the classes are apart; `none` counts all alike",
    )

    bounds = (-1, 1)
    state = ("counts", "apart")

    def start(self) -> None:
        super().start()
        self.apart = 0.0  # how far classes and what samples are taken for are apart in all

    def see(self, taken: Tensor, true: Tensor, weights: Tensor | None) -> None:
        apart = self._cost(taken - true)
        self.apart += (apart if weights is None else apart * weights).sum().item()

    def _cost(self, steps: Tensor) -> Tensor:
        """How much a mistake counts of classes that are so many ``steps`` apart."""
        steps = steps.double().abs()
        match self.weights:
            case "linear":
                return steps
            case "quadratic":
                return steps.square()
        return (steps > 0).double()

    def of(self, found: Tensor, taken: Tensor, true: Tensor) -> float:
        number = torch.arange(len(true), device=true.device)
        by_chance = self._cost(number - number.unsqueeze(1)) @ taken @ true / true.sum()
        return 1 - self.apart / by_chance.item() if by_chance > 0 else 0.0
