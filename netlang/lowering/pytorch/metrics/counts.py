"""Metrics of how often each class is found, taken and true, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import (
    F1,
    BalancedAccuracy,
    CohenKappa,
    FBeta,
    Jaccard,
    MatthewsCorrelation,
    Precision,
    Recall,
    Specificity,
)
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.metrics.shared import ROWS, SHARE


@lowers(Precision)
def precision(metric: Precision, y: Shape) -> TorchMetric:
    return _averaged("precision", metric.average, _PRECISION)


@lowers(Recall)
def recall(metric: Recall, y: Shape) -> TorchMetric:
    return _averaged("recall", metric.average, _RECALL)


@lowers(F1)
def f1(metric: F1, y: Shape) -> TorchMetric:
    return _averaged("f1", metric.average, _F1)


@lowers(FBeta)
def fbeta(metric: FBeta, y: Shape) -> TorchMetric:
    return _averaged(f"FBeta({metric.beta})", metric.average, _FBETA)


@lowers(Jaccard)
def jaccard(metric: Jaccard, y: Shape) -> TorchMetric:
    return _averaged("jaccard", metric.average, _JACCARD)


@lowers(Specificity)
def specificity(metric: Specificity, y: Shape) -> TorchMetric:
    return _averaged("specificity", metric.average, _SPECIFICITY)


def _averaged(name: str, average: str | None, own: TorchDefinition) -> TorchMetric:
    """The mean over classes or labels of what the function ``own`` gives of their counts."""
    uses, counts = (own, _COUNTS), "*counts(y, t)"
    match average:
        case None:
            return TorchMetric(f"{name}({counts})", uses, several=True)
        case "binary":
            return TorchMetric(f"{name}({counts})[-1]", uses)
        case "micro":
            return TorchMetric(f"{name}(*(one.sum() for one in counts(y, t)))", uses)
    return TorchMetric(f"{average}({name}, {counts})", (*uses, _MEANS[average]))


@lowers(BalancedAccuracy)
def balanced_accuracy(metric: BalancedAccuracy, y: Shape) -> TorchMetric:
    text = f"balanced_accuracy(*counts(y, t), adjusted={metric.adjusted})"
    return TorchMetric(text, (_COUNTS, _BALANCED_ACCURACY))


@lowers(MatthewsCorrelation)
def mcc(metric: MatthewsCorrelation, y: Shape) -> TorchMetric:
    return TorchMetric("mcc(*counts(y, t))", (_COUNTS, _MCC))


@lowers(CohenKappa)
def cohen_kappa(metric: CohenKappa, y: Shape) -> TorchMetric:
    power = {None: 0, "linear": 1, "quadratic": 2}[metric.weights]
    return TorchMetric(f"cohen_kappa(*rows_of_classes(y, t), {power})", (ROWS, _COHEN_KAPPA))


_COUNTS = TorchDefinition(
    '''\
def counts(y, t):
    """How many are rightly found to be of each class or label, are taken for it, and are of it; how
    many there are; and for how many it has to be known.
    """
    if t.dim() == y.dim():  # labels
        taken, true = ((one > 0.5).flatten(0, -2) for one in (y, t))
        every = torch.ones_like(true)
        each = taken & true, taken, true, every, every
        return [one.sum(0).double() for one in each]
    y, t = rows_of_classes(y, t)
    taken = y.argmax(1)
    each = t[taken == t], taken, t, torch.cat([taken, t])
    each = [torch.bincount(one, minlength=y.shape[1]).double() for one in each]
    return [*each[:3], torch.full_like(each[3], len(t)), each[3]]
''',
    uses=(ROWS,),
)

_PRECISION = TorchDefinition(
    """\
def precision(found, taken, true, all, known):
    return share(found, taken)
""",
    uses=(SHARE,),
)

_RECALL = TorchDefinition(
    """\
def recall(found, taken, true, all, known):
    return share(found, true)
""",
    uses=(SHARE,),
)

_F1 = TorchDefinition(
    """\
def f1(found, taken, true, all, known):
    return share(2 * found, taken + true)
""",
    uses=(SHARE,),
)

_FBETA = TorchDefinition(
    '''\
class FBeta:
    """The harmonic mean of precision and recall, in which recall counts beta times as much."""

    def __init__(self, beta):
        self.squared = beta**2

    def __call__(self, found, taken, true, all, known):
        return share((1 + self.squared) * found, taken + self.squared * true)
''',
    uses=(SHARE,),
)

_JACCARD = TorchDefinition(
    """\
def jaccard(found, taken, true, all, known):
    return share(found, taken + true - found)
""",
    uses=(SHARE,),
)

_SPECIFICITY = TorchDefinition(
    """\
def specificity(found, taken, true, all, known):
    return share(all - taken - true + found, all - true)
""",
    uses=(SHARE,),
)

_MEANS = {
    "macro": TorchDefinition(
        '''\
def macro(score, found, taken, true, all, known):
    """The mean of the score over the classes that occur, or over all labels."""
    return score(found, taken, true, all, known)[known > 0].mean()
'''
    ),
    "weighted": TorchDefinition(
        '''\
def weighted(score, found, taken, true, all, known):
    """The mean of the score over all samples of a class or label."""
    return share((score(found, taken, true, all, known) * true).sum(), true.sum())
'''
    ),
}

_BALANCED_ACCURACY = TorchDefinition(
    '''\
def balanced_accuracy(found, taken, true, all, known, adjusted=False):
    """The mean of the classes' recall, or how much of what chance leaves it is above chance."""
    recall = (found / true)[true > 0]
    chance = 1 / max(len(recall), 1)
    if adjusted:
        return (recall.mean() - chance) / max(1 - chance, 1e-12)
    return recall.mean()
'''
)

_MCC = TorchDefinition(
    '''\
def mcc(found, taken, true, all, known):
    """How far classes and what samples are taken for go together."""
    if (taken > 0).sum() == 1 or (true > 0).sum() == 1:
        return torch.zeros(())
    taken, true, found = taken / true.sum(), true / true.sum(), found / true.sum()
    spread = (1 - taken @ taken) * (1 - true @ true)
    return (found.sum() - taken @ true) / spread.sqrt()
'''
)

_COHEN_KAPPA = TorchDefinition(
    '''\
def cohen_kappa(y, t, power):
    """1 - observed / expected disagreement, where mistakes count by a power of their size."""
    classes = y.shape[1]
    pairs = torch.bincount(t * classes + y.argmax(1), minlength=classes * classes)
    pairs = pairs.view(classes, classes).double() / len(t)
    apart = torch.arange(classes) - torch.arange(classes).unsqueeze(1)
    cost = (apart != 0) * apart.abs().double() ** power
    expected = (cost * pairs.sum(1).outer(pairs.sum(0))).sum()
    return 1 - (cost * pairs).sum() / expected if expected > 0 else torch.zeros(())
'''
)
