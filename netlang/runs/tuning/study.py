"""A study: its trials stand in a journal that any number of processes and machines share.

Optuna keeps the journal and proposes values. Which process trains which trial is settled here:
a trial is claimed under a lock, so that all processes together make as many as are asked for, and
one whose process has died is given up and proposed anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from netlang.compiler.ir.tunable import Tunable
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import JournalDamaged
from netlang.runs.tuning.candidates import as_texts, distributions, own_values
from netlang.runs.tuning.claimed import Claimed
from netlang.runs.tuning.optuna_trials import (
    INTERRUPTED,
    REPEATED,
    as_trial,
    counts,
    is_running,
    is_waiting,
    quiet,
)
from netlang.runs.tuning.proposals import Proposals
from netlang.runs.tuning.trials import Trial
from netlang.runs.tuning.workers import Worker, Writing
from netlang.system.lock_file import LockFile

JOURNAL = "journal.log"
_NAME = "netlang"  # of the only study in its journal
_REDUCTION = 3  # of so many trials that come as far, one goes on
_CLAIMS = 120.0  # seconds that no process takes to claim a trial
_KILLS = 2  # processes that values kill, as by what memory they take: then they have failed
_KILLED = "its process was killed twice"


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
        self.folder, self.tunables, self.rises = folder, tunables, rises
        self._direction = "maximize" if rises else "minimize"
        self._proposals = Proposals(tunables, seed)
        with quiet():
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
            direction=self._direction,
            load_if_exists=True,
            pruner=self._pruner(epochs) if prunes else pruners.NopPruner(),
        )
        own = own_values(self.tunables)
        if own and not study.get_trials(deepcopy=False):
            study.enqueue_trial(own)
        return study

    def claim(self, trials: int) -> Claimed | None:
        """A trial to train, unless there are ``trials`` already, or nothing is left to try."""
        with self._alone(), quiet():
            self._give_up_dead()
            while True:
                found = self._study.get_trials(deepcopy=False)
                if sum(map(counts, found)) >= trials:
                    return None
                known = [one.user_attrs.get("values", {}) for one in found if counts(one)]
                self._study.sampler = self._proposals.sampler(found)  # of what the file leaves open
                if not any(map(is_waiting, found)):
                    proposed = self._proposals.next(found, known, self._direction)
                    if proposed is None:
                        return None
                    self._study.enqueue_trial(proposed)
                trial = self._study.ask(distributions(self.tunables))
                values = as_texts(self.tunables, trial.params)
                if values not in known:
                    trial.set_user_attr("worker", self._worker.name)
                    trial.set_user_attr("values", values)
                    return Claimed(self._study, trial, values)
                trial.set_user_attr("why", REPEATED)  # of a process that died before it said so
                self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)

    @property
    def trials(self) -> list[Trial]:
        """All trials, in their order; those apart that were given up for a new one."""
        with quiet():
            found = [one for one in self._study.get_trials(deepcopy=False) if counts(one)]
        return [as_trial(number, one) for number, one in enumerate(found, 1)]

    @property
    def best(self) -> Trial | None:
        """The best of the trials that came to their end."""
        done = [one for one in self.trials if one.state == "done" and one.value is not None]
        sign = -1 if self.rises else 1
        return min(done, key=lambda one: sign * (one.value or 0.0), default=None)

    @property
    def is_busy(self) -> bool:
        """Whether another process trains."""
        with self._alone():
            return self._is_busy

    @property
    def _is_busy(self) -> bool:
        with quiet():
            running = filter(is_running, self._study.get_trials(deepcopy=False))
            return any(map(self._is_alive, running))

    @contextmanager
    def conclusion(self) -> Iterator[bool]:
        """Whether it is for this process to say what came of the study, and meanwhile for no other
        one: where none trains, and none says so already.
        """
        file = self.folder / "concluding"
        with self._alone():
            by = file.read_text() if file.exists() else ""
            is_ours = not self._is_busy and not (by and self._worker.sees_alive(by))
            if is_ours:
                file.write_text(self._worker.name)
        try:
            yield is_ours
        finally:
            if is_ours:
                file.unlink(missing_ok=True)

    def importances(self) -> dict[str, float]:
        """How much of what differs between the trials is due to each path, from the most to the
        least; nothing where that cannot be said.
        """
        with quiet(), suppress(Exception):  # of few trials, or of trials that are all alike
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

    def _give_up_dead(self) -> None:
        """Fail the trials whose processes have died, and propose their values once more, unless
        they have killed two: those who come after it have other values to try.
        """
        for trial in self._study.get_trials(deepcopy=False):
            if is_running(trial) and not self._is_alive(trial):
                was_killed = self._was_killed(trial)
                is_over = was_killed and self._kills(trial.params) + 1 >= _KILLS
                storage, number = self._study._storage, trial._trial_id
                storage.set_trial_user_attr(number, "why", _KILLED if is_over else INTERRUPTED)
                storage.set_trial_user_attr(number, "killed", was_killed)
                storage.set_trial_state_values(number, self._optuna.trial.TrialState.FAIL)
                if not is_over:
                    self._study.enqueue_trial(trial.params)
        self._worker.sweep()

    def _kills(self, values: Mapping[str, Any]) -> int:
        """How many processes were killed that tried these values."""
        found = self._study.get_trials(deepcopy=False)
        return sum(one.params == values for one in found if one.user_attrs.get("killed"))

    def _was_killed(self, trial: Any) -> bool:
        """Whether the process of a trial ended without a word; one that a signal ends says it."""
        worker = trial.user_attrs.get("worker")
        return bool(worker) and self._worker.leaves(worker)

    def _is_alive(self, trial: Any) -> bool:
        worker = trial.user_attrs.get("worker")
        return bool(worker) and self._worker.sees_alive(worker)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the study against all other processes."""
        lock = LockFile(self.folder / "claims.lock", _CLAIMS)
        try:
            yield
        finally:
            lock.release()
