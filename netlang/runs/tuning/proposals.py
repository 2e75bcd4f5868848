"""What a study tries next: Optuna's proposal, or what is left where that was tried already.

Optuna is asked in a copy of the study, so that what is not tried leaves nothing in the journal.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from netlang.compiler.ir.tunable import Tunable
from netlang.runs.tuning.candidates import all_values, as_texts, distributions
from netlang.runs.tuning.optuna_trials import is_proposed

_AGAIN = 30  # proposals that were tried already, one after the other: then what is left is listed
_BY_CHANCE = 3  # of them; further ones are drawn evenly
_STARTS = 10  # trials that are drawn evenly before there is something to learn from
_SEEDS, _AGAIN_SEEDS = 1_000_003, 7_919
_MOST_LISTED = 10_000  # of more combinations, thirty draws in a row are hardly ever all known


class Proposals:
    """Values for the ``tunables``, by ``seed``: the same in every run of a study."""

    def __init__(self, tunables: Sequence[Tunable], seed: int) -> None:
        self._tunables, self._seed = tunables, seed

    def sampler(self, found: Sequence[Any], again: int = 0) -> Any:
        """What draws the values of the trial that comes after those that are ``found``."""
        import optuna

        seed = self._seed_of(found, again)
        if again >= _BY_CHANCE:
            return optuna.samplers.RandomSampler(seed=seed)
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=_STARTS)

    def next(
        self, found: Sequence[Any], known: Collection[Mapping[str, str]], direction: str
    ) -> dict[str, Any] | None:
        """Values that are not ``known``, as texts, for the trial that comes after those that are
        ``found`` in a study of that direction; None where all are known.
        """
        import optuna

        copy = optuna.create_study(direction=direction)
        copy.add_trials(found)
        for again in range(_AGAIN):
            copy.sampler = self.sampler(found, again)
            trial = copy.ask(distributions(self._tunables))
            if as_texts(self._tunables, trial.params) not in known:
                return dict(trial.params)
            copy.tell(trial, state=optuna.trial.TrialState.FAIL)
        left = [
            values
            for values in all_values(self._tunables, _MOST_LISTED)
            if as_texts(self._tunables, values) not in known
        ]
        return random.Random(self._seed_of(found, _AGAIN)).choice(left) if left else None

    def _seed_of(self, found: Sequence[Any], again: int) -> int:
        number = sum(map(is_proposed, found))
        return (self._seed * _SEEDS + number + again * _AGAIN_SEEDS) % 2**32
