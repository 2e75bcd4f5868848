"""The folder of a run in folds: each fold has a folder of its own in it.

Its record says what the folds give together that are done so far.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.diagnostic import Texts
from netlang.language.diagnostics.messages.checkpoints import CannotGoOn
from netlang.language.diagnostics.shell import shell_word
from netlang.language.run_record import is_of_a_run
from netlang.runs.folders.kept_run import FOLD, kept_run
from netlang.runs.folders.resumption import StoppedRun, is_of_epochs, reopened
from netlang.runs.folders.run_folder import RunFolder, new_run_folder
from netlang.runs.training.folds import FoldsDone, by_fold, folds_of
from netlang.system.record import Record
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


class FoldsLeft(Record):
    """What is left of a run in folds: the ``number`` of folds to be trained or to be trained on,
    and the ``notes`` that whoever goes on with these should know.
    """

    number: int
    notes: Sequence[str]

    @classmethod
    def of(cls, stopped: StoppedRun, program: Program, changes: Sequence[str]) -> FoldsLeft:
        """What is left of ``stopped`` if it goes on as ``program``, after these ``changes``.

        Raises NetError where a fold cannot go on, or the folds would not be trained alike.
        """
        others = _other_settings(stopped, changes)
        if others and stopped.record.get("status") != "finished":
            reason = f"its folds would not be trained alike, some without `{others[0]}`"
            raise _cannot(stopped, reason, "go on without that, or run the file again with it")
        left, notes, refusals = 0, dict[str, None](), list[CannotGoOn]()
        for number, of_fold in enumerate(by_fold(program), 1):
            place = stopped.folder / FOLD.format(number)
            if not os.path.lexists(place):
                left += 1
                continue
            if not is_of_a_run(place):
                reason = f"its `{place.name}` is not the folder of a run, or has a broken record"
                raise _cannot(stopped, reason, "move it away: the fold is trained anew then")
            kept = kept_run(place)
            with StoppedRun(kept) as fold:
                training = fold.training(of_fold)
                left += not (training.is_done and kept.is_whole)
                notes |= dict.fromkeys(fold.notes(training))
                if refusal := fold.refusal(training, changes):
                    refusals.append(refusal)
        if refusals and (others or len(refusals) == folds_of(program)):
            raise _cannot(stopped, refusals[0].reason, refusals[0].help)
        return cls(left, [*notes])


def _other_settings(stopped: StoppedRun, changes: Sequence[str]) -> list[str]:
    """Those of the ``changes`` that the run did not have before, but for its number of epochs."""
    before = stopped.overrides(())
    return [one for one in changes if one not in before and not is_of_epochs(one)]


def _cannot(stopped: StoppedRun, reason: str, help: Texts) -> NetError:
    return NetError(CannotGoOn(None, str(stopped.folder), reason, help))


def reopened_folds(stopped: StoppedRun, program: Program, changes: Sequence[str]) -> FoldsFolder:
    """The folder of a run in folds, which was ``stopped`` and goes on after these ``changes``.

    Raises NetError, before anything changes, where it cannot be read, and OSError.
    """
    folder = reopened(stopped, program, changes, FoldsFolder)
    assert isinstance(folder, FoldsFolder)
    return folder
