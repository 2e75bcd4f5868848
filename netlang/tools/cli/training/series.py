"""A file is trained on the command line once for each fold of its data, or for each seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

import click

from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.rendering.json import as_json
from netlang.language.diagnostics.wording import counted
from netlang.runs.folders.kept_run import NotARun
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
from netlang.runs.plots.pictures import Picture
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
    gathered = Gathered(series, folder, Keeper(folder))
    members = members_of(series, backend, folder, how, changes)
    jobs = jobs or jobs_that_pay([series.program] * len(members), backend)
    display.is_overview = jobs > 1
    with writing(folder.path if folder else ""), ending(gathered.keeper):
        try:
            train_all(members, jobs, _Watcher(gathered, display))
        finally:
            display.close()
        if series.seeds and how.is_drawn:
            draw_together(gathered)
    display.conclude(gathered.done, str(folder.path) if folder else None)
    if folder:
        say_where(folder)
    raise click.exceptions.Exit(0 if gathered.done.ok and gathered.is_kept else 1)


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
            kind=series.kind,
            number=number,
            changes=tuple(changes),
        )
        for number in series.numbers
    ]


class Gathered:
    """What the trainings of a series have given so far, which its ``folder`` keeps as long as
    ``keeper`` can write it.
    """

    def __init__(self, series: Series, folder: SeriesFolder | None, keeper: Keeper) -> None:
        self.series, self.folder, self.keeper = series, folder, keeper
        self.ends: dict[int, Finished] = {}
        self.failures: dict[int, str] = {}
        self.can_draw = True  # as far as is known
        self._is_kept = True

    @property
    def done(self) -> SeriesDone:
        return self.series.summary(self.ends, self.failures)

    @property
    def is_over(self) -> bool:
        return len(self.ends) + len(self.failures) == len(self.series.numbers)

    @property
    def is_kept(self) -> bool:
        """Whether all could be written."""
        return self._is_kept and not self.keeper.failed

    def take(self, member: Member, ended: Ended) -> None:
        """Take how one of its trainings ended."""
        self._is_kept &= ended.is_kept
        self.can_draw &= ended.can_draw
        if ended.finished:
            self.ends[member.number] = ended.finished
        else:
            self.failures[member.number] = ended.problems[0].message().title
        if folder := self.folder:
            self.keeper.write(lambda _: folder.keep_together(self.done))


def draw_together(gathered: Gathered) -> None:
    """Draw the curves of all trainings of a series into its folder."""
    folder = gathered.folder
    if folder is None or not gathered.can_draw:
        return
    with suppress(NotARun):  # a history was changed meanwhile
        pictures = folder.pictures_together()
        gathered.keeper.write(lambda _: _draw(pictures, folder))


def _draw(pictures: Mapping[str, Picture], folder: SeriesFolder) -> None:
    draw(pictures, folder)


class _Watcher:
    """Sees how the trainings go, gathers what they give, and shows it."""

    def __init__(self, gathered: Gathered, display: OfSeries) -> None:
        self.gathered, self.display = gathered, display

    def show(self, member: Member, event: Event, folder: str | None) -> None:
        self.display.show(member.number, event, folder)

    def end(self, member: Member, ended: Ended) -> None:
        if not ended.finished and self.gathered.series.kind == FOLD:
            raise NetError(*ended.problems)  # the mean of some folds is no cross-validation
        if not ended.finished:
            self.display.fail(member.number, ended.problems)
        self.gathered.take(member, ended)


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
        met = [f"the mean: {line}" for line in verdicts(done.outcomes)]
        lines = [*aligned(rows, right=[1]), *self._left_out(done), *met, *kept]
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
    return (f"(95 %: {number(ends[0])} to {number(ends[1])})",) if ends else ()
