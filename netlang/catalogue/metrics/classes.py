"""Metrics of classes and of labels, which ask what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.metrics.metric import Metric
from netlang.catalogue.targets import NO_CLASS, check_targets, classes_of

if TYPE_CHECKING:
    from torch import Tensor


class Accuracy(Metric, name="accuracy", known_as=("acc",)):
    """The share of samples, or of their positions, whose largest output is that of their class.

    Shape: y [N, *, classes]; t class numbers [N, *], or values of the shape of y. With one output,
    two classes are 0 and 1: above one half, it stands for the second. A position of class number
    -1 does not count.
    """

    tasks = ("classification",)
    bounds = (0, 1)
    by_default = True
    higher_is_better = True
    state = ("right",)

    def start(self) -> None:
        super().start()
        self.right = 0

    def add(self, y: Tensor, t: Tensor) -> None:
        right = self._right(y, t)
        self.right += int(right.sum().item())
        self.count += right.numel()

    def value(self) -> float:
        return self.right / self.seen()

    def _right(self, y: Tensor, t: Tensor) -> Tensor:
        """Whether the output of each class is the largest, where there is a class.

        Shape: [N], or of positions [those that have one].
        """
        check_targets(self.name, self.tasks, y, t, skips=True)
        if y.dim() < 2:
            raise ValueError(f"{self.name} takes outputs of shape [N, classes], not {[*y.shape]}")
        if t.dim() == y.dim():
            return classes_of(y) == classes_of(t)
        right = classes_of(y) == t
        return right if t.dim() == 1 else right[t != NO_CLASS]


class LabelAccuracy(Metric, name="label_accuracy", like=("hamming", "multilabel_accuracy")):
    """The share of labels that are right: an output above one half says that the label is given.

    Shape: y and t [N, labels]; t is 0 or 1. One less it is the Hamming loss.
    """

    tasks = ("labels",)
    bounds = (0, 1)
    by_default = True
    state = ("right",)

    def start(self) -> None:
        super().start()
        self.right = 0

    def add(self, y: Tensor, t: Tensor) -> None:
        check_targets(self.name, self.tasks, y, t)
        right = (y > 0.5) == (t > 0.5)
        self.right += int(right.sum().item())
        self.count += right.numel()

    def value(self) -> float:
        return self.right / self.seen()
