"""The best epoch of a training by its stopping rule: its weights are kept, and are the result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from netlang.catalogue.stopping import StoppingRule
from netlang.compiler.ir import Program
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class BestEpoch(Record):
    """An epoch that was better than all before it, with its metrics, and its weights and statistics
    by name.
    """

    epoch: int
    metrics: Mapping[str, float]
    tensors: Mapping[str, Tensor]


class BestSearch:
    """Looks at each epoch of a training of ``program``, and keeps the ``best`` one by the file's
    stopping rule; without such a rule, it keeps none, and training has all of its epochs.
    """

    def __init__(self, program: Program) -> None:
        self.rule: StoppingRule | None = program.stop
        self.best: BestEpoch | None = None
        self._sign = 1 if self.rule and program.rises(self.rule.metric) else -1

    def look_at(
        self, epoch: int, metrics: Mapping[str, float], tensors: Mapping[str, Tensor]
    ) -> None:
        """Keep a copy of ``tensors`` if the epoch is the best one so far."""
        if self.rule and self._is_best(self.rule, metrics):
            kept = {name: tensor.clone() for name, tensor in tensors.items()}
            self.best = BestEpoch(epoch, dict(metrics), kept)

    def is_over(self, epochs: int) -> bool:
        """Whether training ends after so many epochs."""
        best = self.best
        return bool(self.rule and best and self.rule.is_over(epochs - best.epoch))

    def _is_best(self, rule: StoppingRule, metrics: Mapping[str, float]) -> bool:
        if self.best is None:
            return True
        best = self.best.metrics[rule.metric]
        return math.isnan(best) or rule.is_better(self._sign * (metrics[rule.metric] - best))
