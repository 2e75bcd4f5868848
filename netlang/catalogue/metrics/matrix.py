"""The table of which class is taken for which, as a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.metrics.classes import rows_of_classes
from netlang.catalogue.metrics.confusion import confusion
from netlang.catalogue.metrics.metric import Metric, labels_of_classes
from netlang.catalogue.targets import classes_of

if TYPE_CHECKING:
    from torch import Tensor

_MOST = 1000  # classes: their pairs are a million


class Confusion(
    Metric,
    name="confusion",
    known_as=("confusion_matrix", "ConfusionMatrix", "ConfusionMatrixDisplay"),
):
    """How many samples of each class are taken for which: a table, with a row for each true class.

    A run shows it at its end, of the samples that it is judged on, and keeps it in
    ``confusion.csv``; no epoch has it. ``table`` gives it in Python, ``value`` the share of the
    samples on its diagonal, which is the accuracy.
    Shape: y [N, *, classes]; t class numbers [N, *].
    """

    tasks = ("classification",)
    bounds = (0, 1)
    higher_is_better = True
    sees_rare = True
    only_named = True
    is_table = True
    state = ("counts",)

    def misfit(self, count: int, what: str) -> tuple[str, str] | None:
        if count <= _MOST:
            return None
        why = f"has a row and a column for each class, and there are {count:,}"
        return why, "leave it out: `netlang eval RUN` lists what is confused most often"

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        y, t, weights = rows_of_classes(self.name, self.tasks, y, t, weights)
        classes = max(y.shape[-1], 2)
        self.check_count(classes, "class")
        counts = confusion(classes_of(y), t, classes, weights)
        self.counts: Tensor = self.counts + counts if self.count else counts
        self.count += len(t)

    def table(self) -> Tensor:
        """Whole numbers, or sums of weights.  Shape: [classes, classes].

        Raises RuntimeError before the first ``add``.
        """
        self.seen()
        return self.counts

    def value(self) -> float:
        table = self.table().double()
        return (table.diagonal().sum() / table.sum()).item()

    def numbers(self) -> Sequence[float]:
        each: list[float] = self.table().double().flatten().tolist()
        return each

    def labels(self, names: Sequence[str]) -> Sequence[str]:
        pairs = [f"{true}_{taken}" for true in names for taken in names]
        return labels_of_classes(self.name, pairs)
