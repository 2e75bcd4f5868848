"""How much a call does: so many steps that it is soon back, on as many threads as prove to pay."""

from __future__ import annotations

from collections import deque

_SECONDS = 0.1  # about what a call takes, so that an interruption is heard
_REMEMBERED = 3  # calls of each number of threads; the fastest of them counts
_TRIED_AGAIN = 64  # calls after which the slower number of threads gets another chance


class Tuner:
    """Chooses how many steps a call does, and on how many threads, by what calls took so far.

    The number of threads changes no result. On a machine that is busy otherwise, threads that wait
    for each other are slower than one.
    """

    def __init__(self, threads: int) -> None:
        """``threads`` are the most that can share a step."""
        self.steps = 1  # and then twice as many in each call, as the speed is not known yet
        self.threads = 1
        self._seconds = {count: deque[float](maxlen=_REMEMBERED) for count in (1, threads)}
        self._calls = 0

    def record(self, steps: int, seconds: float) -> None:
        """Choose what the next call does, as one of so many ``steps`` took so long."""
        if 2 * steps < self.steps:
            return  # the rest of an epoch, in which starting the threads weighs more
        self._calls += 1
        each = max(seconds, 1e-6) / steps
        self._seconds[self.threads].append(each)
        self.steps = max(1, min(2 * steps, int(_SECONDS / each)))
        tried = [count for count, took in self._seconds.items() if took]
        best = min(tried, key=lambda count: min(self._seconds[count]))
        others = [count for count in self._seconds if count != best]
        # The first calls tell least, so that a second chance comes after 1, 2, 4, ... of them.
        is_due = self._calls % _TRIED_AGAIN == 0 or self._calls & (self._calls - 1) == 0
        self.threads = others[0] if is_due and others else best
