"""Loss and metrics are measured over outputs that come in stretches of any length.

Outputs are cut into pieces, each measured on one thread. How large a piece is depends on the
program alone, so neither the stretches nor the number of threads change a bit of the result. Only
the outputs of a piece that is not full yet are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data import Samples
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.outputs import loss_of
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import Graph, Program
from netlang.engine.threads import torch_threads
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


# The means of which the loss of a piece is the sum, each with how much the piece counts in it, and
# how many samples the piece has.
Piece = tuple[Sequence[tuple[float, float]], int]

_MEASURED_UNITS = 1 << 20  # numbers in the outputs that are measured at a time


def measured_samples(graph: Graph) -> int:
    """How many samples' outputs are measured together."""
    return max(1, _MEASURED_UNITS // max(1, graph.output.size))


class Sums(Record):
    """The running sums of a measurement, from which another goes on."""

    losses: Sequence[Piece]
    metrics: Sequence[Mapping[str, Any]]  # the sums of each
    waiting: Sequence[Sequence[Tensor]]  # outputs, targets, any weights; less than a piece


class Measurement:
    """The loss and metrics of ``part`` ("train", ...) of the data of ``program``.

    The loss is what training makes small. Metrics judge what it says that outputs predict, in the
    units of the data, which ``units`` give the predictions and targets of each output; without
    them, they are in these units.
    """

    def __init__(
        self,
        program: Program,
        loss: Loss,
        part: str,
        units: Sequence[Callable[[Tensor], Tensor]] = (),
    ) -> None:
        self.program, self.loss, self.part = program, loss, part
        self._units, self._measures = units, program.measures
        self.metrics = [one.metric.anew() for one in self._measures]
        outputs = program.outputs or (None,)
        by_output = zip(outputs, units or [_as_they_are] * len(outputs), strict=True)
        self._outputs = [(one, to_values, self._metrics_of(one)) for one, to_values in by_output]
        self.piece = measured_samples(program.graph)
        self._waiting: list[Sequence[Tensor]] = []  # less than a piece
        self._count = 0  # samples that wait
        self._losses: list[Piece] = []

    def _metrics_of(self, output: OutputPart | None) -> list[Metric]:
        both = zip(self._measures, self.metrics, strict=True)
        return [metric for one, metric in both if one.part is output]

    def anew(self) -> Measurement:
        """Another of the same, which has seen nothing yet."""
        return Measurement(self.program, self.loss, self.part, self._units)

    def add(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> None:
        """Add outputs and their targets, which are values of their shape or class numbers.

        ``weights`` say how much each sample counts in the loss; in metrics all count the same.
        """
        parts = (y, t) if weights is None else (y, t, weights)
        for samples in self._split(parts):
            self._waiting.append(samples)
            self._count += len(samples[0])
            if self._count == self.piece:
                self._measure()

    def add_all(self, outputs: Iterable[Tensor], samples: Samples) -> None:
        """Add the outputs for ``samples``, which come in parts."""
        at = 0
        for y in outputs:
            rows = slice(at, at + len(y))
            weights = None if samples.weights is None else samples.weights[rows]
            self.add(y, samples.targets[rows], weights)
            at += len(y)

    def leave_out(self, is_left_out: Callable[[Metric], bool]) -> None:
        """Measure some metrics no more, and forget what they have seen."""
        both = zip(self._measures, self.metrics, strict=True)
        kept = [(one, metric) for one, metric in both if not is_left_out(metric)]
        self._measures = tuple(one for one, _ in kept)
        self.metrics = [metric for _, metric in kept]
        self._outputs = [
            (part, to_values, [one for one in metrics if not is_left_out(one)])
            for part, to_values, metrics in self._outputs
        ]

    def values(self) -> dict[str, float]:
        """``{"train.loss": ...}``, the loss first. A metric that has seen no target, as where no
        place of the samples has a class, is NaN.
        """
        if self._waiting:
            self._measure()
        found = {f"{self.part}.loss": total_of([means for means, _ in self._losses])}
        with torch_threads(1):
            for one, metric in zip(self._measures, self.metrics, strict=True):
                numbers = metric.numbers() if metric.count else [math.nan] * len(one.paths)
                both = zip(one.paths, numbers, strict=True)
                found |= {f"{self.part}.{path}": number for path, number in both}
        return found

    def sums(self) -> Sums:
        """What ``resume`` takes, to go on to the same bits."""
        if self._waiting:
            self._waiting = [self._joined()]
        return Sums([*self._losses], [metric.sums() for metric in self.metrics], [*self._waiting])

    def resume(self, sums: Sums) -> None:
        self._losses, self._waiting = [*sums.losses], [*sums.waiting]
        self._count = sum(len(y) for y, *_ in self._waiting)
        for metric, its_sums in zip(self.metrics, sums.metrics, strict=True):
            metric.resume(its_sums)

    def _split(self, tensors: Sequence[Tensor]) -> Iterator[Sequence[Tensor]]:
        """Cut the tensors of some samples so that the first part fills the piece that was begun."""
        count = len(tensors[0])
        first = min(self.piece - self._count, count)
        if first == count:  # as it mostly is
            return iter([tensors])
        more, rest = divmod(count - first, self.piece)
        sizes = [first, *[self.piece] * more, *([rest] if rest else [])]
        return zip(*(torch.split(one, sizes) for one in tensors), strict=True)

    def _joined(self) -> Sequence[Tensor]:
        """Outputs, targets and any weights of all samples that wait."""
        if len(self._waiting) == 1:
            return self._waiting[0]
        return [torch.cat(parts) for parts in zip(*self._waiting, strict=True)]

    def _measure(self) -> None:
        with torch_threads(1):
            y, t, *weights = self._joined()
            self._waiting, self._count = [], 0
            self._losses.append((self.loss.means(y, t, *weights), len(y)))
            for part, to_values, metrics in self._outputs:
                own, true = (part.of_outputs(y), part.of_targets(t)) if part else (y, t)
                loss, true = loss_of(self.loss, part), to_values(true)
                values = to_values(loss.prediction(own))
                reading = any(metric.reads_probabilities for metric in metrics)
                probabilities = loss.probabilities(own.double()) if reading else values
                for metric in metrics:
                    metric.add(probabilities if metric.reads_probabilities else values, true)


def _as_they_are(values: Tensor) -> Tensor:
    return values


def total_of(parts: Sequence[Sequence[tuple[float, float]]]) -> float:
    """The loss of all ``parts`` of some samples, of each of which there are means, and how much it
    counts in each of them.

    >>> total_of([[(1.0, 2.0), (0.5, 1.0)], [(4.0, 1.0), (0.0, 3.0)]])
    2.125
    """
    return sum(map(_mean, zip(*parts, strict=True)))


def _mean(values: Sequence[tuple[float, float]]) -> float:
    """The mean of values, each weighted by its count; 0 where nothing counts."""
    if len(values) == 1:
        return values[0][0]
    total = sum(value * count for value, count in values)
    counts = sum(count for _, count in values)
    return total / counts if counts and math.isfinite(total) else total
