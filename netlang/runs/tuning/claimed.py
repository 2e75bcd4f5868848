"""A trial that this process trains: it tells the study how that goes, as long as it is its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from netlang.runs.tuning.optuna_trials import as_trial, counts, quiet
from netlang.runs.tuning.trials import Trial


class TakenOver(Exception):
    """Raised where a trial is no longer that of its process: another one makes it again."""


class Claimed:
    """A ``trial`` of Optuna's ``study``, with ``values`` by path, each as a file writes it.

    What tells how it goes raises TakenOver.
    """

    def __init__(self, study: Any, trial: Any, values: Mapping[str, str]) -> None:
        self._study, self._trial, self.values = study, trial, values
        self._began = time.monotonic()

    @property
    def number(self) -> int:
        """That of the trial, as long as none before it is given up."""
        found = self._study.get_trials(deepcopy=False)
        return sum(map(counts, found[: self._trial.number + 1]))

    @property
    def overrides(self) -> tuple[str, ...]:
        return tuple(f"{path}={text}" for path, text in self.values.items())

    def falls_behind(self, epoch: int, value: float) -> bool:
        """Take note of an epoch's value, and say whether the trial had better end."""
        with self._held():
            self._trial.report(value, epoch)
            return bool(self._trial.should_prune())

    def done(self, value: float, epochs: int) -> Trial:
        return self._end("COMPLETE", epochs, value)

    def pruned(self, epochs: int) -> Trial:
        return self._end("PRUNED", epochs)

    def failed(self, reason: str, epochs: int) -> Trial:
        with self._held():
            self._trial.set_user_attr("why", reason)
        return self._end("FAIL", epochs)

    def _end(self, state: str, epochs: int, value: float | None = None) -> Trial:
        from optuna.trial import TrialState

        seconds = time.monotonic() - self._began
        with self._held():
            self._trial.set_user_attr("epochs", epochs)
            self._trial.set_user_attr("seconds", round(seconds, 3))
            self._study.tell(self._trial, value, state=getattr(TrialState, state))
        found = self._study.get_trials(deepcopy=False)
        return as_trial(self.number, found[self._trial.number])

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Raise TakenOver where another process took this one for dead, as a machine that slept:
        before, or in the middle of what it tells, where Optuna refuses to go on.
        """
        self._check()
        try:
            with quiet():
                yield
        except (RuntimeError, ValueError):
            self._check()
            raise

    def _check(self) -> None:
        if self._study._storage.get_trial(self._trial._trial_id).state.is_finished():
            raise TakenOver
