"""The folder of a series, such as a run in folds: each training has a folder of its own in it.

Its record says what the trainings give together that are done so far.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.diagnostic import Texts
from netlang.language.diagnostics.messages.checkpoints import CannotGoOn
from netlang.language.diagnostics.shell import shell_word
from netlang.language.run_record import is_of_a_run
from netlang.runs.folders.kept_run import MEMBER, kept_run, seeds_in
from netlang.runs.folders.resumption import StoppedRun, is_of_epochs, reopened
from netlang.runs.folders.run_folder import RunFolder, new_run_folder
from netlang.runs.plots import Curves, draw_curves
from netlang.runs.plots.pictures import Picture
from netlang.runs.training.series import Series, SeriesDone
from netlang.system.record import Record
from netlang.system.terminal import visible


class SeriesFolder(RunFolder):
    """The folder of a series of ``program``, which keeps what its trainings give together."""

    _done: SeriesDone | None = None

    @property
    def series(self) -> Series:
        return series_of(self.program, self._about)

    def of_member(self, number: int) -> Path:
        """The folder of the training called by this number, which need not be there yet."""
        return self.path / MEMBER.format(self.series.kind, number)

    def keep_together(self, done: SeriesDone) -> None:
        """Keep what the trainings give that are ``done``.  Raises OSError."""
        result = done.as_data() | {"run": str(self.path)}
        self.update_record(result=result, **({"backend": done.engine} if done.engine else {}))
        self.has_measured, self._done = True, done

    def pictures_together(self) -> Mapping[str, Picture]:
        """The learning curves of all trainings by name: their mean, and a band of a deviation."""
        runs = [kept_run(folder) for folder in map(self.of_member, self.series.numbers)]
        histories = [run.history() for run in runs if run.status == "finished"]
        epochs = min(map(len, histories), default=0)
        if not epochs:
            return {}
        curves = [(self.program.source.name, [Curves("", [one[:epochs] for one in histories])])]
        return {"curves.png": lambda file: draw_curves(curves, file)}

    @property
    def left_behind(self) -> str:
        said = f"{self._how_far}, kept in {visible(str(self.path))}"
        can_go_on = self._about["status"] == "failed" and not self._has_diverged
        return said + f": `{self._resume}` goes on" * can_go_on

    @property
    def way_on(self) -> str:
        return f"{self._how_far}: `{self._resume}` goes on"

    @property
    def _resume(self) -> str:
        return f"netlang resume {shell_word(visible(str(self.path)))}"

    @property
    def _how_far(self) -> str:
        """How many trainings are done, and the mean of what they are judged by."""
        series, done = self.series, self._done
        of = f"of {len(series.numbers)} {series.kind}s done"
        if not done or not done.numbers:
            return f"0 {of}"
        *_, (metric, mean) = done.means.items()
        return f"{len(done.numbers)} {of} (mean {metric} {mean:.4g})"


def series_of(program: Program, record: Mapping[str, Any]) -> Series:
    """The series of ``program`` that a record tells of."""
    return Series(program, seeds_in(record))


def new_series_folder(
    root: Path, series: Series, backend: str, is_watched: bool = False
) -> SeriesFolder:
    """A new folder in ``root`` for a series, which may be watched.  Raises OSError."""
    about = {"seeds": [*series.seeds]} if series.seeds else {}
    folder = new_run_folder(
        root, series.program, backend, SeriesFolder, is_watched=is_watched, more=about
    )
    assert isinstance(folder, SeriesFolder)
    return folder


class SeriesLeft(Record):
    """What is left of a series: the ``number`` of trainings to be begun or to go on, and the
    ``notes`` that whoever goes on with these should know.
    """

    number: int
    notes: Sequence[str]

    @classmethod
    def of(cls, stopped: StoppedRun, series: Series, changes: Sequence[str]) -> SeriesLeft:
        """What is left of ``stopped`` if it goes on as ``series``, after these ``changes``.

        Raises NetError where a training cannot go on, or they would not be trained alike.
        """
        others = _other_settings(stopped, changes)
        if others and stopped.record.get("status") != "finished":
            reason = f"its {series.kind}s would not be trained alike, some without `{others[0]}`"
            raise _cannot(stopped, reason, "go on without that, or run the file again with it")
        left, notes, refusals = 0, dict[str, None](), list[CannotGoOn]()
        for number in series.numbers:
            place = stopped.folder / MEMBER.format(series.kind, number)
            if not os.path.lexists(place):
                left += 1
                continue
            if not is_of_a_run(place):
                reason = f"its `{place.name}` is not the folder of a run, or has a broken record"
                raise _cannot(
                    stopped, reason, f"move it away: the {series.kind} is trained anew then"
                )
            kept = kept_run(place)
            with StoppedRun(kept) as member:
                training = member.training(series.member(number))
                left += not (training.is_done and kept.is_whole)
                notes |= dict.fromkeys(member.notes(training))
                if refusal := member.refusal(training, changes):
                    refusals.append(refusal)
        if refusals and (others or len(refusals) == len(series.numbers)):
            raise _cannot(stopped, refusals[0].reason, refusals[0].help)
        return cls(left, [*notes])


def _other_settings(stopped: StoppedRun, changes: Sequence[str]) -> list[str]:
    """Those of the ``changes`` that the run did not have before, but for its number of epochs."""
    before = stopped.overrides(())
    return [one for one in changes if one not in before and not is_of_epochs(one)]


def _cannot(stopped: StoppedRun, reason: str, help: Texts) -> NetError:
    return NetError(CannotGoOn(None, str(stopped.folder), reason, help))


def reopened_series(stopped: StoppedRun, program: Program, changes: Sequence[str]) -> SeriesFolder:
    """The folder of a series of ``program``, which was ``stopped`` and goes on after ``changes``.

    Raises NetError, before anything changes, where it cannot be read, and OSError.
    """
    folder = reopened(stopped, program, changes, SeriesFolder)
    assert isinstance(folder, SeriesFolder)
    return folder
