"""How the time of a sample grows with a network's width, its depth, and the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.contestants import NETLANG, PEERS, Contestant
from tests.benchmarks.measure import Times, in_turns, turn
from tests.benchmarks.workloads import Workload, classifier

WIDTH, DEPTH, BATCH = 64, 4, 64  # of what a sweep does not change
SAMPLES = 1024
SCALED = (*NETLANG, PEERS[0])


@dataclass(frozen=True)
class Sweep:
    """``workload`` of each of ``values``, which are of ``name``; the others stay as ``fixed``."""

    name: str
    fixed: str
    values: Sequence[int]
    workload: Callable[[int], Workload]


def plain(width: int = WIDTH, depth: int = DEPTH, batch: int = BATCH) -> Workload:
    """``depth`` hidden layers between a first and a last one."""
    return classifier(batch, inputs=width, width=width, depth=depth, samples=max(batch, SAMPLES))


SWEEPS = (
    Sweep(
        "width",
        f"depth {DEPTH}, batch {BATCH}",
        (8, 16, 32, 64, 128, 256, 512, 1024),
        lambda width: plain(width=width),
    ),
    Sweep(
        "depth",
        f"width {WIDTH}, batch {BATCH}",
        (1, 2, 4, 8, 16, 32, 64),
        lambda depth: plain(depth=depth),
    ),
    Sweep(
        "batch",
        f"width {WIDTH}, depth {DEPTH}",
        (1, 4, 16, 64, 256, 1024, 4096),
        lambda batch: plain(batch=batch),
    ),
)


def sweep_times(sweep: Sweep, rounds: int, seconds: float) -> Mapping[int, Times]:
    """By value, the seconds of a sample."""
    return {
        value: sample_times(sweep.workload(value), SCALED, rounds, seconds)
        for value in sweep.values
    }


def sample_times(
    workload: Workload, contestants: Sequence[Contestant], rounds: int, seconds: float
) -> Times:
    turns = {
        contestant.name: turn(contestant.trainer(workload), workload.samples, seconds)
        for contestant in contestants
    }
    return in_turns(turns, rounds)
