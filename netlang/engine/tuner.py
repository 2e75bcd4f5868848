"""The tuner finds how many steps a call should do to be back soon, and on how many threads."""

from __future__ import annotations

from collections import deque

_SECONDS = 0.1  # that a call should take, so that an interruption is heard
_REMEMBERED = 3  # calls on each number of threads, of which the fastest counts
_TRIED_AGAIN = 64  # calls after which the slower number of threads gets another chance


class Tuner:
    """Chooses by what the calls so far took. The number of threads changes no result.

    Several threads may be slower than one: on a busy machine, they wait for each other.
    """

    def __init__(self, threads: int) -> None:
        """``threads`` can share a step at most."""
        self.steps = 1  # the speed is not known yet; each call may do twice as many
        self.threads = 1
        self._seconds = {count: deque[float](maxlen=_REMEMBERED) for count in (1, threads)}
        self._calls = 0

    def record(self, steps: int, seconds: float) -> None:
        """Choose what the next call does, now that one of so many ``steps`` took so long."""
        if 2 * steps < self.steps:
            return  # the rest of an epoch is too short: to start threads takes a large part of it
        self._calls += 1
        each = max(seconds, 1e-6) / steps
        self._seconds[self.threads].append(each)
        self.steps = max(1, min(2 * steps, int(_SECONDS / each)))
        tried = [count for count, took in self._seconds.items() if took]
        best = min(tried, key=lambda count: min(self._seconds[count]))
        others = [count for count in self._seconds if count != best]
        # The first calls say least, so that a second chance comes after 1, 2, 4, ... of them.
        is_due = self._calls % _TRIED_AGAIN == 0 or self._calls & (self._calls - 1) == 0
        self.threads = others[0] if is_due and others else best
