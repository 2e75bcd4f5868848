"""A training loads a program's data, makes its network, runs its epochs and measures them."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netlang.catalogue.data import Samples
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Program
from netlang.engine import Cursor, Engine, choose
from netlang.engine.augmenting import Augmenting
from netlang.engine.descent import Descent
from netlang.engine.network import Network
from netlang.engine.shared import SharedEngine, WorkerLost, Workers, WorkersDiffer, share
from netlang.engine.streaming import batches_of, stretches
from netlang.engine.threads import torch_threads
from netlang.engine.versions import versions
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.training import Diverged
from netlang.language.diagnostics.messages.workers import (
    CannotShare,
    WorkerIsLost,
    WorkersHaveOtherBits,
)
from netlang.language.diagnostics.wording import type_of
from netlang.lowering.lowerings import Unsupported
from netlang.runs.training.bad_step import all_finite, first_bad_step
from netlang.runs.training.beginning import begin_with
from netlang.runs.training.best import BestSearch
from netlang.runs.training.checkpoint import Checkpoint
from netlang.runs.training.divergence import divergence
from netlang.runs.training.events import (
    EpochDone,
    Event,
    Finished,
    LayerNorms,
    Outcome,
    Started,
    StepsDone,
)
from netlang.runs.training.identity import identity_of
from netlang.runs.training.measurement import Measurement
from netlang.runs.training.memory import too_much_memory
from netlang.runs.training.model_file import ModelFile, model_of
from netlang.runs.training.own_layers import try_own_layers
from netlang.runs.training.tensors import changing_tensors, lasting_tensors, weights_of
from netlang.runs.training.watching import layer_norms
from netlang.system import interruption
from netlang.system.interruption import uninterrupted
from netlang.system.lazy import torch
from netlang.system.machine import processors

if TYPE_CHECKING:
    from torch import Tensor


class LeftAlone(NetError):
    """Raised where workers that share a training cannot go on together. Its checkpoint is the last
    one that was made.
    """


class TakesNoPart(Exception):
    """Raised in a worker that others do without, as steps have too few samples for so many."""


class Training:
    """One run of ``program``. ``events()`` trains; ``network`` holds the weights meanwhile.

    ``backend`` is one of netlang.engine.BACKENDS: "auto", "tensor" or "native". ``cursor`` is the
    step that comes next. Where it ``is_watched``, each EpochDone has the norms of the layers'
    tensors, and no bit of the training is another. From ``start``, a checkpoint that another run of
    the program made between two events, this one goes on to the same bits, and "auto" is the engine
    of that run. It may have more epochs than that run, and other numbers in its optimizer, such as
    ``lr``. Where there are ``workers``, each of them makes the same training and goes through its
    events, and they share its steps.

    Raises TypeError for anything but a program and a checkpoint. Raises ValueError if the program
    lacks what training needs: compile it with ``to_run``; and if there is no such backend. Raises
    Unfit, which is a ValueError, if the checkpoint is of another program or engine, or stands where
    this one has no step. Raises NetError if training takes more memory than this machine
    has, if the model file that the program begins with is not as it was, or if workers cannot share
    it; and TakesNoPart.
    """

    def __init__(
        self,
        program: Program,
        backend: str = "auto",
        start: Checkpoint | None = None,
        is_watched: bool = False,
        workers: Workers | None = None,
    ) -> None:
        if not isinstance(program, Program):
            help = "`compile_source(source, to_run=True).require()` makes one"
            raise TypeError(f"Training takes a program, not {type_of(program)}: {help}")
        if not isinstance(start, Checkpoint | None):
            what = "a checkpoint, which the `checkpoint()` of another Training gives"
            raise TypeError(f"Training starts from {what}, not from {type_of(start)}")
        self.program = program
        if program.data is None or program.loss is None or program.optimizer is None:
            raise ValueError("training needs data, a loss and an optimizer")
        if start and backend == "auto":
            backend = start.engine
        if too_much := too_much_memory(program, backend):
            raise NetError(too_much)
        self.warnings = try_own_layers(program)
        self.loss: Loss = program.loss.anew()
        self._began = False
        with torch_threads(1):  # as a sum's bits depend on their number
            self.split = program.data.load(program.seed)
        held_out = {"validation": self.split.validation, "test": self.split.test}
        self.held_out = {part: samples for part, samples in held_out.items() if samples}
        self.network = Network(program.graph, program.seed)
        if program.beginning and not start:
            begin_with(program.beginning, self.network)
        self.optimizer = program.optimizer.anew(self.network)
        self.threads = _threads(start)  # that torch has in a step
        with torch_threads(self.threads):
            made = choose(backend, program, self.network, self.loss, self._descent())
        self.engine = self._shared(made, workers) if workers else made
        self.workers = 0 if workers is None else 1  # that share a step
        if isinstance(self.engine, SharedEngine):
            self.workers = self.engine.workers.world
        with torch_threads(1):
            augmenting = Augmenting.of(program, self.split)
        own = program.batch_size, program.seed, augmenting
        self.batches = batches_of(self.split.train, *own, program.epochs)
        self.epoch, self.cursor = 1, Cursor()
        self._measurement = self._new_measurement("train")  # the epoch's outputs so far
        self._epoch_seconds = 0.0  # that the epoch's steps took
        self._earlier_seconds = 0.0  # of all epochs before it
        self._done: EpochDone | None = None  # the epoch before it
        self._metrics: Mapping[str, float] = {}  # that the result has
        self.best = BestSearch(program)
        self._is_watched = is_watched
        self._checkpoint: Checkpoint | None = None  # the last one that was made
        self._identity: Mapping[str, str] = identity_of(program)
        self._begin: Checkpoint | None = None  # from which the epoch is trained here
        self.has_diverged = False
        self._is_over = False  # whether the network may have other weights than training left
        if start:
            self._resume(start)

    def events(self) -> Iterator[Event]:
        """Train, and say what happens.  Raises NetError where training diverges, and LeftAlone,
        which is one; and RuntimeError the second time: its weights are trained already.
        """
        if self._began:
            raise RuntimeError("this Training has run; make another")
        self._began = True
        program, engine, seed = self.program, self.engine, self.program.seed
        parts = {"train": self.split.train, **self.held_out}
        sizes = {part: len(samples) for part, samples in parts.items()}
        about = engine.name, engine.threads, seed, engine.note, program.graph.frozen_weights
        data = program.beginning, program.description, self.split.unseen
        yield Started(program.epochs, sizes, self.network.size, *about, *data, self.workers)
        while not self.is_done:
            self._begin_epoch()
            yield from self._steps()
            yield self._epoch_done()
        yield self.finish()

    @property
    def is_done(self) -> bool:
        """Whether no epoch is left to train."""
        return self.epoch > self.program.epochs or self.best.is_over(self.epoch - 1)

    @property
    def result_epoch(self) -> int:
        """The epoch whose weights are the result so far: the best one by the file's rule, or else
        the last one that is done; 0 before there is one.
        """
        return self.best.best.epoch if self.best.best else self.epoch - 1

    def outputs(self, inputs: Tensor) -> Tensor:
        """The network's outputs for ``inputs``, dropout off.

        Shape: [N, *], as the network takes it -> [N, *]. Outputs are standardised where targets
        are: ``split.to_values`` gives the data's units.  Raises ValueError for another shape.
        """
        return torch.cat([*self.engine.evaluate(inputs)])

    def digest(self) -> str:
        """SHA-256 of the network's weights and statistics as they are now."""
        digest = hashlib.sha256()
        for tensor in (self.network.parameters, self.network.statistics):
            digest.update(tensor.detach().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def checkpoint(self) -> Checkpoint:
        """Keep what another training needs to go on from here. Call it between two events, or where
        a signal is handled.

        Where the network has the weights of an earlier epoch at the end, this is of the last one.
        Where a step has made weights that are not finite, it is of the last ones that were.
        """
        last = self._checkpoint
        if self._begin and not all_finite(self.network.parameters):
            return self._begin
        if last and (self._is_over or (last.cursor, last.epoch) == (self.cursor, self.epoch)):
            return last
        kept = {name: tensor.clone() for name, tensor in changing_tensors(self.engine).items()}
        before = None
        if self.cursor != Cursor(self.epoch):
            assert self._begin, "an epoch has begun"
            before = {name: self._begin.good[name] for name in lasting_tensors(self.engine)}
        self._checkpoint = Checkpoint(
            self._identity,
            self.engine.name,
            self.threads,
            versions(),
            self.epoch,
            self.cursor,
            self.optimizer.steps,
            kept,
            self._measurement.sums(),
            self._epoch_seconds,
            self._earlier_seconds,
            self._done,
            before,
            self.best.best,
        )
        return self._checkpoint

    def break_off(self) -> None:
        """End now: the network has the weights of ``result_epoch``. ``checkpoint`` is of where
        training was, so that another one goes on from there.
        """
        self._leave(self.checkpoint())

    def finish(self) -> Finished:
        """End now, and say what came of it: of what is expected, that which was measured."""
        self.break_off()
        metrics, program = self._metrics, self.program
        outcomes = tuple(
            Outcome(one, metrics[one.metric])
            for one in program.expectations
            if one.metric in metrics
        )
        about = outcomes, self.engine.name, program.seed, self.result_epoch, self.epoch - 1
        return Finished(metrics, self._earlier_seconds, *about)

    def model(self) -> ModelFile:
        """Keep the network as it is evaluated, of averaged weights where there is an average, with
        all that its use takes; and with its metrics, unless it is within an epoch, where nobody has
        measured it.
        """
        is_measured = self._is_over or self.cursor == Cursor(self.epoch)
        metrics = self._metrics if is_measured else {}
        result = self.engine.descent.result
        return model_of(self.program, result, self.split.pipeline, metrics)

    def _descent(self) -> Descent:
        program = self.program
        others = program.rates, program.penalties, program.clipping, program.average
        return Descent(self.network, self.optimizer, *others)

    def _shared(self, engine: Engine, workers: Workers) -> Engine:
        """The engine as ``workers`` share it.  Raises NetError, and TakesNoPart."""
        try:
            shared = share(engine, workers)
        except Unsupported as reason:
            raise NetError(CannotShare(None, self.program.source.name, str(reason))) from None
        if shared is None:
            raise TakesNoPart
        return shared

    def _resume(self, start: Checkpoint) -> None:
        start.check(self.program, self.engine, self.batches, self._measurement)
        self._identity = start.program
        self.epoch, self.cursor = start.epoch, start.cursor
        start.restore(self.engine)
        self._measurement.resume(start.sums)
        self._epoch_seconds, self._earlier_seconds = start.epoch_seconds, start.earlier_seconds
        self._done, self.best.best = start.done, start.best
        self._metrics = start.done.metrics if start.done else {}
        self._checkpoint = start

    def _begin_epoch(self) -> None:
        """Keep what it begins with."""
        self._begin = self.checkpoint()

    def _steps(self) -> Iterator[StepsDone]:
        """Take the steps that are left in the epoch."""
        if self.cursor.epoch > self.epoch:
            return
        samples = self.cursor.step * self.batches.size
        taking = stretches(self.engine, self.batches, self.cursor)
        while taken := self._stretch(taking):
            samples += taken
            yield StepsDone(self.epoch, samples)

    def _stretch(self, taking: Iterator[tuple[Tensor, Tensor]]) -> int:
        """Take a stretch of steps, and return how many samples it has; 0 if none is left.

        A signal waits for its end, so that ``checkpoint`` can be called whenever one is handled.
        """
        began = time.perf_counter()
        with uninterrupted():
            with torch_threads(self.threads):
                try:
                    stretch = next(taking, None)
                except (WorkerLost, WorkersDiffer) as error:
                    raise self._left_alone(error) from error
            if stretch is None:
                return 0
            self._epoch_seconds += time.perf_counter() - began
            y, t = stretch
            if is_good := all_finite(y):
                steps = math.ceil(len(y) / self.batches.size)
                self._measurement.add(y, t, self.batches.weights_at(self.cursor, steps))
                self.cursor = self.batches.after(self.cursor, steps)
            else:
                self._checkpoint, self._is_over = self._begin, True
        if not is_good:
            self._check({"train.loss": math.nan if y.isnan().any() else math.inf})
        return len(y)

    def _epoch_done(self) -> EpochDone:
        """Measure the epoch, and turn to the next one."""
        with uninterrupted():
            metrics = self._measurement.values()
        for part, held_out in self.held_out.items():
            metrics |= self._measure(part, held_out)
        if not all_finite(self.network.parameters):  # after the last step, nothing may show it yet
            metrics["train.loss"] = math.nan
        self._check(metrics)
        with uninterrupted():
            self.best.look_at(self.epoch, metrics, weights_of(self.engine.descent.result))
            lr = self.engine.descent.rate(ahead=-1)
            self._look_at(metrics)
            best = self.best.best.epoch if self.best.best else 0
            layers = self._norms() if self._is_watched else {}
            done = EpochDone(self.epoch, metrics, self._epoch_seconds, best, layers, lr)
            self.epoch += 1
            self._earlier_seconds += self._epoch_seconds
            self._measurement = self._measurement.anew()
            self._epoch_seconds, self._done, self._metrics = 0.0, done, metrics
            self._begin = self._checkpoint = None  # before there is a copy of what it ends with
        return done

    def _look_at(self, metrics: Mapping[str, float]) -> None:
        """Let the schedule see the metrics of an epoch that is done."""
        rates = self.program.rates
        if rates and rates.plateau:
            self.engine.descent.look_at(metrics, self.program.rises(rates.plateau.metric))

    def _norms(self) -> dict[str, LayerNorms]:
        assert self._begin, "an epoch has begun"
        with torch_threads(self.threads):
            before = self._begin.good["parameters"]
            return layer_norms(self.engine, self.batches.batch(self.cursor), before)

    def _check(self, metrics: Mapping[str, float]) -> None:
        """Raise NetError if a loss among ``metrics`` is not finite. The network then has the
        weights of the best epoch so far, or without a stopping rule those of the last good one.
        """
        problem = divergence(self.program, self.split.train, metrics, self.epoch)
        if not problem:
            return
        self.has_diverged = True
        begin = self._begin
        assert begin, "an epoch has begun"
        self._checkpoint, self._is_over = begin, True
        if isinstance(problem, Diverged) and begin.cursor.epoch == self.epoch:
            begin.restore(self.engine)
            start, seed = begin.cursor, self.program.seed
            if bad := first_bad_step(self.engine, self.batches, start, seed):
                rate = self.engine.descent.rate(self._steps_before(bad.step))
                problem = problem.replace(**vars(bad), rate=rate)
        self._leave(begin)
        raise NetError(problem)

    def _left_alone(self, error: WorkerLost | WorkersDiffer) -> LeftAlone:
        """What to raise where the workers cannot go on together, between any two steps."""
        interruption.ignore()  # whoever started the workers ends those that are left
        self._is_over = True
        if isinstance(error, WorkersDiffer):
            return LeftAlone(WorkersHaveOtherBits(None, self.program.source.name, str(error)))
        lost = WorkerIsLost(None, self.program.source.name, str(error), self.epoch - 1)
        return LeftAlone(lost)

    def _steps_before(self, step: int) -> int:
        """How many steps ahead of the next one that of the epoch is, counted from 1."""
        done = (self.epoch - 1) * self.batches.steps + step - 1
        return done - self.optimizer.steps

    def _leave(self, end: Checkpoint) -> None:
        """Take the weights of the result. ``end`` is of where training was."""
        self._checkpoint, self._is_over = end, True
        best = self.best.best
        kept = best.tensors if best else end.result
        for network in (self.network, self.engine.descent.result):
            for name, tensor in weights_of(network).items():
                tensor.copy_(kept[name])
        if best:
            self._metrics = best.metrics

    def _measure(self, part: str, samples: Samples) -> dict[str, float]:
        """The loss and metrics of a part that is not trained on."""
        measurement = self._new_measurement(part)
        for piece in samples.pieces():
            measurement.add_all(self._evaluated(piece.inputs), piece)
        return measurement.values()

    def _evaluated(self, inputs: Tensor) -> Iterator[Tensor]:
        """The outputs for inputs, part by part. Workers find some of them each."""
        if not isinstance(self.engine, SharedEngine):
            yield from self.engine.evaluate(inputs)
            return
        parts = self.engine.evaluate_together(inputs)
        while True:
            with uninterrupted():  # others wait for what this one finds
                try:
                    part = next(parts, None)
                except WorkerLost as error:
                    raise self._left_alone(error) from error
            if part is None:
                return
            yield part

    def _new_measurement(self, part: str) -> Measurement:
        units = self.split.units(max(1, len(self.program.outputs)))
        return Measurement(self.program, self.loss, part, units)


def _threads(start: Checkpoint | None) -> int:
    """How many threads torch has: as many as in the run of ``start``, to whose bits they belong,
    where this machine has so many processors.
    """
    own: int = torch.get_num_threads()
    return start.threads if start and 0 < start.threads <= max(own, processors()) else own
