"""The folder of a run in folds: each fold has a folder of its own in it.

Its record says what the folds give together that are done so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.language.diagnostics.shell import shell_word
from netlang.language.run_record import is_of_a_run
from netlang.runs.folders.kept_run import FOLD, kept_run
from netlang.runs.folders.resumption import StoppedRun, reopened
from netlang.runs.folders.run_folder import RunFolder, new_run_folder
from netlang.runs.training.folds import FoldsDone, by_fold, folds_of
from netlang.system.terminal import visible


class FoldsFolder(RunFolder):
    """The folder of a run of ``program`` in folds, which keeps what they give together."""

    _done: FoldsDone | None = None

    def of_fold(self, number: int) -> Path:
        """The folder of a fold, counted from 1, which need not be there yet."""
        return self.path / FOLD.format(number)

    def keep_together(self, done: FoldsDone) -> None:
        """Keep what the folds give that are ``done``.  Raises OSError."""
        result = done.as_data() | {"run": str(self.path)}
        self.update_record(result=result, backend=done.engine)
        self.has_measured, self._done = True, done

    @property
    def left_behind(self) -> str:
        return f"{self._how_far}, kept in {visible(str(self.path))}"

    @property
    def way_on(self) -> str:
        return f"{self._how_far}: `netlang resume {shell_word(visible(str(self.path)))}` goes on"

    @property
    def _how_far(self) -> str:
        """How many folds are done, and the mean of what they are judged by."""
        folds = folds_of(self.program)
        if not self._done:
            return f"0 of {folds} folds done"
        *_, (metric, mean) = self._done.means.items()
        return f"{self._done.folds} of {folds} folds done (mean {metric} {mean:.4g})"


def new_folds_folder(
    root: Path, program: Program, backend: str, is_watched: bool = False
) -> FoldsFolder:
    """A new folder in ``root`` for a run of ``program`` in folds, which may be watched.

    Raises OSError.
    """
    folder = new_run_folder(root, program, backend, FoldsFolder, is_watched=is_watched)
    assert isinstance(folder, FoldsFolder)
    return folder


def reopened_folds(stopped: StoppedRun, program: Program, changes: Sequence[str]) -> FoldsFolder:
    """The folder of a run in folds, which was ``stopped`` and goes on after these ``changes``.

    Raises DiagnosticError, before anything changes, where its folds cannot go on, and OSError.
    """
    first = stopped.folder / FOLD.format(1)
    if is_of_a_run(first):
        with StoppedRun(kept_run(first)) as fold:
            fold.training(next(by_fold(program)))
    folder = reopened(stopped, program, changes, FoldsFolder)
    assert isinstance(folder, FoldsFolder)
    return folder
