"""Several threads beside one, and whether they give the same bits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.benchmarks.contestants import BY_NAME, NETLANG, CannotTake, Contestant, Trainer
from tests.benchmarks.measure import Times, in_turns, turn
from tests.benchmarks.workloads import Floats, Workload

THREADED = (*NETLANG, *(BY_NAME[name] for name in ("torch.nn", "fused", "channels last")))
EPOCHS = 2  # whose bits are compared


@dataclass(frozen=True)
class Speedup:
    """Seconds of a step on so many ``threads`` and on one, in the same rounds, by contestant; and
    those whose weights have the ``same_bits`` after both.
    """

    threads: int
    times: Times
    same_bits: Collection[str]

    @property
    def names(self) -> list[str]:
        return [name for name in self.times.rounds if on_one_thread(name) in self.times.rounds]


def on_one_thread(name: str) -> str:
    return f"{name}, one thread"


def give(threads: int) -> None:
    """To torch, and so to netlang."""
    import torch  # not above, as threads are limited before it is imported

    torch.set_num_threads(threads)


class OnThreads:
    """A contestant that has so many threads of torch's whenever it trains."""

    def __init__(self, contestant: Contestant, workload: Workload, threads: int) -> None:
        self.threads = threads
        give(threads)
        self.trainer: Trainer = contestant.trainer(workload)

    def train(self, epochs: int) -> None:
        give(self.threads)
        self.trainer.train(epochs)

    def weights(self) -> list[Floats]:
        return self.trainer.weights()


def measured(
    workload: Workload,
    threads: int,
    rounds: int,
    seconds: float,
    contestants: Sequence[Contestant] = THREADED,
) -> Speedup:
    turns, same = {}, set()
    for one in contestants:
        if one.missing or not one.takes(workload):
            continue
        try:
            of_counts = [OnThreads(one, workload, count) for count in (threads, 1)]
        except CannotTake:
            continue
        for name, trainer in zip((one.name, on_one_thread(one.name)), of_counts, strict=True):
            turns[name] = turn(trainer, workload.steps, seconds)
        if one in NETLANG and have_same_bits(one, workload, threads):
            same.add(one.name)
    return Speedup(threads, in_turns(turns, rounds), same)


def have_same_bits(contestant: Contestant, workload: Workload, threads: int) -> bool:
    """Whether the weights of a short training are the same on one thread and on several."""
    short = replace(workload, samples=3 * workload.batch)
    trained = [OnThreads(contestant, short, count) for count in (1, threads)]
    for trainer in trained:
        trainer.train(EPOCHS)
    one, several = (trainer.weights() for trainer in trained)
    return all(map(np.array_equal, one, several))
