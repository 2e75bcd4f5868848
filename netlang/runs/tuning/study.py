"""A study: its trials stand in a journal that any number of processes and machines share.

Optuna keeps the journal and proposes values. Which process trains which trial is settled here:
a trial is claimed under a lock, so that all processes together make as many as are asked for, and
one whose process has died is given up and proposed anew.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from netlang.compiler.ir.tunable import Tunable
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import JournalDamaged
from netlang.runs.tuning.candidates import as_texts, distributions, own_values
from netlang.runs.tuning.trials import Trial
from netlang.runs.tuning.workers import Worker, Writing, hold
from netlang.system.lock import Held, Lock

JOURNAL = "journal.log"
_NAME = "netlang"  # of the only study in its journal
_AGAIN = 30  # proposals that were tried already, one after the other: then all has been tried
_BY_CHANCE = 3  # of them; further ones are drawn evenly
_STARTS = 10  # trials that are drawn evenly before there is something to learn from
_SEEDS = 1_000_003
_REDUCTION = 3  # of so many trials that come as far, one goes on
_INTERRUPTED, _REPEATED = "interrupted", "repeated"


class Study:
    """The study in ``folder`` of a file's ``tunables``, whose trials have up to ``epochs``.

    Where the metric ``rises``, the largest is best. With ``prunes``, trials that fall behind end
    early. ``seed`` is that of all proposals.  Raises NetError where its
    journal cannot be read, and OSError.
    """

    def __init__(
        self,
        folder: Path,
        tunables: Sequence[Tunable],
        rises: bool,
        epochs: int,
        seed: int = 0,
        prunes: bool = True,
    ) -> None:
        self.folder, self.tunables, self.rises, self.seed = folder, tunables, rises, seed
        self._began = time.monotonic()
        with _quiet():
            import optuna

            optuna.logging.set_verbosity(optuna.logging.ERROR)
            self._optuna = optuna
            with self._alone():
                self._worker = Worker(folder)
                try:
                    self._study = self._opened(epochs, prunes)
                except (ValueError, KeyError) as error:  # a line of it is none of Optuna's
                    raise NetError(JournalDamaged(None, str(folder / JOURNAL))) from error

    def _opened(self, epochs: int, prunes: bool) -> Any:
        """Optuna's study, which begins with the file's own values."""
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        journal, pruners = self.folder / JOURNAL, self._optuna.pruners
        study = self._optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(journal), lock_obj=Writing(journal))),
            study_name=_NAME,
            direction="maximize" if self.rises else "minimize",
            load_if_exists=True,
            pruner=self._pruner(epochs) if prunes else pruners.NopPruner(),
        )
        own = own_values(self.tunables)
        if own and not study.get_trials(deepcopy=False):
            study.enqueue_trial(own)
        return study

    def claim(self, trials: int) -> Claimed | None:
        """A trial to train, unless there are ``trials`` already, or nothing is left to try."""
        with self._alone(), _quiet():
            self._give_up_dead()
            for again in range(_AGAIN):
                found = self._study.get_trials(deepcopy=False)
                if sum(map(_counts, found)) >= trials:
                    return None
                self._study.sampler = self._sampler(sum(map(_is_proposed, found)), again)
                trial = self._study.ask(distributions(self.tunables))
                values = as_texts(self.tunables, trial.params)
                if not self._is_known(values, found):
                    trial.set_user_attr("worker", self._worker.name)
                    trial.set_user_attr("values", values)
                    return Claimed(self, trial, values)
                trial.set_user_attr("why", _REPEATED)
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
        return None

    @property
    def trials(self) -> list[Trial]:
        """All trials, in their order; those apart that were given up for a new one."""
        with _quiet():
            found = [one for one in self._study.get_trials(deepcopy=False) if _counts(one)]
        return [_trial(number, one) for number, one in enumerate(found, 1)]

    @property
    def best(self) -> Trial | None:
        """The best of the trials that came to their end."""
        done = [one for one in self.trials if one.state == "done" and one.value is not None]
        sign = -1 if self.rises else 1
        return min(done, key=lambda one: sign * (one.value or 0.0), default=None)

    @property
    def is_busy(self) -> bool:
        """Whether another process trains."""
        with self._alone(), _quiet():
            running = filter(_is_running, self._study.get_trials(deepcopy=False))
            return any(map(self._is_alive, running))

    @contextmanager
    def conclusion(self) -> Iterator[bool]:
        """Whether it is for this process to say what came of the study, and meanwhile for no other
        one: where none trains, and none says so already.
        """
        place = self.folder / "conclusion"
        place.mkdir(exist_ok=True)
        lock = None
        with suppress(Held):
            lock = None if self.is_busy else Lock(place)
        try:
            yield lock is not None
        finally:
            if lock:
                lock.release()

    def importances(self) -> dict[str, float]:
        """How much of what differs between the trials is due to each path, from the most to the
        least; nothing where that cannot be said.
        """
        with _quiet(), suppress(Exception):  # of few trials, or of trials that are all alike
            found = self._optuna.importance.get_param_importances(
                self._study,
                evaluator=self._optuna.importance.PedAnovaImportanceEvaluator(),
            )
            return {str(path): float(value) for path, value in found.items()}
        return {}

    def close(self) -> None:
        """Train no more."""
        self._worker.close()

    def _pruner(self, epochs: int) -> Any:
        least = math.ceil(epochs / _REDUCTION**2)
        return self._optuna.pruners.SuccessiveHalvingPruner(
            min_resource=least, reduction_factor=_REDUCTION
        )

    def _sampler(self, number: int, again: int) -> Any:
        """What proposes the trial of that number: the same in every run of the study."""
        samplers, seed = self._optuna.samplers, (self.seed * _SEEDS + number) % 2**32
        if again >= _BY_CHANCE:
            return samplers.RandomSampler(seed=seed)
        return samplers.TPESampler(seed=seed, n_startup_trials=_STARTS)

    def _is_known(self, values: Mapping[str, str], found: Sequence[Any]) -> bool:
        """Whether a trial with these values counts already."""
        return any(_counts(one) and one.user_attrs.get("values") == values for one in found)

    def _give_up_dead(self) -> None:
        """Fail the trials whose processes have died, and propose their values once more."""
        for trial in self._study.get_trials(deepcopy=False):
            if _is_running(trial) and not self._is_alive(trial):
                storage, number = self._study._storage, trial._trial_id
                storage.set_trial_user_attr(number, "why", _INTERRUPTED)
                storage.set_trial_state_values(number, self._optuna.trial.TrialState.FAIL)
                self._study.enqueue_trial(trial.params)

    def _is_alive(self, trial: Any) -> bool:
        worker = trial.user_attrs.get("worker")
        return bool(worker) and self._worker.sees_alive(worker)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the study against all other processes."""
        lock = hold(self.folder / "claims")
        try:
            yield
        finally:
            lock.release()


class TakenOver(Exception):
    """Raised where a trial is no longer that of its process: another one makes it again."""


class Claimed:
    """A trial that this process trains with ``values``, by path, each as a file writes it.

    What tells how it goes raises TakenOver.
    """

    def __init__(self, study: Study, trial: Any, values: Mapping[str, str]) -> None:
        self._study, self._trial, self.values = study, trial, values
        self._began = time.monotonic()

    @property
    def number(self) -> int:
        """That of the trial, as long as none before it is given up."""
        found = self._study._study.get_trials(deepcopy=False)
        return sum(map(_counts, found[: self._trial.number + 1]))

    @property
    def overrides(self) -> tuple[str, ...]:
        return tuple(f"{path}={text}" for path, text in self.values.items())

    def falls_behind(self, epoch: int, value: float) -> bool:
        """Take note of an epoch's value, and say whether the trial had better end."""
        self._hold()
        with _quiet():
            self._trial.report(value, epoch)
            return bool(self._trial.should_prune())

    def done(self, value: float, epochs: int) -> Trial:
        return self._end("COMPLETE", epochs, value)

    def pruned(self, epochs: int) -> Trial:
        return self._end("PRUNED", epochs)

    def failed(self, reason: str, epochs: int) -> Trial:
        self._hold()
        self._trial.set_user_attr("why", reason)
        return self._end("FAIL", epochs)

    def _hold(self) -> None:
        """Raise TakenOver where another process took this one for dead, as a machine that slept."""
        if self._study._study._storage.get_trial(self._trial._trial_id).state.is_finished():
            raise TakenOver

    def _end(self, state: str, epochs: int, value: float | None = None) -> Trial:
        seconds = time.monotonic() - self._began
        self._hold()
        with _quiet():
            self._trial.set_user_attr("epochs", epochs)
            self._trial.set_user_attr("seconds", round(seconds, 3))
            states = self._study._optuna.trial.TrialState
            self._study._study.tell(self._trial, value, state=getattr(states, state))
        found = self._study._study.get_trials(deepcopy=False)
        return _trial(self.number, found[self._trial.number])


def _counts(trial: Any) -> bool:
    """Whether it is one of the trials that were asked for."""
    if trial.state.name == "WAITING":
        return False
    return trial.user_attrs.get("why") not in (_INTERRUPTED, _REPEATED)


def _is_proposed(trial: Any) -> bool:
    """Whether it is one of those that no death interrupts: what they propose is always the same."""
    is_waiting, why = trial.state.name == "WAITING", trial.user_attrs.get("why")
    return not is_waiting and bool(why != _INTERRUPTED)


def _is_running(trial: Any) -> bool:
    return bool(trial.state.name == "RUNNING")


def _trial(number: int, trial: Any) -> Trial:
    states = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
    about = trial.user_attrs
    values = trial.intermediate_values
    value = (
        trial.value if trial.state.name == "COMPLETE" else values[max(values)] if values else None
    )
    return Trial(
        number,
        states.get(trial.state.name, "running"),
        about.get("values", {}),
        value,
        int(about.get("epochs", 0)),
        float(about.get("seconds", 0.0)),
        str(about.get("why", "")),
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings of Optuna to itself: they are about its own calls."""
    with warnings.catch_warnings(action="ignore"):
        yield
