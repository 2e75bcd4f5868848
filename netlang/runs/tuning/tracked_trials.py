"""Trials of a study are told to trackers, each as a run of its own in a folder of the study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.runs.tracking.tracker import About
from netlang.runs.tracking.tracking import Tracking
from netlang.runs.training.events import Event
from netlang.runs.tuning.claimed import Claimed
from netlang.system.record import Record

_TRIALS = "trials"  # a folder in that of the study, with one for each trial


class TrackedTrials(Record):
    """Tells the trackers called ``names`` of trials of the study in ``folder``; ``warn`` gets a
    sentence for one that fails.
    """

    folder: Path
    names: Sequence[str]
    warn: Callable[[str], object]

    def of(self, claimed: Claimed) -> TrackedTrial:
        return TrackedTrial(self, claimed)


class TrackedTrial:
    """A trial that trackers are told of, once its program is known."""

    def __init__(self, trials: TrackedTrials, claimed: Claimed) -> None:
        self._trials, self._claimed = trials, claimed
        self._tracking: Tracking | None = None

    def begin(self, program: Program) -> None:
        """Raises OSError where its folder cannot be made."""
        trials = self._trials
        if trials.names:
            folder = _new(trials.folder / _TRIALS, f"trial-{self._claimed.number}")
            about = About.of(program, folder, group=trials.folder.name)
            about = about.replace(hyperparameters={**about.hyperparameters, **self._claimed.values})
            self._tracking = Tracking(trials.names, about, {}, trials.warn)

    def keep(self, event: Event) -> None:
        if self._tracking:
            self._tracking.keep(event)

    def close(self, status: str) -> None:
        if self._tracking:
            self._tracking.close(status)


def _new(root: Path, name: str) -> Path:
    """A new folder of that name; of a trial that is made again, another one is there already."""
    tries = 1
    while True:
        folder = root / (f"{name}-{tries}" if tries > 1 else name)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            tries += 1
        else:
            return folder
