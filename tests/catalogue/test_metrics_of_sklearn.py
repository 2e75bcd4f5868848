"""Metrics equal scikit-learn's, of random and of degenerate samples, weighted or not.

Where scikit-learn warns that a metric is undefined, and gives NaN or raises an error, the last test
states the number that netlang gives.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics as theirs
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.metrics import (
    F1,
    Accuracy,
    AveragePrecision,
    BalancedAccuracy,
    BitsPerCharacter,
    Brier,
    CohenKappa,
    ExplainedVariance,
    FBeta,
    Hamming,
    Jaccard,
    LabelAccuracy,
    LogLoss,
    MatthewsCorrelation,
    MaxError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MedianAbsoluteError,
    Metric,
    Perplexity,
    Precision,
    Recall,
    RocAuc,
    RootMeanSquaredError,
    RSquared,
    Specificity,
    TopK,
)

Sample = tuple[Tensor, Tensor, Tensor | None]
Score = Callable[[Tensor, Tensor, Tensor | None], float]
QUICK, ALL = range(2, 5), range(28)  # with each remainder that they are made of


def weights_of(case: int, n: int, source: torch.Generator) -> Tensor | None:
    """None, any, or some that are 0, but not all."""
    if case % 3 == 0:
        return None
    weights = torch.rand(n, generator=source, dtype=torch.float64)
    if case % 3 == 2:
        weights[torch.rand(n, generator=source) < 0.4] = 0
    weights[0] += 0.1
    return weights


def classes(case: int, of: int | None = None) -> Sample:
    """Probabilities, some of them equal, and classes, of which some may be missing."""
    source = torch.Generator().manual_seed(case)
    n, c = (1, 2, 3, 7, 40)[case % 5], of or 2 + case % 4
    y = torch.rand(n, c, generator=source, dtype=torch.float64)
    if case % 4 == 1:
        y = (y * 3).round() + 1e-3  # with equal ones
    if case % 7 == 2:
        y = torch.ones(n, c, dtype=torch.float64)  # all equal
    y = y / y.sum(1, keepdim=True)
    t = torch.randint(c - (case % 6 == 3), (n,), generator=source)
    if case % 11 == 5:
        t = torch.full((n,), case % c)  # of one class alone
    return y, t, weights_of(case, n, source)


def labels(case: int) -> Sample:
    source = torch.Generator().manual_seed(case)
    n, c = (2, 3, 7, 40)[case % 4], 2 + case % 3
    y = torch.rand(n, c, generator=source, dtype=torch.float64)
    if case % 4 == 1:
        y = (y * 4).round() / 4
    t = (torch.rand(n, c, generator=source) < 0.4).double()
    if case % 5 == 3:
        t[:, 0] = 0  # a label that none has
    return y, t, weights_of(case, n, source)


def numbers(case: int) -> Sample:
    source = torch.Generator().manual_seed(case)
    n, c = (2, 3, 7, 40)[case % 4], 1 + case % 3
    t = torch.randn(n, c, generator=source, dtype=torch.float64) * 10 ** (case % 5)
    y = t + torch.randn(n, c, generator=source, dtype=torch.float64)
    if case % 5 == 3:
        t[:, 0] = 0.5  # all equal
    if case % 10 == 3:
        y[:, 0] = 0.5  # and all met
    if case % 7 == 4:
        y = t.clone()
    return y, t, weights_of(case, n, source)


def decided(score: Callable[..., Any], **given: Any) -> Score:
    """A score of the classes that are decided for."""
    return lambda y, t, w: score(t, y.argmax(1), sample_weight=w, **given)


def given(score: Callable[..., Any], **arguments: Any) -> Score:
    """A score of the labels that are given."""
    return lambda y, t, w: score(t.numpy(), y.numpy() > 0.5, sample_weight=w, **arguments)


def plain(score: Callable[..., Any], **arguments: Any) -> Score:
    return lambda y, t, w: score(t, y, sample_weight=w, **arguments)


def probable(score: Callable[..., Any]) -> Score:
    return lambda y, t, w: score(t, y, sample_weight=w, labels=range(y.shape[1]))


def kappa(weights: str | None, y: Tensor, t: Tensor, w: Tensor | None) -> float:
    given = {"labels": range(y.shape[1]), "weights": weights, "sample_weight": w}
    return float(theirs.cohen_kappa_score(t, y.argmax(1), **given))


def adjusted(y: Tensor, t: Tensor, w: Tensor | None) -> float:
    found = theirs.balanced_accuracy_score(t, y.argmax(1), sample_weight=w, adjusted=True)
    return float(found) if math.isfinite(found) else math.nan


def top(k: int, y: Tensor, t: Tensor, w: Tensor | None) -> float:
    given = {"k": k, "labels": range(y.shape[1]), "sample_weight": w}
    return float(theirs.top_k_accuracy_score(t, y[:, 1] if y.shape[1] == 2 else y, **given))


def specific(average: str, y: Tensor, t: Tensor, w: Tensor | None) -> float:
    """The recall of what is not of each class or label, of which there are true ones or taken."""
    labelled = t.dim() == y.dim()
    taken = y > 0.5 if labelled else torch.eye(y.shape[1])[y.argmax(1)] > 0
    true = t > 0.5 if labelled else torch.eye(y.shape[1])[t] > 0
    if average == "micro":
        w = w if w is None else w.repeat_interleave(y.shape[1])
        taken, true = taken.reshape(-1, 1), true.reshape(-1, 1)
    pairs = [*zip(true.T, taken.T, strict=True)]
    each = [theirs.recall_score(~a, ~b, sample_weight=w, zero_division=0) for a, b in pairs]
    if average == "micro":
        return float(each[0])
    if average == "weighted":
        own = (torch.ones(len(y)) if w is None else w).double() @ true.double()
        return float(np.average(each, weights=own)) if own.any() else 0.0
    occur = [n for n, (a, b) in enumerate(pairs) if labelled or (a | b).any()]
    return float(np.mean([each[n] for n in occur]))


def hamming(y: Tensor, t: Tensor, w: Tensor | None) -> float:
    return float(1 - theirs.hamming_loss(t.numpy(), y.numpy() > 0.5, sample_weight=w))


def largest(y: Tensor, t: Tensor, w: Tensor | None) -> float:
    return float(theirs.max_error(t.flatten(), y.flatten()))


def area(average: str, y: Tensor, t: Tensor, w: Tensor | None) -> float:
    """The area of each class that has samples and does not have all, and their mean."""
    true = (t[:, None] == torch.arange(y.shape[1])) if t.dim() == 1 else t == 1
    if t.dim() == 1 and y.shape[1] == 2:
        true, y = true[:, 1:], y[:, 1:]
    if average == "micro":
        w = w if w is None else w.repeat_interleave(y.shape[1])
        true, y = true.reshape(-1, 1), y.reshape(-1, 1)
    weights = torch.ones(len(y)).double() if w is None else w
    own = (weights[:, None] * true).sum(0)
    both = (own > 0) & (own < weights.sum())
    columns = [n for n in range(true.shape[1]) if both[n]]
    each = [AUC(true[:, n], y[:, n], sample_weight=w) for n in columns]
    counts = own[both] if average == "weighted" else None
    return float(np.average(each, weights=counts)) if each else math.nan


def pairs(average: str, y: Tensor, t: Tensor, w: Tensor | None) -> float:
    """The mean of the areas of all pairs of classes that have samples.  Source: Hand and Till."""
    w = torch.ones(len(y)).double() if w is None else w
    occurring = [n for n in range(y.shape[1]) if w[t == n].sum() > 0]
    each, sizes = [], []
    for one, other in combinations(occurring, 2):
        pair = (t == one) | (t == other)
        both = [AUC(t[pair] == n, y[pair, n], sample_weight=w[pair]) for n in (one, other)]
        each.append(np.mean(both))
        sizes.append(w[pair].sum())
    return (
        float(np.average(each, weights=sizes * (average == "weighted") or None))
        if each
        else math.nan
    )


def precise(average: str, y: Tensor, t: Tensor, w: Tensor | None) -> float:
    if t.dim() == 1 and y.shape[1] == 2:
        return float(AP(t == 1, y[:, 1], sample_weight=w))
    if len(y) == 1:
        return math.nan
    true = t.numpy() if t.dim() == 2 else np.eye(y.shape[1])[t]
    return float(AP(true, y.numpy(), sample_weight=w, average=average))


def logarithmic(y: Tensor, t: Tensor, w: Tensor | None) -> float:
    return float(theirs.log_loss(t, y, sample_weight=w, labels=range(y.shape[1])))


AUC, AP = theirs.roc_auc_score, theirs.average_precision_score
AVERAGES = ("macro", "micro", "weighted")
SHARES = (Precision, theirs.precision_score), (Recall, theirs.recall_score), (F1, theirs.f1_score)
EXPLAINED = (RSquared, theirs.r2_score), (ExplainedVariance, theirs.explained_variance_score)

TABLE: list[tuple[Metric, Callable[[int], Sample], Score]] = [
    (Accuracy(), classes, decided(theirs.accuracy_score)),
    (BalancedAccuracy(), classes, decided(theirs.balanced_accuracy_score)),
    (BalancedAccuracy(adjusted=True), classes, adjusted),
    (MatthewsCorrelation(), classes, decided(theirs.matthews_corrcoef)),
    *((CohenKappa(w), classes, partial(kappa, w)) for w in (None, "linear", "quadratic")),
    *((one(a), classes, decided(score, average=a)) for one, score in SHARES for a in AVERAGES),
    *((one(a), labels, given(score, average=a)) for one, score in SHARES for a in AVERAGES),
    *((one("binary"), partial(classes, of=2), decided(score)) for one, score in SHARES),
    *((TopK(1), partial(classes, of=of), partial(top, 1)) for of in (2, 4)),
    (TopK(2), partial(classes, of=5), partial(top, 2)),
    *((FBeta(2, a), classes, decided(theirs.fbeta_score, beta=2, average=a)) for a in AVERAGES),
    *((FBeta(0.5, a), labels, given(theirs.fbeta_score, beta=0.5, average=a)) for a in AVERAGES),
    *((Jaccard(a), classes, decided(theirs.jaccard_score, average=a)) for a in AVERAGES),
    *((Jaccard(a), labels, given(theirs.jaccard_score, average=a)) for a in AVERAGES),
    *((Specificity(a), kind, partial(specific, a)) for a in AVERAGES for kind in (classes, labels)),
    (LabelAccuracy(), labels, hamming),
    (Hamming(), labels, given(theirs.hamming_loss)),
    (Hamming(), classes, decided(theirs.hamming_loss)),
    (LogLoss(), classes, logarithmic),
    (Brier(), classes, probable(theirs.brier_score_loss)),
    (Perplexity(), classes, lambda *of: math.exp(logarithmic(*of))),
    (BitsPerCharacter(), classes, lambda *of: logarithmic(*of) / math.log(2)),
    *((RocAuc(a), kind, partial(area, a)) for a in AVERAGES for kind in (classes, labels)),
    *((RocAuc(a, "ovo"), partial(classes, of=4), partial(pairs, a)) for a in ("macro", "weighted")),
    *(
        (AveragePrecision(a), kind, partial(precise, a))
        for a in AVERAGES
        for kind in (classes, labels)
    ),
    (MeanSquaredError(), numbers, plain(theirs.mean_squared_error)),
    (MeanAbsoluteError(), numbers, plain(theirs.mean_absolute_error)),
    (MeanAbsolutePercentageError(), numbers, plain(theirs.mean_absolute_percentage_error)),
    (RootMeanSquaredError(), numbers, plain(theirs.root_mean_squared_error)),
    (MedianAbsoluteError(), numbers, plain(theirs.median_absolute_error)),
    (MaxError(), numbers, largest),
    *(
        (one(how), numbers, plain(score, multioutput=how))
        for one, score in EXPLAINED
        for how in ("uniform_average", "variance_weighted")
    ),
]


def assert_equal(cases: range) -> None:
    """Each metric is the same in one part and in parts of three samples, and as it is there."""
    for metric, samples, score in TABLE:
        undefined = 0
        for case in cases:
            y, t, w = samples(case)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                wanted = score(y, t, w)
            about = f"{metric!r} of case {case}"
            parted = metric.anew()
            for rows in torch.arange(len(y)).split(3):
                parted.add(y[rows], t[rows], w if w is None else w[rows])
            ours = metric(y, t, w)
            assert ours == pytest.approx(parted.value(), rel=1e-12, abs=1e-12, nan_ok=True), about
            if math.isnan(wanted):
                undefined += 1
            else:
                assert ours == pytest.approx(wanted, rel=1e-9, abs=1e-9), about
        assert undefined <= len(cases) / 2, metric


def test_metrics_are_those_of_scikit_learn() -> None:
    assert_equal(QUICK)
    numbers = {item for item in registry.items("metric") if not item.is_table}
    assert {type(metric) for metric, *_ in TABLE} == numbers


@pytest.mark.slow
def test_metrics_are_those_of_scikit_learn_in_many_cases() -> None:
    assert_equal(ALL)


@pytest.mark.parametrize(
    "metric",
    [
        *(one(average=None) for one, _ in SHARES),
        RocAuc(average=None),
        AveragePrecision(average=None),
    ],
    ids=repr,
)
def test_the_numbers_of_classes_are_those_of_scikit_learn(metric: Metric) -> None:
    score = dict(SHARES) | {RocAuc: AUC, AveragePrecision: AP}
    source = torch.Generator().manual_seed(0)
    y = torch.rand(40, 5, generator=source, dtype=torch.float64).softmax(1)
    t, w = torch.arange(40) % 5, torch.rand(40, generator=source, dtype=torch.float64)
    if not isinstance(metric, RocAuc | AveragePrecision):
        wanted = score[type(metric)](t, y.argmax(1), average=None, sample_weight=w, labels=range(5))
    else:
        wanted = score[type(metric)](np.eye(5)[t], y.numpy(), average=None, sample_weight=w)
    metric.add(y, t, w)
    assert metric.numbers() == pytest.approx([*wanted], rel=1e-9)
    names = ["a", "b", "c", "d", "e"]
    assert metric.labels(names) == [f"{metric.name}_{name}" for name in names]


def test_what_scikit_learn_leaves_undefined_is_chance_or_nothing() -> None:
    y, all_of_one = torch.tensor([[0.3, 0.7], [0.6, 0.4]]), torch.tensor([1, 1])
    assert RocAuc()(y, all_of_one) == 0.5
    assert RocAuc("macro", "ovo")(y, all_of_one) == 0.5
    assert AveragePrecision()(y, 1 - all_of_one) == 0
    assert BalancedAccuracy(adjusted=True)(y, all_of_one) == 0
    sure = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    assert CohenKappa()(sure, all_of_one) == MatthewsCorrelation()(sure, all_of_one) == 0
    assert Precision("binary")(1 - sure, all_of_one) == 0
    nothing = torch.zeros(2)
    for metric in (Accuracy(), RootMeanSquaredError(), LogLoss()):
        t = y if metric.tasks == ("regression",) else all_of_one
        assert math.isnan(metric(y, t, nothing)), metric
