"""A file is trained on the command line once for each fold of its data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import click

from netlang.compiler.ir import Program
from netlang.language import run_record
from netlang.language.diagnostics import NetError
from netlang.runs.folders.folds_folder import FoldsFolder
from netlang.runs.folders.kept_run import kept_run
from netlang.runs.folders.resumption import StoppedRun, reopened
from netlang.runs.folders.run_folder import RunFolder, new_run_folder
from netlang.runs.lines.display import (
    Display,
    headline,
    last_part,
    measures,
    number,
    say_note,
    verdicts,
)
from netlang.runs.lines.progress import LiveLine
from netlang.runs.training.events import Event, Finished, Started, StepsDone, as_data
from netlang.runs.training.folds import FoldsDone, by_fold, folds_of, summary
from netlang.runs.training.training import Training
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import print_event, print_json
from netlang.tools.cli.training.folders import breaks_off, ending, say_where
from netlang.tools.cli.training.keeping import Keeper, Keeping, leave_in_order, trained


def train_folds(
    program: Program,
    backend: str,
    folder: FoldsFolder | None,
    how: Keeping,
    display: OfFolds,
    changes: Sequence[str] = (),
) -> NoReturn:
    """Train the program for each fold, each in its folder within ``folder``, if there is one; say
    what they give together, and end the command. A run that goes on does so after ``changes`` of
    the command line, with the folds that are left.
    """
    keeper = Keeper(folder)
    training = _FoldsTraining(backend, folder, how, display, changes)
    with writing(folder.path if folder else ""), ending(keeper):
        ends: list[Finished] = []
        for display.fold, one in enumerate(by_fold(program), 1):
            ends.append(training.of(one, display.fold))
            done = summary(program, ends)
            if folder:
                _keep(folder, done, keeper)
    display.conclude(done, str(folder.path) if folder else None)
    if folder:
        say_where(folder)
    raise click.exceptions.Exit(0 if done.ok and not (training.failed or keeper.failed) else 1)


def _keep(folder: FoldsFolder, done: FoldsDone, keeper: Keeper) -> None:
    keeper.write(lambda _: folder.keep_together(done))


class _FoldsTraining:
    """Trains one fold after the other, in folders that are new or that a run goes on in."""

    def __init__(
        self,
        backend: str,
        folder: FoldsFolder | None,
        how: Keeping,
        display: Display,
        changes: Sequence[str],
    ) -> None:
        self.backend, self.folder, self.how, self.display = backend, folder, how, display
        self.changes = changes
        self.failed = False  # whether not all could be kept

    def of(self, program: Program, fold: int) -> Finished:
        """Train ``program``, which is that of the fold, unless that is done."""

        def begin() -> Training:
            return Training(program, self.backend, is_watched=self.how.is_watched)

        if self.folder is None:
            return self._kept(None, begin)
        place = self.folder.of_fold(fold)
        if not run_record.is_of_a_run(place):
            watched = self.how.is_watched
            folder = new_run_folder(
                place.parent, program, self.backend, name=place.name, is_watched=watched
            )
            return self._kept(folder, begin)
        kept = kept_run(place)
        with StoppedRun(kept) as stopped:
            training = stopped.training(program)
            if kept.is_whole and training.is_done:
                for event in training.events():
                    self.display.show(event, str(place))
                assert isinstance(event, Finished)
                return event
            return self._kept(reopened(stopped, program, self.changes), lambda: training)

    def _kept(self, folder: RunFolder | None, begin: Callable[[], Training]) -> Finished:
        """Train as ``begin`` says, and keep it in ``folder``."""
        keeper = Keeper(folder)
        try:
            finished = trained(keeper, begin, self.display, self.how)
        except BaseException as error:
            problems = error.diagnostics if isinstance(error, NetError) else ()
            keeper.close("interrupted" if breaks_off(error) else "failed", problems)
            raise
        keeper.close("finished")
        self.failed = self.failed or keeper.failed
        if not keeper.can_draw:  # which is said once
            self.how = self.how.replace(is_drawn=False)
        return finished


def display_of_folds(program: Program, quiet: bool, as_data: bool) -> OfFolds:
    """What shows a run in folds; a signal leaves the terminal in order."""
    display = OfFolds(program, quiet, as_data)
    leave_in_order(display)
    return display


class OfFolds(Display):
    """Shows a line for each fold, and at the end what they give together; with ``as_data`` all
    events as JSON, each with its ``fold``.
    """

    fold = 0  # that is trained, from 1

    def __init__(self, program: Program, quiet: bool, as_data: bool) -> None:
        self.name, self.folds = program.source.name, folds_of(program)
        self.quiet, self.as_data = quiet, as_data
        self.live: LiveLine | None = None  # of the fold that is trained, on a terminal

    def show(self, event: Event, folder: str | None = None) -> None:
        if self.quiet:
            if isinstance(event, Started) and self.fold == 1:
                say_note(event)
            return
        if not self.as_data:
            self._show(event)
        elif not isinstance(event, StepsDone):
            of_fold = {"event": "fold", "run": folder} if isinstance(event, Finished) else {}
            print_event(as_data(event) | of_fold | {"fold": self.fold})

    def _show(self, event: Event) -> None:
        at = f"fold {self.fold}/{self.folds}  "
        match event:
            case Started():
                if self.fold == 1:
                    first, *more = headline(self.name, event).splitlines()
                    click.echo("\n".join([f"{first}, {self.folds} folds", *more]))
                if sys.stdout.isatty():
                    self.live = LiveLine(self.name, at)
                    self.live.begin(event)
            case Finished():
                if self.live:
                    self.live.erase()
                judged = last_part(event.metrics)
                last = {name: one for name, one in event.metrics.items() if name.startswith(judged)}
                click.echo(f"{at}{measures(last)}")
            case _:
                if self.live:
                    self.live.show(event)

    def close(self) -> None:
        if self.live:
            self.live.close()

    def interrupt(self) -> None:
        if self.live:
            self.live.interrupt()

    def conclude(self, done: FoldsDone, folder: str | None) -> None:
        """Show the means, how far the folds deviate, and what was expected and what came."""
        if self.as_data:
            print_json(done.as_data() | {"run": folder})
            return
        judged = last_part(done.means)
        rows = [
            (name, number(mean), f"± {number(done.deviations[name])}")
            for name, mean in done.means.items()
            if name.startswith(judged)
        ]
        kept = [f"kept in {visible(folder)}"] if folder else []
        click.echo("\n".join([*aligned(rows, right=[1]), *verdicts(done.outcomes), *kept]))
