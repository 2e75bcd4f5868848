"""Metrics of classes and of labels: how many are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.metrics.means import Mean
from netlang.catalogue.targets import NO_CLASS, are_classes, check_targets, classes_of
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

Rows = tuple["Tensor", "Tensor", "Tensor | None"]


def rows_of_classes(
    name: str, tasks: Sequence[str], y: Tensor, t: Tensor, weights: Tensor | None
) -> Rows:
    """The outputs of each place that has a class, the class numbers, and any weights.

    A class number of -1 says that a place has none. Targets of the outputs' shape are classes
    where they are largest. Raises as ``add`` of the metric ``name``.
    Shape: y [N, *, outputs], t [N, *] or that of y, weights [N] -> [rows, outputs], [rows], [rows].
    """
    check_targets(name, tasks, y, t, skips=True)
    if y.dim() < 2:
        raise ValueError(f"{name} takes outputs of shape [N, classes], not {[*y.shape]}")
    if t.dim() == y.dim():
        t = classes_of(t)
    if weights is not None:
        weights = weights.double()
    if t.dim() == 1:
        return y, t, weights
    if weights is not None:
        weights = weights.view(-1, *[1] * (t.dim() - 1)).expand_as(t)
    known = t != NO_CLASS
    if known.all():  # to choose all takes many times as long
        return y.flatten(0, -2), t.flatten(), None if weights is None else weights.flatten()
    return y[known], t[known], None if weights is None else weights[known]


class _OfClasses(Mean, abstract=True):
    """A mean over the samples, or over those of their places that have a class."""

    tasks = ("classification",)

    def rows(self, y: Tensor, t: Tensor, weights: Tensor | None) -> Rows:
        return rows_of_classes(self.name, self.tasks, y, t, weights)


class Accuracy(
    _OfClasses,
    name="accuracy",
    known_as=("acc", "accuracy_score", "CategoricalAccuracy", "BinaryAccuracy"),
):
    """The share of samples, or of their positions, whose largest output is that of their class.

    Shape: y [N, *, classes]; t class numbers [N, *], or values of the shape of y. With one output,
    two classes are 0 and 1: above one half, it stands for the second. A position of class number
    -1 does not count.
    """

    bounds = (0, 1)
    by_default = True
    is_common = True
    higher_is_better = True

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return classes_of(y) == t


class TopK(
    _OfClasses,
    name="top_k",
    known_as=("top_k_accuracy", "top_k_accuracy_score", "TopKCategoricalAccuracy"),
    elsewhere={"top_k_accuracy_score": {"k": "2"}},
):
    """The share of samples whose class is among those of the ``k`` largest outputs.

    Of equal outputs, those of later classes come first, and that of the first of two classes, as in
    scikit-learn.
    Shape: y [N, *, classes]; t class numbers [N, *], or values of the shape of y.
    """

    k: int = arg(default=5, at_least=1, doc="among how many classes that of a sample has to be")

    stem = "top"
    bounds = (0, 1)
    higher_is_better = True

    @property
    def label(self) -> str:
        return f"{self.stem}_{self.k}"

    def foregone(self, classes: int) -> str:
        own = f"the class is among the {self.k} largest of {classes} outputs"
        return own if self.k >= classes else ""

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        if y.shape[-1] <= 2:
            return (classes_of(y) == t) | (self.k > 1)
        own = y.gather(1, t.long().unsqueeze(1))
        earlier = torch.arange(y.shape[1], device=y.device) <= t.unsqueeze(1)
        behind = (y < own) | ((y == own) & earlier)  # among them itself, if it is a number
        return y.shape[1] - behind.sum(1) < self.k


class LabelAccuracy(
    Mean,
    name="label_accuracy",
    like=("multilabel_accuracy",),
):
    """The share of labels that are right: an output above one half says that the label is given.

    Shape: y and t [N, labels]; t is 0 or 1.
    """

    tasks = ("labels",)
    bounds = (0, 1)
    by_default = True
    is_common = True
    higher_is_better = True

    def rows(self, y: Tensor, t: Tensor, weights: Tensor | None) -> Rows:
        check_targets(self.name, self.tasks, y, t)
        return y, t, None if weights is None else weights.double()

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return (y > 0.5) == (t > 0.5)


class Hamming(Mean, name="hamming", known_as=("hamming_loss", "HammingDistance")):
    """The share of labels that are wrong, or of samples whose class is: of 0, all are right.

    Shape: y and t [N, labels], or y [N, *, classes] and class numbers t [N, *].
    """

    tasks = ("classification", "labels")
    bounds = (0, 1)
    only_named = True

    def rows(self, y: Tensor, t: Tensor, weights: Tensor | None) -> Rows:
        if are_classes(y.shape, t):
            return rows_of_classes(self.name, self.tasks, y, t, weights)
        check_targets(self.name, self.tasks, y, t)
        return y, t, None if weights is None else weights.double()

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return classes_of(y) != t if t.dim() < y.dim() else (y > 0.5) != (t > 0.5)
