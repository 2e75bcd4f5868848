"""Train a program: load its data, make its network, run its epochs, measure."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netlang.backends import TensorBackend
from netlang.data import Samples
from netlang.diagnostics import DiagnosticError
from netlang.diagnostics.settings import Diverged
from netlang.ir import Optimization, Program
from netlang.lazy import torch
from netlang.losses import Loss, encode
from netlang.metrics import Metric
from netlang.network import Network
from netlang.runner.events import EpochDone, Event, Finished, Outcome, Progress, Started

if TYPE_CHECKING:
    from torch import Tensor


class Training:
    """One run of ``program``. ``events()`` trains; ``network`` holds the weights meanwhile.

    Raises ValueError if the program lacks what training needs: compile it with ``to_run``.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        if program.data is None or program.loss is None or program.optimizer is None:
            raise ValueError("training needs data, a loss and an optimizer")
        self.loss: Loss = program.loss
        self.optimization: Optimization = program.optimizer
        self.split = program.data.load(program.seed)
        self.network = Network(program.graph, program.seed)
        optimizer = self.optimization.item.over(self.network, self.optimization.values)
        self.backend = TensorBackend(
            self.network, self.loss, optimizer, program.batch, program.seed
        )

    def events(self) -> Iterator[Event]:
        """Train, and say what happens.  Raises DiagnosticError where training diverges."""
        program, backend = self.program, self.backend
        train, test = self.split.train, self.split.test
        targets, test_targets = self._targets(train), self._targets(test)
        yield Started(
            program.epochs, len(train), len(test), self.network.size, backend.name, program.seed
        )
        metrics: Mapping[str, float] = {}
        seconds = 0.0
        for epoch in range(1, program.epochs + 1):
            stretches, took = [], 0.0
            steps = backend.train_epoch(train.inputs, targets, epoch)
            samples, began = 0, time.perf_counter()
            for y, t in steps:
                took += time.perf_counter() - began
                stretches.append((y, t))
                samples += len(y)
                yield Progress(epoch, samples)
                began = time.perf_counter()
            seconds += took
            outputs, seen = (torch.cat(parts) for parts in zip(*stretches, strict=True))
            test_outputs = backend.evaluate(test.inputs)
            metrics = {
                **self._measure("train", outputs, seen),
                **self._measure("test", test_outputs, test_targets),
            }
            self._stop_if_diverged(metrics, epoch)
            yield EpochDone(epoch, metrics, took)
        outcomes = tuple(
            Outcome(expected, metrics[expected.metric], expected.met_by(metrics[expected.metric]))
            for expected in program.expectations
        )
        yield Finished(metrics, seconds, outcomes, backend.name, program.seed)

    def _targets(self, samples: Samples) -> Tensor:
        """Targets in the shape of the outputs: [N, *]."""
        assert self.program.description
        if self.program.description.classes is None:
            return samples.targets
        outputs = self.program.graph.output.size
        return encode(samples.targets, outputs, samples.inputs.dtype)

    def _measure(self, name: str, y: Tensor, t: Tensor) -> dict[str, float]:
        """Loss and metrics of one part of the data; loss and shapes as of one large batch."""
        measures: list[tuple[str, Metric | Loss]] = [("loss", self.loss)]
        measures += [(metric.name, metric) for metric in self.program.metrics]
        return {f"{name}.{measure}": float(of(y, t)) for measure, of in measures}

    def _stop_if_diverged(self, metrics: Mapping[str, float], epoch: int) -> None:
        for metric in ("train.loss", "test.loss"):
            value = metrics[metric]
            if not math.isfinite(value):
                what = "not a number" if math.isnan(value) else "infinite"
                span = self.optimization.span
                raise DiagnosticError(Diverged(span, metric, what, epoch))
