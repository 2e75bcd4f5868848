"""Metrics that keep a row for each sample, until they are asked for their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.metrics.metric import Metric
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Kept(Metric, abstract=True):
    """A number that takes all samples together: ``state`` names what is kept of them."""

    def start(self) -> None:
        super().start()
        self._parts: list[tuple[Tensor, ...]] = []

    def keep(self, *rows: Tensor) -> None:
        """Keep rows of some samples, apart from the tensors that they are part of."""
        self._parts.append(tuple(one.detach().clone() for one in rows))

    def kept(self) -> Sequence[Tensor]:
        """The rows of all samples, in the order of ``state``."""
        if len(self._parts) > 1:
            self._parts = [tuple(map(torch.cat, zip(*self._parts, strict=True)))]
        return self._parts[0] if self._parts else ()

    def sums(self) -> dict[str, Any]:
        return super().sums() | dict(zip(self.state, self.kept(), strict=False))

    def resume(self, sums: Mapping[str, Any]) -> None:
        self.start()
        self.count = sums["count"]
        rows = tuple(sums[name] for name in self.state if name in sums)
        self._parts = [rows] if rows else []
