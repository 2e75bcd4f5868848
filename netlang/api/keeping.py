"""A training from Python is kept in a folder, as ``netlang run`` keeps one."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.wording import listed
from netlang.runs.folders.run_folder import new_run_folder
from netlang.runs.folders.saving import MINUTES
from netlang.runs.tracking.tracking import TRACKERS, missing
from netlang.runs.training.events import Event
from netlang.runs.training.training import Training
from netlang.system.packages import Unusable


def tracked(names: str | Iterable[str] | None, is_kept: bool) -> tuple[str, ...]:
    """The trackers that are to be told of a run, which is kept or not, each once.

    Raises TypeError for a run that is not kept, ValueError for a tracker that there is not, and
    ImportError for one that is not installed.
    """
    each = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names or ()))
    if each and not is_kept:
        raise TypeError('only a run that is kept is tracked: `fit(keep="runs", track=...)`')
    for name in each:
        if name not in TRACKERS:
            raise ValueError(f"a run is tracked by {listed(TRACKERS, last_by='or')}, not {name!r}")
    if lacking := missing(each):
        raise ImportError(lacking)
    return each


class KeptTraining:
    """A callback that keeps a ``training``, for which ``backend`` was asked, in a new folder in
    ``root``, and tells trackers of it.

    As a context, it keeps at the end the network, or what was learned until the body was left.
    Raises OSError for what cannot be written.
    """

    def __init__(
        self, root: Path, training: Training, backend: str, trackers: Iterable[str] = ()
    ) -> None:
        self._training = training
        self._folder = new_run_folder(root, training.program, backend)
        self._folder.save_checkpoints(training, MINUTES)
        self._folder.keep_rows(training.split)
        self._folder.track(trackers, warnings.warn)

    @property
    def path(self) -> Path:
        return self._folder.path

    def __call__(self, event: Event) -> None:
        self._folder.keep(event)
        self._folder.save_after(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._folder.keep_model(self._training)
            self._draw()
            self._folder.close("finished")
            return
        with suppress(OSError):  # what has broken it off is to be known
            if self._training.result_epoch:
                self._folder.keep_model(self._training)
            problems = error.diagnostics if isinstance(error, NetError) else ()
            self._folder.close("failed" if issubclass(kind, Exception) else "interrupted", problems)

    def _draw(self) -> None:
        """Draw the pictures of the run, where matplotlib is installed."""
        pictures = self._folder.pictures(self._training.outputs, self._training.split)
        with suppress(Unusable):
            for name, picture in pictures.items():
                self._folder.draw(name, picture)
