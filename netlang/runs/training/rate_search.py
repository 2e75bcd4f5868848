"""Which learning rate suits a program: it grows from step to step until the loss explodes.

Source: Smith 2017, "Cyclical learning rates for training neural networks".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from netlang.compiler.ir import Program
from netlang.engine import Cursor
from netlang.engine.batches import Batch
from netlang.language.diagnostics import Diagnostic, DiagnosticError
from netlang.runs.training.divergence import divergence
from netlang.runs.training.measurement import total_of
from netlang.runs.training.training import Training
from netlang.system.lazy import torch
from netlang.system.record import Record

_SMOOTHING = 0.8  # how much of the mean of the losses stays from step to step
_LOOKED_AT = 256  # samples whose loss is taken before each step
_MOST_BATCHES = 16  # in which they are
_EXPLODED = 4.0  # times the least loss so far
_AROUND = 0.05  # of the steps, before and behind a rate
_FIRST = 0.1  # of the steps, in which the mean is not yet one of many


class RateSearch(Record):
    """The ``rates`` of the steps, the ``losses`` of the same samples before each of them, and these
    ``smoothed``. The search ``exploded`` if the loss did before the last rate was tried.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    exploded: bool

    @property
    def suggested(self) -> float | None:
        """The rate at which the smoothed loss falls fastest on the way to its least; None if it
        does not fall.

        How fast it falls at a rate is its change from some rates before it to as many behind it:
        from one step to the next, weights go back and forth more than that.
        """
        first, around = int(_FIRST * len(self.rates)), max(1, int(_AROUND * len(self.rates)))
        losses = [one if math.isfinite(one) else math.inf for one in self.smoothed]
        least = min(range(first, len(losses)), key=lambda number: losses[number])
        changes = {
            number: losses[number + around] - losses[number - around]
            for number in range(max(first, around), min(least + 1, len(losses) - around))
        }
        best = min(changes, key=lambda number: changes[number], default=None)
        return self.rates[best] if best is not None and changes[best] < 0 else None

    def as_data(self) -> dict[str, object]:
        """The search as JSON holds it, which has no infinite numbers."""
        losses = [one if math.isfinite(one) else None for one in self.losses]
        return {
            "suggested": self.suggested,
            "exploded": self.exploded,
            "rates": [*self.rates],
            "losses": losses,
            "smoothed": [one if math.isfinite(one) else None for one in self.smoothed],
        }


def search_rate(
    program: Program, backend: str, least: float, most: float, steps: int
) -> RateSearch:
    """Train a fresh network for so many ``steps``, while the rate grows from ``least`` to ``most``,
    each time by the same factor. It stops where the smoothed loss is four times its least.

    Raises DiagnosticError as ``Training`` does, and if there is no loss before the first step.
    """
    training = Training(program.with_settings(schedule=(), stop=None, average=None), backend)
    rates = [least * (most / least) ** (step / (steps - 1)) for step in range(steps)]
    losses: list[float] = []
    smoothed: list[float] = []
    mean, exploded = 0.0, False
    for loss in _losses(training, rates):
        if not losses and (problem := _no_loss(training, loss)):
            raise DiagnosticError(problem)
        losses.append(loss)
        mean = _SMOOTHING * mean + (1 - _SMOOTHING) * loss
        smoothed.append(mean / (1 - _SMOOTHING ** len(losses)))
        if not math.isfinite(loss) or smoothed[-1] > _EXPLODED * min(smoothed):
            exploded = True
            break
    return RateSearch(tuple(rates[: len(losses)]), tuple(losses), tuple(smoothed), exploded)


def _losses(training: Training, rates: list[float]) -> Iterator[float]:
    """The loss of the same samples before each step. Each epoch goes on where rates are left."""
    engine, batches = training.engine, training.batches
    looked_at = min(batches.steps, _MOST_BATCHES, max(1, _LOOKED_AT // batches.size))
    same = [batches.batch(Cursor(1, step)) for step in range(looked_at)]
    cursor = training.cursor
    for rate in rates:
        yield _loss(training, same)
        for _ in engine.run(batches, cursor, 1, {"lr": rate}):
            pass
        cursor = batches.after(cursor)


def _no_loss(training: Training, first: float) -> Diagnostic | None:
    """What is wrong if the loss is not finite before any step."""
    return divergence(training.program, training.split.train, {"train.loss": first}, 1)


def _loss(training: Training, batches: Sequence[Batch]) -> float:
    """The mean over these batches of what a step would make small, dropout and all."""
    engine, parts = training.engine, []
    for batch in batches:
        y = engine.gradients(batch)
        with torch.inference_mode():
            t = batch.targets.to(y) if batch.targets.is_floating_point() else batch.targets
            parts.append(training.loss.means(y, t, batch.weights))
    return total_of(parts)
