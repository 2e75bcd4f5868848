"""Metrics of the order in which scores put samples, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.arguments import as_source
from netlang.catalogue.metrics import AveragePrecision, RocAuc
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.metrics.shared import ROWS, SHARE


@lowers(RocAuc)
def roc_auc(metric: RocAuc, y: Shape) -> TorchMetric:
    how = f"{as_source(metric.average)}, {as_source(metric.multi_class)}".replace("none", "None")
    return TorchMetric(f"roc_auc(y, t, {how})", (_BY_CLASS, _ROC_AUC), metric.average is None)


@lowers(AveragePrecision)
def average_precision(metric: AveragePrecision, y: Shape) -> TorchMetric:
    how = as_source(metric.average).replace("none", "None")
    uses = SHARE, _BY_CLASS, _AVERAGE_PRECISION
    return TorchMetric(f"average_precision(y, t, {how})", uses, metric.average is None)


_BY_CLASS = TorchDefinition(
    '''\
def scores_by_class(y, t, each):
    """The scores of each class or label, and whether they are those of what is true; of two
    classes, those of the second, but where each is asked for.
    """
    if t.dim() == y.dim():
        return y.flatten(0, -2), t.flatten(0, -2) > 0.5
    y, t = rows_of_classes(y, t)
    true = F.one_hot(t, y.shape[1]) > 0
    return (y[:, 1:], true[:, 1:]) if y.shape[1] == 2 and not each else (y, true)
''',
    uses=(ROWS,),
)

_ROC_AUC = TorchDefinition(
    '''\
def area_under_roc(scores, true):
    """How probable it is that what is true has a higher score than what is not."""
    if scores.isnan().any():
        return torch.tensor(math.nan)
    ones, others = true.sum().double(), (~true).sum().double()
    if ones == 0 or others == 0:
        return torch.tensor(0.5)
    place, count = scores.unique(return_inverse=True, return_counts=True)[1:]
    ranks = count.cumsum(0) - (count.double() - 1) / 2  # of equal scores, their mean
    ranks = ranks[place]
    return (ranks[true].sum() - ones * (ones + 1) / 2) / (ones * others)


def roc_auc(y, t, average, multi_class):
    """The area under the ROC curve of each class against all others, or against each other one, and
    the mean over those that have samples.
    """
    y, true = scores_by_class(y, t, average is None)
    if average == "micro":
        return area_under_roc(y.flatten(), true.flatten())
    if multi_class == "ovo" and average and t.dim() < y.dim() and y.shape[1] > 1:
        own = [n for n in range(y.shape[1]) if true[:, n].any()]
        pairs = [(a, b, true[:, a] | true[:, b]) for a in own for b in own if a != b]
        areas = [area_under_roc(y[pair, a], true[pair, a]) for a, b, pair in pairs]
        sizes = [pair.sum() for *_, pair in pairs]
        counts = sizes if average == "weighted" else [torch.tensor(1)] * len(sizes)
    else:
        areas = [area_under_roc(*one) for one in zip(y.unbind(1), true.unbind(1))]
        both = true.any(0) & (~true).any(0)
        counts = (true.sum(0) * both if average == "weighted" else both).unbind()
    if average is None:
        return torch.stack(areas)
    if not sum(counts):
        return torch.tensor(0.5)
    return sum(area * count for area, count in zip(areas, counts)) / sum(counts)
'''
)

_AVERAGE_PRECISION = TorchDefinition(
    '''\
def precision_over_recall(scores, true):
    """The precision at each score, on average over the steps of the recall."""
    if not len(scores) or scores.isnan().any():
        return torch.tensor(math.nan)
    values, place = scores.unique(return_inverse=True)
    own = torch.bincount(place[true], minlength=len(values)).flip(0)
    taken = torch.bincount(place).flip(0).cumsum(0)
    hits = own.cumsum(0).double()
    return share((own * hits / taken).sum(), hits[-1])


def average_precision(y, t, average):
    """The average precision of each class or label, and its mean."""
    y, true = scores_by_class(y, t, average is None)
    if average == "micro":
        return precision_over_recall(y.flatten(), true.flatten())
    each = [precision_over_recall(*one) for one in zip(y.unbind(1), true.unbind(1))]
    each, own = torch.stack(each), true.sum(0).double()
    if average == "weighted":
        return share((each * own).sum(), own.sum())
    return each if average is None else each.mean()
'''
)
