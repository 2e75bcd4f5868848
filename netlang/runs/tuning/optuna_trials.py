"""Trials as Optuna's journal has them: which of them count, and what each of them came to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netlang.runs.tuning.trials import Trial

INTERRUPTED, REPEATED = "interrupted", "repeated"
_STATES = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}


def counts(trial: Any) -> bool:
    """Whether it is one of the trials that were asked for."""
    if is_waiting(trial):
        return False
    return trial.user_attrs.get("why") not in (INTERRUPTED, REPEATED)


def is_proposed(trial: Any) -> bool:
    """Whether it is one of those that no death interrupts: what they propose is always the same."""
    return not is_waiting(trial) and bool(trial.user_attrs.get("why") != INTERRUPTED)


def is_running(trial: Any) -> bool:
    return bool(trial.state.name == "RUNNING")


def is_waiting(trial: Any) -> bool:
    """Whether its values are known, and no process has claimed it."""
    return bool(trial.state.name == "WAITING")


def as_trial(number: int, trial: Any) -> Trial:
    """The trial with that number of those that count."""
    about, values = trial.user_attrs, trial.intermediate_values
    value = (
        trial.value if trial.state.name == "COMPLETE" else values[max(values)] if values else None
    )
    return Trial(
        number,
        _STATES.get(trial.state.name, "running"),
        about.get("values", {}),
        value,
        int(about.get("epochs", 0)),
        float(about.get("seconds", 0.0)),
        str(about.get("why", "")),
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings of Optuna to itself: they are about its own calls."""
    with warnings.catch_warnings(action="ignore"):
        yield
