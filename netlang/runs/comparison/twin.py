"""A program's twin is its export to PyTorch, which is written to a file, imported and trained."""

from __future__ import annotations

import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from netlang.catalogue.augment import Seen
from netlang.catalogue.data import Samples
from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.training.divergence import divergence
from netlang.runs.training.events import EpochDone
from netlang.system.files import why_unreadable, write_whole
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Twin:
    """Writes the export of ``program`` to ``file``, and imports it as ``code``. ``modules`` has the
    names of the modules in its ``Model`` by the numbers of their nodes. Both train all epochs: a
    stopping rule is left out, as the two would not stop together.

    Raises Unsupported, and OSError.
    """

    def __init__(self, program: Program, file: Path) -> None:
        if program.stop:
            program = program.with_settings(stop=None)
        exported = to_pytorch(program, file.parent.resolve())
        write_whole(file, exported.source)
        self.program, self.modules = program, exported.modules
        self.code: Any = SimpleNamespace(**runpy.run_path(str(file.absolute())))

    def training(self, seed: int) -> TwinTraining:
        """Load the data and make the model for a training from ``seed``.

        Raises NetError where a data file cannot be read any more.
        """
        torch.manual_seed(seed)
        try:
            data = self.code.load_data(seed)
        except OSError as error:
            path = Path(error.filename or self.code.__file__)
            help = "it could be read when the comparison began: put it back"
            reason, _ = why_unreadable(path, error)
            problem = DataFileUnreadable(None, str(path), reason, help)
            raise NetError(problem) from error
        return TwinTraining(self, seed, data)


class TwinTraining:
    """Trains a model of the twin with its optimizer, on ``data`` by part: inputs, targets, and
    weights if samples have any.
    """

    def __init__(self, twin: Twin, seed: int, data: dict[str, tuple[Tensor, ...]]) -> None:
        self.program, self.code = twin.program, twin.code
        self.seed, self.data = seed, data
        self.model: Any = self.code.Model()
        if self.program.beginning:
            self.code.begin(self.model)
        self.optimizer: Any = self.code.make_optimizer(self.model)
        self.evaluated: Any = self.model
        self._seen: Tensor | None = None  # the last epoch's targets, where these are changed
        self._beside: list[Any] = []  # what a step takes beside the optimizer
        make = getattr(self.code, "make_plateau", None)
        self._plateau: Any = make(self.optimizer) if make else None
        make = getattr(self.code, "make_schedule", None)
        schedule: Any = make(self.optimizer, self.program.steps_of_epoch) if make else None
        self._looks = schedule.is_over if schedule and self._plateau else lambda: True
        self._beside += [schedule] if schedule else []
        if make := getattr(self.code, "make_average", None):
            self.evaluated = make(self.model)
            self._beside.append(self.evaluated)

    def events(self) -> Iterator[EpochDone]:
        """Train and measure all epochs.  Raises NetError where training diverges."""
        for epoch in range(1, self.program.epochs + 1):
            began = time.perf_counter()
            y, order = self.epoch()
            seconds = time.perf_counter() - began
            metrics = dict(self._measured(y, order))
            if problem := divergence(self.program, Samples(*self.data["train"]), metrics, epoch):
                raise NetError(problem)
            if self._plateau and self._looks():
                self._plateau.step(metrics[str(self.program.schedules[-1].values["metric"])])
            yield EpochDone(epoch, metrics, seconds)

    def epoch(self, order: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Train for one pass over the samples; returns the model's outputs, and their order."""
        samples = self.data["train"]
        order = torch.randperm(len(samples[0]), device="cpu") if order is None else order
        found = self.code.train_epoch(self.model, self.optimizer, *self._beside, *samples, order)
        y, self._seen = found if isinstance(found, tuple) else (found, None)
        return y, order

    def give_samples(self, seen: Callable[[Tensor, Tensor, Tensor], Seen]) -> None:
        """Let it train on samples as they are ``seen``, in place of what it would draw."""

        def augment(x: Tensor, t: Tensor, order: Tensor) -> tuple[Tensor, Tensor]:
            found = seen(x, t, order)
            return found.inputs, found.of_loss

        self.code.train_epoch.__globals__["augment"] = augment

    def _measured(self, y: Tensor, order: Tensor) -> Iterator[tuple[str, float]]:
        """Loss and metrics by path: of an epoch's outputs ``y``, and of all parts held out."""
        for part, (inputs, *compared) in self.data.items():
            if part == "train":
                t, *weights = (one[order] for one in compared)
                t = t if self._seen is None else self._seen
                measured = self.code.measure(y, t, *weights)
            else:
                measured = self.code.measure(self.evaluate(inputs), *compared)
            for name, value in measured.items():
                yield f"{part}.{name}", value

    def evaluate(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.code.evaluate(self.evaluated, inputs)
        return outputs
