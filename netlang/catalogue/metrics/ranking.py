"""Metrics of rankings: whether what is of a class has higher scores than what is not.

They compare all samples with each other, and keep the scores and the classes of all until the end
of an epoch.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg, as_source
from netlang.catalogue.metrics.classes import rows_of_classes
from netlang.catalogue.metrics.counts import shares
from netlang.catalogue.metrics.kept import Kept
from netlang.catalogue.metrics.metric import labels_of_classes
from netlang.catalogue.targets import are_classes, check_targets, one_hot
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def _steps(scores: Tensor, true: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """How much weight is of the class, and is not, from each score on; the highest comes first.

    Shape: [N] each -> [different scores], both.
    """
    scores, order = scores.sort(descending=True)
    ends = torch.unique_consecutive(scores, return_counts=True)[1].cumsum(0) - 1
    weights, true = weights[order], true[order]
    return (weights * true).cumsum(0)[ends], (weights * ~true).cumsum(0)[ends]


def _weight_of_each(true: Tensor, weights: Tensor) -> Tensor:
    """How much weight each class has.  Shape: [N, classes], [N] -> [classes]."""
    return (weights.unsqueeze(1) * true).sum(0)


def area_under_roc(scores: Tensor, true: Tensor, weights: Tensor) -> float:
    """How probable it is that a sample of the class has a higher score than one that is not of it;
    equal scores count half. It is one half where there are none of either.

    Shape: [N] each.  Source: Fawcett 2006.
    """
    hits, misses = _steps(scores, true, weights)
    if scores.isnan().any():
        return math.nan
    if hits[-1] == 0 or misses[-1] == 0:
        return 0.5
    zero = hits.new_zeros(1)
    area = torch.trapezoid(torch.cat([zero, hits]), torch.cat([zero, misses]))
    return (area / (hits[-1] * misses[-1])).item()


def average_precision(scores: Tensor, true: Tensor, weights: Tensor) -> float:
    """Σ (R_n - R_(n-1)) P_n of the recall and the precision from each score on; 0 without samples
    of the class.

    Shape: [N] each.  Source: Manning, Raghavan and Schütze 2008, chapter 8.
    """
    hits, misses = _steps(scores, true, weights)
    if scores.isnan().any():
        return math.nan
    more = hits.diff(prepend=hits.new_zeros(1))
    return shares((more * shares(hits, hits + misses)).sum(), hits[-1]).item()


class _Ranking(Kept, abstract=True):
    """A number of the ranking of all samples that each class or label has, and their mean.

    Of two classes, the mean is the number of the second. It keeps all scores until the end of an
    epoch, and the classes and the weights of their samples.
    """

    average: str | None = arg(
        default="macro",
        choices=("macro", "weighted", "micro"),
        doc="how the numbers of classes make one; `none` gives each of them",
        may_be_none=True,
    )

    tasks = ("classification", "labels")
    bounds = (0, 1)
    higher_is_better = True
    sees_rare = True
    reads_probabilities = True
    state = keeps = ("scores", "targets", "weights")

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        if are_classes(y.shape, t):
            y, t, weights = rows_of_classes(self.name, self.tasks, y, t, weights)
            self.check_count(max(y.shape[-1], 2), "class")
        else:
            check_targets(self.name, self.tasks, y, t)
            places = t[0].numel() // t.shape[-1]
            y, t = (one.reshape(-1, one.shape[-1]) for one in (y, t > 0.5))
            weights = None if weights is None else weights.double().repeat_interleave(places)
        self.keep(*((y, t) if weights is None else (y, t, weights)))
        self.count += len(y)

    def value(self) -> float:
        scores, true, weights = self._by_class()
        if scores.isnan().any():
            return math.nan
        if scores.shape[1] == 2 and self._has_classes:
            scores, true = scores[:, 1:], true[:, 1:]
        if self.average == "micro":
            weights = weights.repeat_interleave(scores.shape[1])
            return self.of(scores.flatten(), true.flatten(), weights)
        return self.mean(scores, true, weights)

    def numbers(self) -> Sequence[float]:
        if self.average is not None:
            return (self.value(),)
        return self._each(*self._by_class()).tolist()

    def labels(self, names: Sequence[str]) -> Sequence[str]:
        return labels_of_classes(self.name, names) if self.average is None else (self.label,)

    @property
    def _has_classes(self) -> bool:
        return self.kept()[1].dim() == 1

    def _by_class(self) -> tuple[Tensor, Tensor, Tensor]:
        """A score for each class, whether it is that of the sample, and the sample's weight.

        Shape: [N, classes], bool [N, classes], [N].
        """
        self.seen()
        scores, targets, *any_weights = self.kept()
        weights = any_weights[0] if any_weights else scores.new_ones(len(scores)).double()
        if self._has_classes:
            if scores.shape[1] == 1:
                scores = torch.cat([1 - scores, scores], 1)
            targets = one_hot(targets, scores.shape[1], torch.bool)
        return scores, targets, weights

    def _each(self, scores: Tensor, true: Tensor, weights: Tensor) -> Tensor:
        columns = zip(scores.unbind(1), true.unbind(1), strict=True)
        found = [self.of(*column, weights) for column in columns]
        return torch.tensor(found, dtype=torch.float64, device=scores.device)

    @abstractmethod
    def of(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        """The number of one class.  Shape: [N] each."""

    @abstractmethod
    def mean(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        """The mean of the classes' numbers.  Shape: [N, classes], [N, classes], [N]."""


class RocAuc(
    _Ranking,
    name="roc_auc",
    known_as=("roc_auc_score", "AUROC"),
    like=("auc",),
):
    """The area under the ROC curve: how probable it is that a sample of a class has a higher score
    than one that is not of it. 1 is perfect, 0.5 chance.

    A class that has no sample, or all of them, is left out of the mean; alone it is at 0.5. With
    `multi_class="ovo"`, each of more than two classes is held against each other one, and not
    against all others; the mean of these pairs is "macro", or "weighted" by their samples.
    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    Source: Hand and Till 2001.
    """

    multi_class: str = arg(
        default="ovr",
        choices=("ovr", "ovo"),
        doc="what each class is held against: all others, or each of them",
    )

    is_common = True

    def misfit(self, count: int, what: str) -> tuple[str, str] | None:
        if self.multi_class != "ovo" or self.average in ("macro", "weighted"):
            return None
        if what == "label" or count == 2:  # which are a pair, whatever they are held against
            return None
        rest = 'write `average="macro"` or `average="weighted"`, or leave `multi_class` out'
        return f"is of pairs of classes, which have no `average={as_source(self.average)}`", rest

    def _by_pairs(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        """The mean over all pairs of classes that have samples."""
        occurring = [n for n in range(true.shape[1]) if weights[true[:, n]].sum() > 0]
        means, sizes = [], []
        for one, other in combinations(occurring, 2):
            pair = true[:, one] | true[:, other]
            both = scores[pair][:, [one, other]], true[pair][:, [one, other]]
            each = self._each(*both, weights[pair])
            means.append(each.mean())
            sizes.append(weights[pair].sum())
        if not means:
            return 0.5
        each, counts = torch.stack(means), torch.stack(sizes)
        counts = counts if self.average == "weighted" else torch.ones_like(counts)
        return ((each * counts).sum() / counts.sum()).item()

    def of(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        return area_under_roc(scores, true, weights)

    def mean(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        if self.multi_class == "ovo" and self._has_classes and true.shape[1] > 1:
            return self._by_pairs(scores, true, weights)
        each, own = self._each(scores, true, weights), _weight_of_each(true, weights)
        is_known = (own > 0) & (own < weights.sum())
        counts = own * is_known if self.average == "weighted" else is_known.double()
        if not is_known.any():
            return 0.5
        return ((each * counts).sum() / counts.sum()).item()


class AveragePrecision(
    _Ranking,
    name="average_precision",
    known_as=("average_precision_score", "pr_auc"),
    like=("ap", "auprc"),
):
    """The precision at each score, on average over the steps of the recall: 1 is perfect.

    That of a class without samples is 0.
    Shape: y [N, *, classes]; t class numbers [N, *], or labels of the shape of y.
    """

    def of(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        return average_precision(scores, true, weights)

    def mean(self, scores: Tensor, true: Tensor, weights: Tensor) -> float:
        each, own = self._each(scores, true, weights), _weight_of_each(true, weights)
        if self.average == "weighted":
            return shares((each * own).sum(), own.sum()).item()
        return each.mean().item()
