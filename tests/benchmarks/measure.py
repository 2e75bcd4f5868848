"""Times of contestants that take turns, and what to say of them: medians, ratios and spreads."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.contestants import Trainer


@dataclass(frozen=True)
class Ratio:
    """How many times longer: of medians, and 10 % and 90 % of the rounds' own ratios."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Times:
    """Seconds, by contestant and round: all take a turn in each round."""

    rounds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def ratio(self, name: str, to: str) -> Ratio:
        """Of the times of ``name`` over those of ``to``."""
        of_rounds = [
            one / other for one, other in zip(self.rounds[name], self.rounds[to], strict=True)
        ]
        low, high = spread(of_rounds)
        return Ratio(self.median(name) / self.median(to), low, high)


def spread(values: Sequence[float]) -> tuple[float, float]:
    """What 10 % of the values are below, and what 10 % are above."""
    if len(values) < 2:
        return values[0], values[0]
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return tenths[0], tenths[-1]


def in_turns(turns: Mapping[str, Callable[[], float]], rounds: int) -> Times:
    """Each of ``turns`` does something and says how long it took; ``rounds`` times, one by one."""
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            seconds[name].append(turn())
    return Times(seconds)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def turn(trainer: Trainer, steps: int, seconds: float) -> Callable[[], float]:
    """A turn of whole epochs of ``steps`` steps, about ``seconds`` long; it gives those of a step.

    Compilation and caches are behind it when this returns.
    """
    trainer.train(1)
    trainer.train(1)
    epochs = max(1, round(seconds / seconds_of(lambda: trainer.train(1))))
    return lambda: seconds_of(lambda: trainer.train(epochs)) / (epochs * steps)


def calls(work: Callable[[], object], seconds: float) -> Callable[[], float]:
    """A turn of so many calls that it is about ``seconds`` long; it gives those of a call."""
    work()
    count = max(1, round(seconds / seconds_of(work)))

    def repeated() -> float:
        return seconds_of(lambda: [work() for _ in range(count)]) / count

    return repeated
