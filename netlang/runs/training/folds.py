"""A program is trained once for each fold of its data, and judged by what all of them give.

Source: Stone 1974, cross-validation.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence

from netlang.catalogue.data import Table
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.runs.training.events import Finished, Outcome
from netlang.runs.training.training import Training
from netlang.system.record import Record


class FoldsDone(Record):
    """So many ``folds`` are trained: the ``means`` of their metrics, and how far they deviate (with
    n - 1; one alone does not). Once all are, what was expected is held against the means.
    """

    means: Mapping[str, float]
    deviations: Mapping[str, float]
    outcomes: tuple[Outcome, ...]
    train_seconds: float
    engine: str
    folds: int

    @property
    def ok(self) -> bool:
        return all(outcome.met for outcome in self.outcomes)

    def as_data(self) -> dict[str, object]:
        """The result as JSON holds it."""
        return {
            "event": "result",
            "folds": self.folds,
            "metrics": dict(self.means),
            "deviations": dict(self.deviations),
            "train_seconds": self.train_seconds,
            "backend": self.engine,
            "expectations": [one.as_data() for one in self.outcomes],
        }


def folds_of(program: Program) -> int:
    """In how many folds the program is to be trained; 0 if that is once, on one split."""
    data = program.data
    return data.folds if isinstance(data, Table) and data.fold is None else 0


def by_fold(program: Program) -> Iterator[Program]:
    """The program for each fold, without what the file expects of all of them."""
    for fold in range(1, folds_of(program) + 1):
        overrides = (*program.overrides, f"data.fold={fold}")
        made = compile_source(program.source, overrides, to_run=True).require()
        yield made.replace(expectations=())


def summary(program: Program, ends: Sequence[Finished]) -> FoldsDone:
    """What the trainings of the first folds, or of all of them, give together."""
    columns = {name: [end.metrics[name] for end in ends] for name in ends[0].metrics}
    means = {name: statistics.fmean(column) for name, column in columns.items()}
    several = len(ends) > 1
    deviations = {n: statistics.stdev(column) for n, column in columns.items() if several}
    expected = program.expectations if len(ends) == folds_of(program) else ()
    outcomes = tuple(Outcome(one, means[one.metric]) for one in expected)
    seconds = sum(end.train_seconds for end in ends)
    return FoldsDone(means, deviations, outcomes, seconds, ends[0].engine, len(ends))


def outcomes_of(program: Program) -> tuple[Outcome, ...]:
    """Train the program, each of its folds if it has any, and say what came of its expectations.

    Raises NetError where a training diverges.
    """
    if not folds_of(program):
        return _trained(program).outcomes
    return summary(program, [*map(_trained, by_fold(program))]).outcomes


def _trained(program: Program) -> Finished:
    return next(event for event in Training(program).events() if isinstance(event, Finished))
