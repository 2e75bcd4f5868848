"""``netlang resume`` goes on with a run in its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NoReturn

import click

from netlang.compiler.ir import Program
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import counted
from netlang.language.syntax import ByOption
from netlang.runs.folders.kept_run import KeptRun
from netlang.runs.folders.resumption import StoppedRun, reopened
from netlang.runs.folders.series_folder import SeriesLeft, reopened_series, series_of
from netlang.runs.training.series import Series
from netlang.system.record import Record
from netlang.tools.cli.named.kept_runs import run_named
from netlang.tools.cli.named.sources import compiled, reported, set_option
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import events_option, print_json
from netlang.tools.cli.output.printing import visible_path
from netlang.tools.cli.training.keeping import (
    Keeping,
    checkpoint_option,
    display_of,
    kept,
    plots_option,
    quiet_option,
)
from netlang.tools.cli.training.series import display_of_series, train_series
from netlang.tools.cli.training.side_by_side import jobs_option
from netlang.tools.cli.training.workers import Team, shared_by_workers


@click.command("resume")
@click.argument("run")
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Train up to so many epochs, those done included."
)
@set_option
@plots_option
@checkpoint_option
@quiet_option
@jobs_option
@events_option
@shared_by_workers
def command(
    run: str,
    epochs: int | None,
    overrides: tuple[str, ...],
    no_plots: bool,
    minutes: float,
    quiet: bool,
    jobs: int | None,
    as_data: bool,
    team: Team | None,
    launch: Callable[[], NoReturn] | None,
) -> None:
    """Go on with a run that was broken off, or give it more epochs.

    RUN is the folder of a run, or its name in `runs`. The run goes on there from its last
    checkpoint, in the middle of an epoch, too, and ends with the same bits as a run that never
    stopped: the program, its data and the backend have to be the same. Its epochs may be more, and
    numbers of its optimizer, schedule and stopping rule others (--set optimizer.lr=1e-4). Text and
    data are those that the run keeps or has read. A run in folds or of several seeds goes on with
    those that are left; until all are done, only its epochs may change.

    --workers 4 shares each step among four processes, as `netlang run` does, whatever number shared
    those before; in C, the bits are those of any number, and on tensors those of any number of
    workers.

    \b
    Example:
        netlang resume runs/model2-20261124-101530 --epochs 200
    """
    found = run_named(run)
    more = () if epochs is None else (ByOption("--epochs", f"epochs={epochs}"),)
    changes = (*overrides, *more)
    if found.is_whole and not changes:
        _say_finished(found, as_data)
        return
    if launch:
        launch()
    only_reads = bool(team and team.rank)
    with reported(), writing(found.folder), StoppedRun(found, only_reads) as stopped:
        texts, is_begun = stopped.overrides(changes), stopped.checkpoint is not None
        program = compiled(stopped.source(), texts, trained_by="auto", is_begun=is_begun)
        how = Keeping(not no_plots, minutes, stopped.is_watched)
        going_on = _GoingOn(found, stopped, program, changes, how, quiet, as_data, team)
        series = series_of(program, stopped.record)
        if team and series.numbers:
            raise click.UsageError("--workers share one training, and this run has several")
        if series.numbers:
            going_on.series(series, jobs)
        elif jobs:
            raise click.UsageError("--jobs is for a run of several trainings, and this one is one")
        else:
            going_on.once()


class _GoingOn(Record):
    """How the run that was ``found`` and is ``stopped`` goes on after ``changes``, if it can."""

    found: KeptRun
    stopped: StoppedRun
    program: Program
    changes: Sequence[str]
    how: Keeping
    quiet: bool
    as_data: bool
    team: Team | None

    def once(self) -> None:
        """Go on with a run that is trained once, and end the command if anything is left of it."""
        stopped, program, team = self.stopped, self.program, self.team
        begin = partial(stopped.training, program)
        training = team.together(begin) if team else begin()
        stopped.check_goes_on(training, self.changes)
        if training.is_done and self.found.is_whole:
            _say_finished(self.found, self.as_data)
            return
        if team and team.rank:
            team.assist(training)
        notes = [*stopped.notes(training), *self._bent_anew(training.optimizer.steps)]
        display = display_of(program.source.name, self.as_data, self.quiet)
        folder = reopened(stopped, program, self.changes)
        self._say(notes, _where(stopped, program.epochs))
        kept(folder, lambda: training, display, self.how)

    def _bent_anew(self, done: int) -> Iterator[str]:
        """A note where other epochs bend the schedule, so that the rate jumps after the steps that
        are done.
        """
        program, before = self.program, self.found.epochs
        now, was = program.rates, program.with_settings(epochs=before).rates if before else None
        last = max(0, done - 1)
        if now is None or was is None or now.factor(last) == was.factor(last):
            return
        name, count = now.parts[-1].schedule.name, counted(program.epochs, "epoch")
        yield (
            f"note: `{name}` is as long as the training, which has {count} now in place of "
            f"{before}: the learning rate goes on at {now.factor(done):.3g} times the optimizer's, "
            f"from {was.factor(last):.3g}"
        )

    def series(self, series: Series, jobs: int | None) -> None:
        """Go on with those of its trainings that are left, if any is, and end the command then."""
        stopped, program = self.stopped, self.program
        left = SeriesLeft.of(stopped, series, self.changes)
        if not left.number and self.found.is_whole:
            _say_finished(self.found, self.as_data)
            return
        display = display_of_series(series, self.quiet, self.as_data)
        folder = reopened_series(stopped, program, self.changes)
        count, kinds = len(series.numbers), f"{series.kind}s"
        are = "is" if left.number == 1 else "are"
        which = f"the {left.number} of its {count} {kinds} that {are} left"
        which = which if left.number < count else f"all its {kinds}"
        self._say(left.notes, f"{visible_path(str(folder.path))} goes on with {which}")
        train_series(series, stopped.backend, folder, self.how, display, jobs, self.changes)

    def _say(self, notes: Iterable[str], where: str) -> None:
        """Say on standard error what is to be known before it goes on."""
        for note in notes:
            click.echo(note, err=True)
        if not (self.as_data or self.quiet):
            click.echo(where, err=True)


def _say_finished(run: KeptRun, as_data: bool) -> None:
    if as_data:
        print_json(run.record.get("result"))
        return
    folder = visible_path(str(run.folder))
    named = shell_word(folder)
    epochs = run.most_epochs
    members = f"all {run.members} {run.series}s of it, " * bool(run.members)
    is_ended = epochs < (run.epochs or 0)  # by its stopping rule
    most = "at most " * (is_ended and run.members > 0)
    done = f"{folder} is finished, {members}after {most}{counted(epochs, 'epoch')}"
    if not run.has_checkpoint:
        click.echo(f"{done}, and kept no checkpoint to train on from")
        return
    more, why = f"--epochs {2 * epochs}", ""
    if is_ended:
        more, why = "--set stop.patience=...", ", as its stopping rule has ended it"
    click.echo(f"{done}{why}: `netlang resume {named} {more}` trains on")


def _where(stopped: StoppedRun, epochs: int) -> str:
    folder, start = visible_path(str(stopped.folder)), stopped.checkpoint
    if start is None:
        return f"{folder} begins anew, as it has no checkpoint"
    if start.epoch > epochs:
        return f"{folder} goes on at its end, after {counted(epochs, 'epoch')}"
    return f"{folder} goes on in epoch {start.epoch} of {epochs}"
