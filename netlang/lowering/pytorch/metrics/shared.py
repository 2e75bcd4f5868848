"""Functions of PyTorch that the metrics of several files call."""

from __future__ import annotations

from netlang.catalogue.targets import NO_CLASS
from netlang.lowering.pytorch.counterparts import TorchDefinition

ROWS = TorchDefinition(
    f'''\
def rows_of_classes(y, t):
    """Outputs for each of two classes or more, and class numbers, where there is a class."""
    y = torch.cat([1 - y, y], -1) if y.shape[-1] == 1 else y
    return y[t != {NO_CLASS}], t[t != {NO_CLASS}]
'''
)

SHARE = TorchDefinition(
    '''\
def share(part, whole):
    """A part of a whole; of nothing, it is 0."""
    return torch.where(whole == 0, 0.0, part / whole)
'''
)
