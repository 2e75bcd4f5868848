"""How much a call does: so many steps that it is soon back, on as many threads as prove to pay."""

from __future__ import annotations

_SECONDS = 0.1  # about what a call takes, so that an interruption is heard
_FIRST_WORK = 1 << 26  # multiply-adds in the first calls, whose speed is not known yet
_TRIED_AGAIN = 64  # calls after which the slower number of threads gets another chance


class Pace:
    """The number of threads changes no result, so that it may be chosen by what was measured:
    on a machine that is busy otherwise, threads that wait for each other are slower than one.
    """

    def __init__(self, macs: int, threads: int) -> None:
        """``macs`` are those of a step, ``threads`` the most that can share it."""
        self.steps = max(1, _FIRST_WORK // max(1, macs))
        self.threads = 1
        self._choices = sorted({1, threads})
        self._seconds: dict[int, float] = {}  # for a step, the last time that it was tried
        self._calls = 0

    def told(self, steps: int, seconds: float) -> None:
        """A call of so many steps took so long: settle what the next one does."""
        self._calls += 1
        each = max(seconds, 1e-6) / steps
        self._seconds[self.threads] = each
        self.steps = max(1, min(2 * steps, int(_SECONDS / each)))
        untried = [choice for choice in self._choices if choice not in self._seconds]
        best = min(self._seconds, key=self._seconds.__getitem__)
        self.threads = (untried or [best])[0]
        if self._calls % _TRIED_AGAIN == 0:
            self.threads = next((choice for choice in self._choices if choice != best), best)
