"""A file is trained on the command line once for each fold of its data, or for each seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

import click

from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.rendering.json import as_json
from netlang.language.diagnostics.wording import counted
from netlang.runs.folders.kept_run import MEMBER, NotARun
from netlang.runs.folders.series_folder import SeriesFolder
from netlang.runs.lines.display import (
    headline,
    last_part,
    measures,
    number,
    say_note,
    verdicts,
)
from netlang.runs.lines.progress import LiveLine, LiveOverview
from netlang.runs.training.events import Event, Finished, Started, StepsDone, as_data
from netlang.runs.training.series import FOLD, Series, SeriesDone
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import print_event, print_json
from netlang.tools.cli.output.printing import show_diagnostics
from netlang.tools.cli.training.folders import draw, ending, say_where
from netlang.tools.cli.training.keeping import Keeper, Keeping, leave_in_order
from netlang.tools.cli.training.members import Ended, Member
from netlang.tools.cli.training.side_by_side import jobs_that_pay, train_all


def train_series(
    series: Series,
    backend: str,
    folder: SeriesFolder | None,
    how: Keeping,
    display: OfSeries,
    jobs: int | None,
    changes: Sequence[str] = (),
) -> NoReturn:
    """Do all trainings of the series, up to ``jobs`` at a time, each in its folder within
    ``folder``, if there is one; say what they give together, and end the command. A series that
    goes on does so after ``changes`` of the command line, with the trainings that are left.
    """
    keeper = Keeper(folder)
    members = members_of(series, backend, folder, how, changes)
    jobs = jobs or jobs_that_pay([series.program] * len(members), backend)
    display.is_overview = jobs > 1
    watcher = _Together(series, folder, keeper, display)
    with writing(folder.path if folder else ""), ending(keeper):
        try:
            train_all(members, jobs, watcher)
        finally:
            display.close()
        if folder and how.is_drawn and not watcher.undrawn and series.seeds:
            keeper.write(lambda _: _draw(folder))
    display.conclude(watcher.done, str(folder.path) if folder else None)
    if folder:
        say_where(folder)
    kept = not (watcher.failed or keeper.failed)
    raise click.exceptions.Exit(0 if watcher.done.ok and kept else 1)


def members_of(
    series: Series,
    backend: str,
    folder: SeriesFolder | None,
    how: Keeping,
    changes: Sequence[str] = (),
) -> list[Member]:
    """The trainings of a series, which have their folders within ``folder``."""
    return [
        Member(
            source=series.program.source,
            overrides=series.overrides(number),
            backend=backend,
            how=how,
            root=folder.path if folder else None,
            name=MEMBER.format(series.kind, number),
            number=number,
            changes=tuple(changes),
        )
        for number in series.numbers
    ]


def _draw(folder: SeriesFolder) -> None:
    try:
        pictures = folder.pictures_together()
    except NotARun:  # a history was changed meanwhile
        return
    draw(pictures, folder)


class _Together:
    """Sees how the trainings go, and keeps and shows what they give together."""

    def __init__(
        self, series: Series, folder: SeriesFolder | None, keeper: Keeper, display: OfSeries
    ) -> None:
        self.series, self.folder, self.keeper, self.display = series, folder, keeper, display
        self.ends: dict[int, Finished] = {}
        self.failures: dict[int, str] = {}
        self.failed = self.undrawn = False  # whether not all could be kept, or be drawn

    @property
    def done(self) -> SeriesDone:
        return self.series.summary(self.ends, self.failures)

    def show(self, member: Member, event: Event, folder: str | None) -> None:
        self.display.show(member.number, event, folder)

    def end(self, member: Member, ended: Ended) -> None:
        self.failed |= not ended.is_kept
        self.undrawn |= not ended.can_draw
        if ended.finished:
            self.ends[member.number] = ended.finished
        elif self.series.kind == FOLD:  # the mean of some folds is no cross-validation
            raise NetError(*ended.problems)
        else:
            self.display.fail(member.number, ended.problems)
            self.failures[member.number] = ended.problems[0].message().title
        if folder := self.folder:
            self.keeper.write(lambda _: folder.keep_together(self.done))


def display_of_series(series: Series, quiet: bool, as_data: bool) -> OfSeries:
    """What shows a series; a signal leaves the terminal in order."""
    display = OfSeries(series, quiet, as_data)
    leave_in_order(display.interrupt)
    return display


class OfSeries:
    """Shows a line for each training that is over, and at the end what they give together; with
    ``as_data`` all events as JSON, each with its number. On a terminal, a live line shows the
    training that goes on, or an overview of several.
    """

    is_overview = False

    def __init__(self, series: Series, quiet: bool, as_data: bool) -> None:
        self.name, self.kind = series.program.source.name, series.kind
        self.count = len(series.numbers)
        self.quiet, self.as_data = quiet, as_data
        self.live: LiveLine | LiveOverview | None = None  # on a terminal
        self._has_begun = self._has_failed = False

    def show(self, number: int, event: Event, folder: str | None = None) -> None:
        first = isinstance(event, Started) and not self._has_begun
        self._has_begun = True
        if self.quiet:
            if first and isinstance(event, Started):
                say_note(event)
        elif not self.as_data:
            self._show(number, event, first)
        elif not isinstance(event, StepsDone):
            ends = {"event": self.kind, "run": folder} if isinstance(event, Finished) else {}
            print_event(as_data(event) | ends | {self.kind: number})

    def fail(self, number: int, problems: Sequence[Diagnostic]) -> None:
        """Show that a training failed, and of the first one all that is to be said of that."""
        reason = problems[0].message().title
        if self.as_data:
            found = [as_json(one) for one in problems]
            failed = {"event": self.kind, self.kind: number, "failed": reason}
            print_event(failed | {"diagnostics": found})
            return
        if isinstance(self.live, LiveOverview):
            self.live.leave_out(self._called(number))
        if self.live:
            self.live.erase()
        click.echo(f"{self._called(number)}  {reason}")
        if not self._has_failed:
            show_diagnostics(problems)
        self._has_failed = True

    def _called(self, number: int) -> str:
        return f"{self.kind} {number}" + f"/{self.count}" * (self.kind == FOLD)

    def _show(self, number: int, event: Event, first: bool) -> None:
        called = self._called(number)
        if first and isinstance(event, Started):
            head, *more = headline(self.name, event).splitlines()
            if self.kind != FOLD:
                head = head.replace(f", seed {event.seed}", "")
            click.echo("\n".join([f"{head}, {counted(self.count, self.kind)}", *more]))
        if isinstance(event, Started) and sys.stdout.isatty():
            if not self.is_overview:
                self.live = LiveLine(self.name, f"{called}  ")
                self.live.begin(event)
                return
            self.live = self.live or LiveOverview(self.count)
        if isinstance(self.live, LiveOverview):
            self.live.look_at(called, event)
        elif self.live and not isinstance(event, Finished):
            self.live.show(event)
        if isinstance(event, Finished):
            if self.live:
                self.live.erase()
            click.echo(f"{called}  {measures(judged(event.metrics))}")

    def close(self) -> None:
        if self.live:
            self.live.close()

    def interrupt(self) -> None:
        if self.live:
            self.live.interrupt()

    def conclude(self, done: SeriesDone, folder: str | None) -> None:
        """Show the means, how far the trainings deviate, and what was expected and what came."""
        if self.as_data:
            print_json(done.as_data() | {"run": folder})
            return
        intervals = done.intervals
        rows = [
            (name, number(mean), *_spread(done, name), *_interval(intervals.get(name)))
            for name, mean in judged(done.means).items()
        ]
        kept = [f"kept in {visible(folder)}"] if folder else []
        lines = [*aligned(rows, right=[1]), *self._left_out(done), *verdicts(done.outcomes), *kept]
        click.echo("\n".join(lines))

    def _left_out(self, done: SeriesDone) -> Iterable[str]:
        if done.failures:
            are = "is" if len(done.failures) == 1 else "are"
            which = counted(len(done.failures), self.kind)
            yield f"{which} of {self.count} failed, and {are} not in these means"


def judged(metrics: Mapping[str, float]) -> dict[str, float]:
    """The metrics on that part of the data which comes last."""
    part = last_part(metrics) if metrics else ""
    return {name: one for name, one in metrics.items() if name.startswith(f"{part}.")}


def _spread(done: SeriesDone, name: str) -> tuple[str, ...]:
    return (f"± {number(done.deviations[name])}",) if name in done.deviations else ()


def _interval(ends: tuple[float, float] | None) -> tuple[str, ...]:
    return (f"(the mean: {number(ends[0])} to {number(ends[1])})",) if ends else ()
