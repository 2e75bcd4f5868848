"""Stopping rules in PyTorch."""

from netlang.catalogue.stopping import Best, Early
from netlang.lowering.pytorch.counterparts import TorchStop
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Best)
def best(rule: Best) -> TorchStop:
    return TorchStop("by >= 0" if rule.ties == "last" else "by > 0", "")


@lowers(Early)
def early(rule: Early) -> TorchStop:
    return TorchStop(f"by > {rule.min_delta!r}", f"waited >= {rule.patience}")
