"""Netlang and a file's twin train it in turns, each time from another seed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data import Split
from netlang.compiler.ir import Program
from netlang.engine.threads import thread_count, threads_for
from netlang.runs import EpochDone, Training
from netlang.runs.comparison.twin import Twin
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

History = Sequence[Mapping[str, float]]  # for each epoch, its metrics by path


class Run(Record):
    """One training. It took ``seconds`` from a checked file to trained weights, without evaluation,
    and ``train_seconds`` for the steps alone.

    ``evaluate`` gives the trained network's outputs, ``split`` is its data.
    ``note`` says why ``backend`` is not the one that was asked for.
    """

    seed: int
    history: History
    seconds: float
    train_seconds: float
    backend: str
    evaluate: Callable[[Tensor], Tensor]
    split: Split
    note: str = ""


class Turn(Record):
    ours: Run
    theirs: Run

    @property
    def ratio(self) -> float:
        """Our time over theirs."""
        return self.ours.seconds / self.theirs.seconds


def in_turns(twin: Twin, backend: str, runs: int) -> Iterator[Turn]:
    """Train with both, ``runs`` times in turns.

    Netlang takes the file's own seed and those after it, and PyTorch the next ones: as all runs are
    then independent, a test may compare them.  Raises DiagnosticError where training diverges.
    """
    program = twin.program
    twin.train(program.seed)  # the first optimizer imports more of PyTorch, untimed
    for run in range(runs):
        ours = _ours(program.with_settings(seed=program.seed + run), backend)
        yield Turn(ours, _theirs(twin, program.seed + runs + run))


def _ours(program: Program, backend: str) -> Run:
    began = time.perf_counter()
    training = Training(program, backend)
    preparation = time.perf_counter() - began
    epochs = [event for event in training.events() if isinstance(event, EpochDone)]
    train_seconds = sum(epoch.seconds for epoch in epochs)
    return Run(
        program.seed,
        [epoch.metrics for epoch in epochs],
        preparation + train_seconds,
        train_seconds,
        training.engine.name,
        training.outputs,
        training.split,
        training.engine.note,
    )


def _theirs(twin: Twin, seed: int) -> Run:
    program = twin.program
    with threads_for(program.graph.macs * program.rows):
        began = time.perf_counter()
        training = twin.train(seed)
        preparation = time.perf_counter() - began
        history: list[Mapping[str, float]] = []
        train_seconds = 0.0
        for _ in range(program.epochs):
            began = time.perf_counter()
            y, t = training.epoch()
            train_seconds += time.perf_counter() - began
            history.append(dict(training.measured(y, t)))
    assert program.data
    return Run(
        seed,
        history,
        preparation + train_seconds,
        train_seconds,
        "torch",
        training.evaluate,
        program.data.load(seed),
    )


class Comparison(Record):
    """All runs of a file. ``metric`` is compared: the file's first one, or else the loss."""

    program: Program
    turns: Sequence[Turn]

    @property
    def name(self) -> str:
        return self.program.source.name

    @property
    def threads(self) -> int:
        return thread_count(self.program.graph.macs * self.program.rows)

    @property
    def metric(self) -> str:
        return f"test.{next((metric.name for metric in self.program.metrics), 'loss')}"

    @property
    def sides(self) -> dict[str, list[Run]]:
        """The runs of each side."""
        return {
            "netlang": [turn.ours for turn in self.turns],
            "PyTorch": [turn.theirs for turn in self.turns],
        }

    @property
    def ratios(self) -> list[float]:
        """Our time over theirs for each turn, the smallest first."""
        return sorted(turn.ratio for turn in self.turns)
