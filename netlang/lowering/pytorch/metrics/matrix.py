"""The matrix of classes by what they are taken for, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.metrics import Confusion
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchMetric
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.metrics.shared import ROWS


@lowers(Confusion)
def confusion(metric: Confusion, y: Shape) -> TorchMetric:
    return TorchMetric("confusion(*rows_of_classes(y, t))", (ROWS, _CONFUSION), several=True)


_CONFUSION = TorchDefinition(
    '''\
def confusion(y, t):
    """How many samples of each class, in its row, are taken for which."""
    classes = y.shape[1]
    pairs = torch.bincount(t * classes + y.argmax(1), minlength=classes * classes)
    return pairs.view(classes, classes)
'''
)
