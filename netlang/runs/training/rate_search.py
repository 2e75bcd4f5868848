"""Which learning rate suits a program: it grows from step to step until the loss explodes.

Source: Smith 2017, "Cyclical learning rates for training neural networks".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.compiler.ir import Program
from netlang.engine import Batches, Cursor
from netlang.engine.batches import Batch
from netlang.engine.streaming import stretches
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.runs.training.divergence import divergence
from netlang.runs.training.measurement import total_of
from netlang.runs.training.training import Training
from netlang.system.lazy import torch
from netlang.system.record import Record

_LOOKS = 100  # at the loss, spread over the steps
_LOOKED_AT = 256  # samples, or their places, whose loss is taken each time
_MOST_BATCHES = 16  # in which they are
_AROUND = 4  # looks before and behind one, of whose losses the smoothed one is the mean
_EXPLODED = 3.0  # times as far above the least loss as that is above 0 or below the first
_BEGUN = 0.25  # of the fall of the loss: what is before it is hardly one
_HARDLY = 0.05  # of the first loss, by which it falls in a search that tells nothing


class RateSearch(Record):
    """The ``rates`` of some steps, the ``losses`` of the same samples before each of these, and
    both smoothed. The search ``exploded`` if the loss did before the last rate was tried.

    The rates are those of the first optimizer. What each learning rate of the file is to them, the
    ``proportions`` say by the name that it has on the command line, such as ``optimizer[1].lr``.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    exploded: bool
    proportions: Mapping[str, float]

    @property
    def smoothed(self) -> tuple[float, ...]:
        """The mean of each loss and a few before and behind it: weights go back and forth."""
        return tuple(
            _mean(self.losses[max(0, number - _AROUND) : number + _AROUND + 1])
            if math.isfinite(loss)
            else loss
            for number, loss in enumerate(self.losses)
        )

    @property
    def suggested(self) -> float | None:
        """The rate in the middle of the fall, between a quarter of it and the least smoothed loss;
        None if the loss hardly falls.

        Where it is least, a rate is too large already for a training that goes on for longer.
        """
        losses = self.smoothed
        first, least = losses[0], min(losses)
        if not first - least > _HARDLY * max(abs(first), abs(least)):
            return None
        begun = next(n for n, loss in enumerate(losses) if loss <= first - _BEGUN * (first - least))
        return math.sqrt(self.rates[begun] * self.rates[losses.index(least)])

    @property
    def settings(self) -> dict[str, str]:
        """The suggested learning rates, as the command line sets them; none without one."""
        if self.suggested is None:
            return {}
        first = float(f"{self.suggested:.2g}")
        return {name: f"{first * share:.3g}" for name, share in self.proportions.items()}

    def as_data(self) -> dict[str, object]:
        """The search as JSON holds it, which has no infinite numbers."""
        losses, smoothed = (
            [one if math.isfinite(one) else None for one in many]
            for many in (self.losses, self.smoothed)
        )
        return {
            "suggested": self.suggested,
            "settings": {name: float(rate) for name, rate in self.settings.items()},
            "exploded": self.exploded,
            "rates": [*self.rates],
            "losses": losses,
            "smoothed": smoothed,
        }


def search_rate(
    program: Program, backend: str, least: float, most: float, steps: int
) -> RateSearch:
    """Train a fresh network for so many ``steps``, while the rate grows from ``least`` to ``most``,
    each time by the same factor, or until the loss explodes. It is looked at a hundred times. Where
    there are several learning rates, as of several optimizers, all grow by that factor.

    Raises NetError as ``Training`` does, and if there is no loss before the first step.
    """
    training = Training(program.with_settings(schedule=(), stop=None, average=None), backend)
    tried = [least * (most / least) ** (step / (steps - 1)) for step in range(steps)]
    proportions = dict(_proportions(training.optimizer))
    rates: list[float] = []
    losses: list[float] = []
    for rate, loss in _looks(training, tried):
        if not losses and (problem := _no_loss(training, loss)):
            raise NetError(problem)
        rates.append(rate)
        losses.append(loss)
        if _explodes(losses):
            return RateSearch(tuple(rates), tuple(losses), True, proportions)
    return RateSearch(tuple(rates), tuple(losses), False, proportions)


def _proportions(optimizer: Optimizer) -> Iterator[tuple[str, float]]:
    """Each learning rate's name on the command line, and how large it is beside the first one."""
    is_list = isinstance(optimizer, SeveralOptimizers)
    rates = optimizer.scaled(1.0)
    first = next(iter(rates.values()))
    for name, rate in rates.items():
        own = name if name.startswith("[") else f"{'[0]' * is_list}.{name}"
        yield f"optimizer{own}", rate / first


def _looks(training: Training, rates: Sequence[float]) -> Iterator[tuple[float, float]]:
    """The loss of the same samples before steps, each with its rate. Each epoch goes on where rates
    are left.
    """
    engine, batches, cursor = training.engine, training.batches, training.cursor
    same, first = _first(batches), next(iter(training.optimizer.scaled(1.0).values()))
    between = max(1, len(rates) // _LOOKS)
    for step, rate in enumerate(rates):
        if step % between == 0:
            yield rate, _loss(training, same)
        for _ in stretches(engine, batches, cursor, 1, engine.descent.scaled(rate / first)):
            pass
        cursor = batches.after(cursor)


def _first(batches: Batches) -> list[Batch]:
    """The first batches, as many as have enough targets: a text has one at each of its places."""
    first: list[Batch] = []
    targets = 0
    while targets < _LOOKED_AT and len(first) < min(batches.steps, _MOST_BATCHES):
        first.append(batches.batch(Cursor(1, len(first))))
        whole = first[-1].targets
        targets += len(whole) if whole.is_floating_point() else whole.numel()
    return first


def _explodes(losses: Sequence[float]) -> bool:
    """Whether the last of the losses are far above the least, or the last one is no number."""
    last, least = _mean(losses[-_AROUND:]), min(losses)
    far = _EXPLODED * max(abs(least), losses[0] - least)
    return not math.isfinite(losses[-1]) or last > least + far


def _mean(losses: Sequence[float]) -> float:
    finite = [loss for loss in losses if math.isfinite(loss)]
    return sum(finite) / len(finite)


def _no_loss(training: Training, first: float) -> Diagnostic | None:
    """What is wrong if the loss is not finite before any step."""
    return divergence(training.program, training.split.train, {"train.loss": first}, 1)


def _loss(training: Training, batches: Sequence[Batch]) -> float:
    """The loss of these batches as in a step, dropout and all, but without penalties."""
    engine, parts = training.engine, []
    for batch in batches:
        y = engine.gradients(batch)
        with torch.inference_mode():
            t = batch.targets.to(y) if batch.targets.is_floating_point() else batch.targets
            parts.append(training.loss.means(y, t, batch.weights))
    return total_of(parts)
