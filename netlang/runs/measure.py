"""Loss and metrics of a part of the data, whose outputs come in stretches of any length.

They are measured in pieces of a number of samples that the program alone decides, each on one
thread, so that neither the stretches nor the threads change a bit; and what is measured piece by
piece need not be kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.engine.threads import one_thread
from netlang.compiler.ir import Program
from netlang.compiler.ir.pieces import measured_rows
from netlang.system.lazy import torch
from netlang.catalogue.losses import Loss, encode

if TYPE_CHECKING:
    from torch import Tensor


class Measuring:
    """Measures ``part`` ("train", ...) of what ``program`` is trained on."""

    def __init__(self, program: Program, loss: Loss, part: str) -> None:
        self.program, self.loss, self.part = program, loss, part
        self._rows = measured_rows(program.graph)
        self._waiting: list[tuple[Tensor, Tensor]] = []  # less than a piece
        self._count = 0  # samples that wait
        self._losses: list[tuple[float, int]] = []  # of each piece, and its samples
        self._met = dict.fromkeys((m for m in program.metrics if m.counts), 0)
        # A metric that has no sum over pieces is told of all samples at once.
        self._kept: list[tuple[Tensor, Tensor]] | None = (
            [] if len(self._met) < len(program.metrics) else None
        )

    def add(self, y: Tensor, t: Tensor) -> None:
        """Outputs [N, *] and their targets, values of that shape or class numbers [N]."""
        for pair in zip(*self._cut(y, t), strict=True):
            self._waiting.append(pair)
            self._count += len(pair[0])
            if self._count == self._rows:
                self._measure()

    def result(self) -> dict[str, float]:
        """``{"train.loss": ...}``, the loss first."""
        if self._waiting:
            self._measure()
        samples = sum(count for _, count in self._losses)
        found = {f"{self.part}.loss": _mean(self._losses)}
        found |= {f"{self.part}.{m.name}": met / samples for m, met in self._met.items()}
        if self._kept:
            with one_thread():
                y, t = (torch.cat(parts) for parts in zip(*self._kept, strict=True))
                rest = (m for m in self.program.metrics if m not in self._met)
                found |= {f"{self.part}.{m.name}": m(y, t) for m in rest}
        in_order = ("loss", *(metric.name for metric in self.program.metrics))
        return {f"{self.part}.{name}": found[f"{self.part}.{name}"] for name in in_order}

    def _cut(self, y: Tensor, t: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """In parts, the first of which fills up the piece that was begun."""
        first = min(self._rows - self._count, len(y))
        more, rest = divmod(len(y) - first, self._rows)
        sizes = [first, *[self._rows] * more, *([rest] if rest else [])]
        return torch.split(y, sizes), torch.split(t, sizes)

    def _measure(self) -> None:
        with one_thread():
            y, t = (torch.cat(parts) for parts in zip(*self._waiting, strict=True))
            self._waiting, self._count = [], 0
            targets = encode(t, y.shape[-1], y.dtype) if t.dim() == 1 else t
            self._losses.append((self.loss.per_sample(y, targets).item(), len(y)))
            for metric in self._met:
                self._met[metric] += round(metric(y, targets) * len(y))
        if self._kept is not None:
            self._kept.append((y, targets))


def _mean(values: list[tuple[float, int]]) -> float:
    """Of numbers that each stand for so many samples."""
    if len(values) == 1:
        return values[0][0]
    total = sum(value * count for value, count in values)
    return total / sum(count for _, count in values) if math.isfinite(total) else total
