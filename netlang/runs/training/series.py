"""A program is trained several times, and judged by what all of these trainings give.

That is once for each fold of its data, or once for each of some seeds.

Source: Stone 1974, cross-validation.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from netlang.catalogue.data import Table
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.syntax import ByOption
from netlang.runs.training.events import Finished, Outcome
from netlang.runs.training.training import Training
from netlang.system.record import Record

FOLD, SEED = "fold", "seed"  # what the trainings of a series are numbered by
_CONFIDENCE = 0.95  # that an interval has the mean of all seeds


class Series(Record):
    """The trainings of ``program`` that are judged together: one for each of the ``seeds``, or
    where there are none, for each fold of its data.
    """

    program: Program
    seeds: Sequence[int] = ()

    @property
    def kind(self) -> str:
        return SEED if self.seeds else FOLD

    @property
    def numbers(self) -> Sequence[int]:
        """By what number each training is called: its seed, or its fold, from 1."""
        return self.seeds or range(1, folds_of(self.program) + 1)

    def overrides(self, number: int) -> tuple[str, ...]:
        """What the command line of the training ``number`` would change."""
        others = self.program.overrides
        if not self.seeds:
            return (*others, f"data.fold={number}")
        return (*others, ByOption("--seeds", f"seed={number}"))

    def member(self, number: int) -> Program:
        """The program for one training, without what the file expects of all of them."""
        made = compile_source(self.program.source, self.overrides(number), to_run=True).require()
        return made.replace(expectations=())

    def summary(
        self, ends: Mapping[int, Finished], failures: Mapping[int, str] = MappingProxyType({})
    ) -> SeriesDone:
        """What the trainings give together that have come to their ``ends``; and why others failed.
        Once there is no other, what was expected is held against the means.
        """
        done = [ends[number] for number in self.numbers if number in ends]
        paths = done[0].metrics if done else ()
        columns = {path: [end.metrics[path] for end in done] for path in paths}
        several = len(done) > 1
        means = {path: statistics.fmean(column) for path, column in columns.items()}
        is_over = bool(done) and len(ends) + len(failures) == len(self.numbers)
        expected = self.program.expectations if is_over else ()
        return SeriesDone(
            kind=self.kind,
            numbers=tuple(number for number in self.numbers if number in ends),
            means=means,
            deviations={p: statistics.stdev(column) for p, column in columns.items() if several},
            outcomes=tuple(Outcome(one, means[one.metric]) for one in expected),
            train_seconds=sum(end.train_seconds for end in done),
            engine=done[0].engine if done else "",
            failures={n: failures[n] for n in self.numbers if n in failures},
        )


class SeriesDone(Record):
    """The trainings called by these ``numbers`` are done: the ``means`` of their metrics, and how
    far they deviate (with n - 1; one alone does not). ``failures`` say why others are not.
    """

    kind: str
    numbers: Sequence[int]
    means: Mapping[str, float]
    deviations: Mapping[str, float]
    outcomes: tuple[Outcome, ...]
    train_seconds: float
    engine: str
    failures: Mapping[int, str] = MappingProxyType({})

    @property
    def ok(self) -> bool:
        return bool(self.numbers) and not self.failures and all(one.met for one in self.outcomes)

    @property
    def intervals(self) -> Mapping[str, tuple[float, float]]:
        """The interval of each mean: 95 of 100 that are computed so have that of all seeds.

        Empty for folds, whose trainings share samples, and where scipy is not installed.
        """
        factor = _student(len(self.numbers)) if self.kind == SEED else None
        if factor is None:
            return {}
        half = {path: factor * one for path, one in self.deviations.items()}
        return {path: (self.means[path] - h, self.means[path] + h) for path, h in half.items()}

    def as_data(self) -> dict[str, object]:
        """The result as JSON holds it."""
        judged = {
            "metrics": dict(self.means),
            "deviations": dict(self.deviations),
            "train_seconds": self.train_seconds,
            "backend": self.engine,
            "expectations": [one.as_data() for one in self.outcomes],
        }
        if self.kind == FOLD:
            return {"event": "result", "folds": len(self.numbers), **judged}
        failed = {str(number): reason for number, reason in self.failures.items()}
        intervals = {path: list(interval) for path, interval in self.intervals.items()}
        return {
            "event": "result",
            "seeds": list(self.numbers),
            **judged,
            **({"intervals": intervals} if intervals else {}),
            **({"failed": failed} if failed else {}),
        }


def _student(count: int) -> float | None:
    """How many deviations of ``count`` numbers their mean's interval reaches to either side, by
    Student's distribution. None of fewer than two, and where scipy cannot say it.
    """
    if count < 2:
        return None
    try:
        from scipy.special import stdtrit
    except Exception:  # a broken installation raises what it likes
        return None
    return float(stdtrit(count - 1, (1 + _CONFIDENCE) / 2)) / math.sqrt(count)


def folds_of(program: Program) -> int:
    """In how many folds the program is to be trained; 0 if that is once, on one split."""
    data = program.data
    return data.folds if isinstance(data, Table) and data.fold is None else 0


def outcomes_of(program: Program) -> tuple[Outcome, ...]:
    """Train the program, each of its folds if it has any, and say what came of its expectations.

    Raises NetError where a training diverges.
    """
    if not folds_of(program):
        return _trained(program).outcomes
    folds = Series(program)
    ends = {number: _trained(folds.member(number)) for number in folds.numbers}
    return folds.summary(ends).outcomes


def _trained(program: Program) -> Finished:
    return next(event for event in Training(program).events() if isinstance(event, Finished))
