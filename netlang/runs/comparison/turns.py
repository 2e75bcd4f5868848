"""Netlang and a file's twin train it in turns, each time from another seed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from netlang.compiler.ir import Program
from netlang.engine.threads import torch_threads
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.runs.comparison.twin import Twin, TwinTraining
from netlang.runs.training.events import EpochDone
from netlang.runs.training.training import Training
from netlang.system.record import Record

_Look = Callable[[Training, TwinTraining], None]
_Trained = TypeVar("_Trained", Training, TwinTraining)
_SEEDS = 1 << 63  # a file's seed is below


class Run(Record):
    """One training. It took ``seconds`` from a checked file to trained weights, without evaluation,
    and ``train_seconds`` for the steps alone.

    ``history`` has the metrics of each epoch by path. If the training diverged, ``problem`` says
    what is wrong, and the last epoch of ``history`` is the one before.
    """

    seed: int
    history: Sequence[Mapping[str, float]]
    seconds: float
    train_seconds: float
    problem: Diagnostic | None = None

    def end(self, metric: str) -> float:
        """The metric after the last epoch; NaN if training diverged."""
        return math.nan if self.problem else self.history[-1][metric]


class Turn(Record):
    """A run of either side. ``engine`` trained ours; ``note`` says why if another was asked for.
    Up to ``threads`` shared a step of either.
    """

    ours: Run
    theirs: Run
    engine: str
    threads: int
    note: str = ""

    @property
    def sides(self) -> dict[str, Run]:
        return {"netlang": self.ours, "PyTorch": self.theirs}

    @property
    def problem(self) -> Diagnostic | None:
        """What is wrong if one of the two diverged."""
        return self.ours.problem or self.theirs.problem


def in_turns(twin: Twin, backend: str, runs: int, look: _Look | None = None) -> Iterator[Turn]:
    """Train with both, ``runs`` times in turns. ``look`` is called with the two trainings of the
    first turn as it ends. No training is held when its turn is over.

    Netlang takes the file's own seed and those after it, and PyTorch the next ones. All runs
    are independent then, so that a test may compare them. After the largest seed comes 0.
    """
    seed = twin.program.seed
    twin.training(seed)  # the first optimizer imports more of PyTorch, untimed
    for run in range(runs):
        seeds = (seed + run) % _SEEDS, (seed + runs + run) % _SEEDS
        yield _turn(twin, backend, seeds, None if run else look)


def _turn(twin: Twin, backend: str, seeds: tuple[int, int], look: _Look | None) -> Turn:
    program, (our_seed, their_seed) = twin.program, seeds
    ours, training = _run(our_seed, lambda: Training(program.with_settings(seed=our_seed), backend))
    engine = training.engine
    with torch_threads(engine.threads):
        theirs, twin_training = _run(their_seed, lambda: twin.training(their_seed))
    if look:
        look(training, twin_training)
    return Turn(ours, theirs, engine.name, engine.threads, engine.note)


def _run(seed: int, begin: Callable[[], _Trained]) -> tuple[Run, _Trained]:
    """Train as ``begin`` says, to the end or until training diverges."""
    began = time.perf_counter()
    training = begin()
    preparation = time.perf_counter() - began
    history: list[Mapping[str, float]] = []
    train_seconds = 0.0
    problem = None
    try:
        for event in training.events():
            if isinstance(event, EpochDone):
                history.append(event.metrics)
                train_seconds += event.seconds
    except NetError as error:
        (problem,) = error.diagnostics
    return Run(seed, history, preparation + train_seconds, train_seconds, problem), training


class Comparison(Record):
    """All runs of a file. ``metric`` is compared: the file's first one, or else the loss."""

    program: Program
    turns: tuple[Turn, ...]

    @property
    def name(self) -> str:
        return self.program.source.name

    @property
    def metric(self) -> str:
        return self._judged(next((one.paths[0] for one in self.program.measures), "loss"))

    @property
    def loss(self) -> str:
        return self._judged("loss")

    def _judged(self, name: str) -> str:
        """The path of a measurement on the data that a network is judged by."""
        description = self.program.description
        return f"{description.judged if description else 'test'}.{name}"

    @property
    def sides(self) -> dict[str, list[Run]]:
        """The runs of each side."""
        return {side: [turn.sides[side] for turn in self.turns] for side in self.turns[0].sides}

    @property
    def ratios(self) -> list[float]:
        """Our time over theirs for each turn in which neither diverged, the smallest first."""
        both = ((turn.ours, turn.theirs) for turn in self.turns if not turn.problem)
        return sorted(ours.seconds / theirs.seconds for ours, theirs in both)

    @property
    def problem(self) -> Diagnostic | None:
        """What was wrong with the first run that diverged, if any did."""
        return next((turn.problem for turn in self.turns if turn.problem), None)
