"""The trackers of one run. Where one of them fails, this is said once, and the run goes on."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from netlang.runs.tracking.mlflow import MLflow
from netlang.runs.tracking.tensorboard import TensorBoard
from netlang.runs.tracking.tracker import About, Tracker
from netlang.runs.training.events import EpochDone, Event, Finished
from netlang.system.packages import silence

TRACKERS: Mapping[str, type[Tracker]] = {one.name: one for one in (TensorBoard, MLflow)}


def missing(names: Iterable[str]) -> str:
    """How what is missing for some trackers is installed; an empty text where nothing is."""
    for name in names:
        kind = TRACKERS[name]
        for package in kind.packages():
            if importlib.util.find_spec(package) is None:
                install = f'pip install "netlang[{kind.extra}]"'
                lacking = package if package == name else f"{name} needs {package}, which"
                return f"{lacking} is not installed: {install}"
    return ""


class Tracking:
    """Tells the trackers called ``names`` about a run. Of ``known`` trackers it goes on with what
    the run's record has kept of them. ``warn`` gets a sentence for each that fails.
    """

    def __init__(
        self,
        names: Iterable[str],
        about: About,
        known: Mapping[str, Any],
        warn: Callable[[str], object],
    ) -> None:
        self._warn = warn
        self._trackers: dict[str, Tracker] = {}
        for name in names:
            before = known.get(name)
            kept = before if isinstance(before, Mapping) else {}
            self._try(name, partial(self._begin, name, about, kept))

    @property
    def known_as(self) -> dict[str, dict[str, str]]:
        """What the run's record keeps of each tracker."""
        return {name: tracker.known_as for name, tracker in self._trackers.items()}

    def keep(self, event: Event) -> None:
        match event:
            case EpochDone():
                self._each(lambda one: one.epoch(event))
            case Finished():
                self._each(lambda one: one.result(event))
            case _:
                pass

    def close(self, status: str) -> None:
        self._each(lambda one: one.close(status))
        self._trackers.clear()

    def _begin(self, name: str, about: About, known: Mapping[str, str]) -> None:
        self._trackers[name] = TRACKERS[name].begin(about, known)

    def _each(self, tell: Callable[[Tracker], object]) -> None:
        for name, tracker in [*self._trackers.items()]:
            self._try(name, partial(tell, tracker))

    def _try(self, name: str, tell: Callable[[], object]) -> None:
        try:
            with silence():
                tell()
        except Exception as error:
            self._trackers.pop(name, None)
            said = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
            self._warn(f"{name} tracks no more of this run ({said}); its folder keeps all of it")
