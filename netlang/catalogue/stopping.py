"""Stopping rules say which epoch is the result of a training, and may end it before its last one,
where going on makes a metric no better.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.language.metric_path import MetricPath


@dataclass_transform(field_specifiers=(arg,))
class StoppingRule(Item, abstract=True):
    """Looks at a metric after each epoch. The weights of the epoch that was best are the result."""

    kind = "stopping rule"

    metric: MetricPath = arg(
        default=MetricPath("validation.loss"),
        doc="what to look at: the loss or a metric, on `validation` or `train`",
        known_as=("monitor", "watch"),
    )

    @abstractmethod
    def is_better(self, by: float) -> bool:
        """Whether an epoch counts as better than the best one, if its metric is better ``by``."""

    @abstractmethod
    def is_over(self, waited: int) -> bool:
        """Whether training ends after so many epochs in a row that were no better."""


class Best(StoppingRule, known_as=("SaveBest", "save_best", "keep_best", "BestModel")):
    """Trains all epochs; the weights of the best one are the result."""

    ties: str = arg(
        default="first",
        choices=("first", "last"),
        doc="which of equally good epochs is the result: a metric that counts, such as accuracy, "
        "often has several, and the last one has learned the most",
    )

    def is_better(self, by: float) -> bool:
        return by > 0 or (by == 0 and self.ties == "last")

    def is_over(self, waited: int) -> bool:
        return False


class Early(StoppingRule, known_as=("EarlyStopping", "EarlyStop", "early_stopping")):
    """Ends training after ``patience`` epochs in a row that were no better than the best one.

    Source: Prechelt 1998.
    """

    patience: int = arg(
        default=5,
        at_least=1,
        doc="how many epochs in a row may be no better than the best one",
        known_as=("n_iter_no_change", "stopping_rounds"),
    )
    min_delta: float = arg(
        default=0.0,
        at_least=0.0,
        doc="by how much more than this the metric has to be better, to count",
        known_as=("tol", "min_improvement"),
        like=("threshold", "delta"),
    )

    def is_better(self, by: float) -> bool:
        return by > self.min_delta

    def is_over(self, waited: int) -> bool:
        return waited >= self.patience
