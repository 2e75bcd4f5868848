"""Metrics of probabilities: how much of it the true class has."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

from netlang.catalogue.metrics.classes import Rows, rows_of_classes
from netlang.catalogue.metrics.means import Mean
from netlang.catalogue.targets import one_hot
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.data import DataSet


class _OfProbabilities(Mean, abstract=True):
    """A mean of what the probabilities of all classes say.  Shape: [rows, classes], [rows]."""

    tasks = ("classification",)
    bounds = (0, math.inf)
    reads_probabilities = needs_probabilities = True

    def rows(self, y: Tensor, t: Tensor, weights: Tensor | None) -> Rows:
        y, t, weights = rows_of_classes(self.name, self.tasks, y, t, weights)
        return torch.cat([1 - y, y], -1) if y.shape[-1] == 1 else y, t.long(), weights


class LogLoss(_OfProbabilities, name="log_loss", like=("negative_log_likelihood",)):
    """-log of the probability of the true class, on average.

    A probability of 0 counts as the smallest step of its numbers' type from 1.
    Shape: y probabilities [N, *, classes]; t class numbers [N, *].
    """

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        eps = torch.finfo(y.dtype).eps
        own = y.gather(1, t.unsqueeze(1)).squeeze(1)
        return -own.clamp(eps, 1 - eps).double().log()


class Brier(_OfProbabilities, name="brier", known_as=("brier_score", "brier_score_loss")):
    """The squared distance of the probabilities from the true class, on average; half of it for two
    classes, which is the square of how far the probability of the second is off.

    Shape: y probabilities [N, *, classes]; t class numbers [N, *].  Source: Brier 1950.
    """

    bounds = (0, 2)

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        squares = (y.double() - one_hot(t, y.shape[-1])).square().sum(1)
        return squares / 2 if y.shape[-1] == 2 else squares


class Perplexity(LogLoss, name="perplexity"):
    """e to the log loss: among how many tokens that are alike the next one would be as uncertain.

    Shape: y probabilities [N, *, tokens]; t token numbers [N, *].
    """

    bounds = (1, math.inf)

    @classmethod
    def suits(cls, data: DataSet | None) -> bool:
        return data is not None and data.predicts_next

    def value(self) -> float:
        log_loss = super().value()
        return math.inf if log_loss > math.log(sys.float_info.max) else math.exp(log_loss)


class BitsPerCharacter(LogLoss, name="bits_per_character", known_as=("bpc", "bits_per_char")):
    """The log loss to the base 2: in how many bits a text can be written, by character.

    Shape: y probabilities [N, *, characters]; t character numbers [N, *].
    """

    by_default = True
    counts_parts = True

    @classmethod
    def suits(cls, data: DataSet | None) -> bool:
        return data is not None and data.predicts_next and data.values["by"] == "characters"

    def value(self) -> float:
        return super().value() / math.log(2)
