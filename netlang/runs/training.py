"""Train a program: load its data, make its network, run its epochs, measure."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netlang.catalogue import registry
from netlang.catalogue.data import Samples
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Program, evaluation_rows
from netlang.engine import Batches, Cursor, choose
from netlang.engine.network import Network
from netlang.engine.threads import one_thread
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.training import Diverged, NoLoss
from netlang.runs.checkpoint import Checkpoint, tensors
from netlang.runs.events import EpochDone, Event, Finished, Outcome, Started, StepsDone
from netlang.runs.measurement import Measurement
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_LARGE_TARGET = 100.0  # a number to predict that is far from where outputs start


class Training:
    """One run of ``program``. ``events()`` trains; ``network`` holds the weights meanwhile.

    ``backend`` is one of netlang.engine.BACKENDS: "auto", "tensor" or "native". ``cursor`` is the
    step that comes next. Started from a ``checkpoint`` that another run of the program made
    between two events, this one goes on to the same bits.
    Raises ValueError if the program lacks what training needs: compile it with ``to_run``; or if
    it has no step where the checkpoint stands.
    """

    def __init__(
        self, program: Program, backend: str = "auto", start: Checkpoint | None = None
    ) -> None:
        self.program = program
        if program.data is None or program.loss is None or program.optimizer is None:
            raise ValueError("training needs data, a loss and an optimizer")
        self.loss: Loss = type(program.loss).declared(program.loss.values)
        self._began = False
        with one_thread():  # as a sum's bits depend on their number
            self.split = program.data.load(program.seed)
        held_out = {"validation": self.split.validation, "test": self.split.test}
        self.held_out = {part: samples for part, samples in held_out.items() if samples}
        self.network = Network(program.graph, program.seed)
        self.optimizer = type(program.optimizer).over(self.network, program.optimizer.values)
        self.engine = choose(backend, program, self.network, self.loss, self.optimizer)
        inputs = self.split.train.inputs
        self.batches = Batches(inputs, self.split.train.targets, program.rows, program.seed)
        self.epoch, self.cursor = 1, Cursor()
        self._measurement = Measurement(program, self.loss, "train")  # the epoch's outputs so far
        self._seconds = 0.0  # that its steps took
        if start:
            self._resume(start)

    def events(self) -> Iterator[Event]:
        """Train, and say what happens.  Raises DiagnosticError where training diverges, and
        RuntimeError the second time: its weights are trained already.
        """
        if self._began:
            raise RuntimeError("this Training has run; make another")
        self._began = True
        program, split = self.program, self.split
        weights, backend, note = self.network.size, self.engine.name, self.engine.note
        sizes = {"train": len(split.train)}
        sizes |= {part: len(samples) for part, samples in self.held_out.items()}
        yield Started(program.epochs, sizes, weights, backend, program.seed, note)
        metrics: Mapping[str, float] = {}
        seconds = 0.0
        while self.epoch <= program.epochs:
            yield from self._steps()
            done = self._epoch_done()
            yield done
            metrics, seconds = done.metrics, seconds + done.seconds
        outcomes = tuple(
            Outcome(expected, metrics[expected.metric]) for expected in program.expectations
        )
        yield Finished(metrics, seconds, outcomes, backend, program.seed)

    def outputs(self, inputs: Tensor) -> Tensor:
        """The network's outputs for ``inputs``, dropout off."""
        return torch.cat([*self.engine.evaluate(inputs)])

    def checkpoint(self) -> Checkpoint:
        """What a run needs to go on from here, between two events."""
        kept = {name: tensor.clone() for name, tensor in tensors(self.engine).items()}
        sums, steps = self._measurement.sums(), self.optimizer.steps
        return Checkpoint(self.epoch, self.cursor, steps, kept, sums, self._seconds)

    def _resume(self, start: Checkpoint) -> None:
        if start.epoch > self.program.epochs or start.cursor not in self.batches:
            raise ValueError(f"the training has no step {start.cursor}")
        self.epoch, self.cursor, self.optimizer.steps = start.epoch, start.cursor, start.steps
        for name, tensor in tensors(self.engine).items():
            tensor.copy_(start.tensors[name])
        self._measurement.resume(start.sums)
        self._seconds = start.seconds

    def _steps(self) -> Iterator[StepsDone]:
        """Those that the epoch has left."""
        batches = self.batches
        if self.cursor.epoch > self.epoch:
            return
        samples = self.cursor.step * batches.size
        began = time.perf_counter()
        for y, t in self.engine.run(batches, self.cursor):
            self._seconds += time.perf_counter() - began
            self._measurement.add(y, t)
            self.cursor = batches.after(self.cursor, -(-len(y) // batches.size))
            samples += len(y)
            yield StepsDone(self.epoch, samples)
            began = time.perf_counter()

    def _epoch_done(self) -> EpochDone:
        """Measure the epoch, and turn to the next one."""
        metrics = self._measurement.values()
        for part, held_out in self.held_out.items():
            metrics |= self._measure(part, held_out)
        self._stop_if_diverged(metrics, self.epoch)
        done = EpochDone(self.epoch, metrics, self._seconds)
        self.epoch += 1
        self._measurement, self._seconds = Measurement(self.program, self.loss, "train"), 0.0
        return done

    def _measure(self, part: str, samples: Samples) -> dict[str, float]:
        """Loss and metrics of a part that was held out."""
        measurement = Measurement(self.program, self.loss, part)
        at = 0
        for y in self.engine.evaluate(samples.inputs):
            measurement.add(y, samples.targets[at : at + len(y)])
            at += len(y)
        return measurement.values()

    def _stop_if_diverged(self, metrics: Mapping[str, float], epoch: int) -> None:
        for metric in (f"{part}.loss" for part in ("train", *self.held_out)):
            value = metrics[metric]
            if not math.isfinite(value):
                what = "not a number" if math.isnan(value) else "infinite"
                span = self.program.spans["optimizer"]
                lr, default = self._learning_rate()
                target = self._large_target()
                diverged = Diverged(span, metric, what, epoch, lr, default, target)
                raise DiagnosticError(self._no_loss(what) or diverged)

    def _learning_rate(self) -> tuple[float | None, float | None]:
        """The optimizer's, and the one that it has by default; None where there is none."""
        declared = next((one for one in self.optimizer.arguments if one.name == "lr"), None)
        if declared is None:
            return None, None
        lr = self.optimizer.values["lr"]
        return float(lr), None if declared.required else declared.default  # type: ignore[arg-type]

    def _large_target(self) -> float | None:
        if self.program.description and self.program.description.classes:
            return None
        largest = float(self.split.train.targets.abs().max())
        return largest if largest > _LARGE_TARGET else None

    def _no_loss(self, what: str) -> NoLoss | None:
        """What is wrong if the loss was no number before the first step: no step made it so."""
        network = Network(self.program.graph, self.program.seed).eval()
        rows = evaluation_rows(self.program.graph)
        with torch.inference_mode():
            outputs = network.forward(self.split.train.inputs[:rows])
            if self.loss.value(outputs, self.split.train.targets[:rows]).isfinite():
                return None
        takes = self.loss.expects
        layers = tuple(layer.name for layer in registry.layers() if layer.gives == takes != "")
        return NoLoss(self.program.spans["loss"], self.loss.name, what, layers)
