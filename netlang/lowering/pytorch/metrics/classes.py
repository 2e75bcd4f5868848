"""Metrics of which class or labels an output names, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import Accuracy, Hamming, LabelAccuracy, TopK
from netlang.catalogue.targets import NO_CLASS
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.metrics.shared import ROWS


@lowers(Accuracy)
def accuracy(metric: Accuracy, y: Shape) -> TorchMetric:
    if len(y.sizes) == 1:
        right = "(y.squeeze(1) > 0.5) == t" if y.size == 1 else "y.argmax(1) == t"
        return TorchMetric(f"({right}).double().mean()")
    right = "(y.squeeze(-1) > 0.5) == t" if y.sizes[-1] == 1 else "y.argmax(-1) == t"
    return TorchMetric(f"({right})[t != {NO_CLASS}].double().mean()")


@lowers(LabelAccuracy)
def label_accuracy(metric: LabelAccuracy, y: Shape) -> TorchMetric:
    return TorchMetric("((y > 0.5) == (t > 0.5)).double().mean()")


@lowers(TopK)
def top_k(metric: TopK, y: Shape) -> TorchMetric:
    return TorchMetric(f"top_k(*rows_of_classes(y, t), {metric.k})", (ROWS, _TOP_K))


@lowers(Hamming)
def hamming(metric: Hamming, y: Shape) -> TorchMetric:
    return TorchMetric("hamming(y, t)", (_HAMMING,))


_TOP_K = TorchDefinition(
    '''\
def top_k(y, t, k):
    """The share of samples whose class is among the k largest outputs: of equal ones, among those
    of later classes, or that of the first of two.
    """
    if y.shape[1] == 2:
        return ((y.argmax(1) == t) | (k > 1)).double().mean()
    own = y.gather(1, t.unsqueeze(1))
    earlier = torch.arange(y.shape[1]) <= t.unsqueeze(1)
    behind = (y < own) | ((y == own) & earlier)
    return (y.shape[1] - behind.sum(1) < k).double().mean()
'''
)

_HAMMING = TorchDefinition(
    '''\
def hamming(y, t):
    """The share of labels, or of classes, that are wrong."""
    if t.dim() == y.dim():
        return ((y > 0.5) != (t > 0.5)).double().mean()
    y, t = rows_of_classes(y, t)
    return (y.argmax(1) != t).double().mean()
''',
    uses=(ROWS,),
)
