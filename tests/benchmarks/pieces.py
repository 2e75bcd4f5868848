"""Thousands of samples at once do not fit into a processor's cache, where hundreds may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.workloads import Floats

PIECE = 250  # samples
TRIALS = 3
LONG = 0.1  # seconds of a trial that needs no other


def in_pieces(run: Callable[[Any], Floats], inputs: Any) -> Callable[[], Floats]:
    """What runs for all inputs at once, or piece by piece if that is faster here and now."""
    # Not imported above, as all that measures knows the contestants.
    from tests.benchmarks.measure import seconds_of

    def whole() -> Floats:
        return run(inputs)

    if len(inputs) <= PIECE:
        return whole
    pieces = [inputs[at : at + PIECE] for at in range(0, len(inputs), PIECE)]

    def apart() -> Floats:
        return np.concatenate([run(piece) for piece in pieces])

    def fastest(way: Callable[[], Floats]) -> float:
        way()
        first = seconds_of(way)
        more = 0 if first > LONG else TRIALS - 1
        return min([first, *(seconds_of(way) for _ in range(more))])

    return min((whole, apart), key=fastest)
