"""A training from Python is kept in a folder, as ``netlang run`` keeps one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from netlang.language.diagnostics import NetError
from netlang.runs.folders.run_folder import new_run_folder
from netlang.runs.folders.saving import MINUTES
from netlang.runs.training.events import Event
from netlang.runs.training.training import Training
from netlang.system.packages import Unusable


class KeptTraining:
    """A callback that keeps a ``training``, for which ``backend`` was asked, in a new folder in
    ``root``.

    As a context, it keeps at the end the network, or what was learned until the body was left.
    Raises OSError for what cannot be written.
    """

    def __init__(self, root: Path, training: Training, backend: str) -> None:
        self._training = training
        self._folder = new_run_folder(root, training.program, backend)
        self._folder.save_checkpoints(training, MINUTES)
        self._folder.keep_rows(training.split)

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
