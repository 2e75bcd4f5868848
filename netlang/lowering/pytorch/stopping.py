"""Stopping rules in PyTorch."""

from netlang.catalogue.stopping import Early
from netlang.lowering.pytorch.counterparts import TorchStop
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Early)
def early(rule: Early) -> TorchStop:
    return TorchStop(f"by > {rule.min_delta!r}", f"waited >= {rule.patience}")
