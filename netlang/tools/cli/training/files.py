"""Several files are trained by one command, and stand in one table at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import click

from netlang.compiler.ir import Program
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.rendering.json import as_json
from netlang.language.diagnostics.wording import counted
from netlang.runs.folders.series_folder import new_series_folder
from netlang.runs.lines.display import measures, number, verdicts
from netlang.runs.lines.progress import LiveOverview
from netlang.runs.training.events import Event, Finished, Outcome, StepsDone, as_data
from netlang.runs.training.series import Series, SeriesDone
from netlang.system import interruption
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.sources import NetFile
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import print_event, print_json
from netlang.tools.cli.output.printing import show_diagnostics, visible_path
from netlang.tools.cli.training.folders import ending
from netlang.tools.cli.training.keeping import Keeper, Keeping, leave_in_order
from netlang.tools.cli.training.members import Ended, Member
from netlang.tools.cli.training.series import Gathered, draw_together, judged, members_of
from netlang.tools.cli.training.side_by_side import jobs_that_pay, train_all


def programs_of(files: Iterable[NetFile], backend: str) -> list[Program]:
    """Compile all ``files``, and report what is wrong with any of them before one is trained."""
    programs, failed = list[Program](), False
    for file in files:
        try:
            programs.append(file.program(trained_by=backend))
        except click.exceptions.Exit:
            failed = True
    if failed:
        raise click.exceptions.Exit(1)
    return programs


def train_files(
    programs: Sequence[Program],
    seeds: Sequence[int],
    backend: str,
    root: Path | None,
    how: Keeping,
    display: OfFiles,
    jobs: int | None,
) -> NoReturn:
    """Train each program, or a series of each, up to ``jobs`` at a time, with folders in ``root``,
    if there is one; show a table of all, and end the command.
    """
    with writing(root or ""), ExitStack() as stack:
        stack.callback(interruption.at_signal(lambda: _left(files, root)))
        files = [_File(program, Series(program, seeds), backend, root, how) for program in programs]
        members = {member: file for file in files for member in file.members}
        jobs = jobs or jobs_that_pay([file.program for file in members.values()], backend)
        display.begin(len(files), len(members), min(jobs, len(members)))
        for file in files:
            if file.gathered:
                stack.enter_context(ending(file.gathered.keeper))
        try:
            train_all([*members], jobs, _Watcher(members, display))
        finally:
            display.close()
        for file in files:
            if file.gathered and seeds and how.is_drawn:
                draw_together(file.gathered)
    display.conclude(files)
    raise click.exceptions.Exit(0 if all(file.ok for file in files) else 1)


class _File:
    """A file that is trained: once, or if its ``series`` has several trainings, by them."""

    def __init__(
        self, program: Program, series: Series, backend: str, root: Path | None, how: Keeping
    ) -> None:
        self.program, self.name = program, visible(program.source.name)
        self.has_failed = False
        self.gathered: Gathered | None = None
        self.ended: Ended | None = None
        self.run: str | None = None  # the folder
        if not series.numbers:
            self.members = [Member(program.source, program.overrides, backend, how, root)]
            return
        folder = new_series_folder(root, series, backend, how.is_watched) if root else None
        self.run = str(folder.path) if folder else None
        self.gathered = Gathered(series, folder, Keeper(folder))
        self.members = members_of(series, backend, folder, how)

    def take(self, member: Member, ended: Ended) -> None:
        if self.gathered:
            self.gathered.take(member, ended)
        else:
            self.ended, self.run = ended, ended.folder

    def called(self, member: Member) -> str:
        """What lines call one of its trainings."""
        return f"{self.name} {member.called}".rstrip()

    @property
    def done(self) -> SeriesDone | Finished | None:
        """What it gave; None before that, and where its training failed."""
        if self.gathered:
            return self.gathered.done
        return self.ended.finished if self.ended else None

    @property
    def is_over(self) -> bool:
        if self.gathered:
            return self.gathered.is_over
        return self.ended is not None

    @property
    def ok(self) -> bool:
        keeping = self.gathered or self.ended
        return bool(keeping and keeping.is_kept and self.done and self.done.ok)

    @property
    def failure(self) -> str:
        """Why it, or how many of its trainings, failed; empty where none did."""
        if self.gathered:
            failed, of = len(self.gathered.failures), len(self.members)
            return f"{failed} of {of} failed" if failed else ""
        problems = self.ended.problems if self.ended else ()
        return problems[0].message().title if problems else ""

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return self.done.outcomes if self.done else ()

    def cells(self) -> Mapping[str, str]:
        """Its metrics by path, with deviations where there are several trainings."""
        match self.done:
            case SeriesDone() as done:
                spread = {path: f" ± {number(one)}" for path, one in done.deviations.items()}
                return {p: number(one) + spread.get(p, "") for p, one in judged(done.means).items()}
            case Finished() as finished:
                return {path: number(one) for path, one in judged(finished.metrics).items()}
        return {}

    def as_data(self) -> dict[str, object]:
        """What it gave as JSON holds it."""
        match self.done:
            case SeriesDone():
                found = self.done.as_data()
            case Finished():
                found = as_data(self.done)
            case None:
                found = {"metrics": {}, "failed": self.failure}
        found.pop("event", None)
        weights = self.program.graph.weights
        return {"file": self.program.source.name, "parameters": weights, **found, "run": self.run}


class _Watcher:
    """Hands on how trainings go to the files that they are of, and to what shows that."""

    def __init__(self, members: Mapping[Member, _File], display: OfFiles) -> None:
        self.members, self.display = members, display

    def show(self, member: Member, event: Event, folder: str | None) -> None:
        self.display.show(self.members[member], member, event, folder)

    def end(self, member: Member, ended: Ended) -> None:
        file = self.members[member]
        file.take(member, ended)
        if not ended.finished:
            self.display.fail(file, member, ended.problems)
            file.has_failed = True


class OfFiles:
    """Shows a line for each training that is over, and at the end a table of all files; with
    ``as_data`` all events as JSON, each with its file. On a terminal, a live line is an overview.
    """

    def __init__(self, quiet: bool, as_data: bool) -> None:
        self.quiet, self.as_data = quiet, as_data
        self.live: LiveOverview | None = None  # on a terminal
        leave_in_order(self._interrupt)

    def begin(self, files: int, trainings: int, jobs: int) -> None:
        if self.quiet or self.as_data:
            return
        several = f", {counted(trainings, 'training')}" * (trainings > files)
        click.echo(f"{counted(files, 'file')}{several}, {jobs} at a time")
        if sys.stdout.isatty():
            self.live = LiveOverview(trainings)

    def show(self, file: _File, member: Member, event: Event, folder: str | None) -> None:
        if self.quiet:
            return
        called = file.called(member)
        if self.as_data:
            if not isinstance(event, StepsDone):
                kind = member.kind or "file"
                ends = {"event": kind, "run": folder} if isinstance(event, Finished) else {}
                print_event(as_data(event) | ends | self._whose(file, member))
            return
        if self.live:
            self.live.look_at(called, event)
        if isinstance(event, Finished):
            if self.live:
                self.live.erase()
            click.echo(f"{called}  {measures(judged(event.metrics))}")

    def fail(self, file: _File, member: Member, problems: Sequence[Diagnostic]) -> None:
        reason = problems[0].message().title
        if self.as_data:
            found = [as_json(one) for one in problems]
            kind = member.kind or "file"
            failed = {"event": kind, **self._whose(file, member), "failed": reason}
            print_event(failed | {"diagnostics": found})
            return
        called = file.called(member)
        if self.live:
            self.live.leave_out(called)
            self.live.erase()
        click.echo(f"{called}  {reason}")
        if not file.has_failed:  # of several seeds, the first one says it all
            show_diagnostics(problems)

    def _whose(self, file: _File, member: Member) -> dict[str, object]:
        numbered = {member.kind: member.number} if member.kind else {}
        return {"file": file.program.source.name, **numbered}

    def close(self) -> None:
        if self.live:
            self.live.close()

    def _interrupt(self) -> None:
        if self.live:
            self.live.interrupt()

    def conclude(self, files: Sequence[_File]) -> None:
        """Show the table of all files, and what was expected of each and what came."""
        if self.as_data:
            print_json({"event": "result", "files": [file.as_data() for file in files]})
            return
        click.echo("\n".join(["", *_table(files)]) if not self.quiet else "\n".join(_table(files)))
        for file in files:
            mean = "the mean: " * bool(file.gathered)
            for line in verdicts(file.outcomes):
                click.echo(f"{file.name}: {mean}{line}")


def _table(files: Sequence[_File]) -> Iterator[str]:
    """A row for each file below the columns' names; columns that no file has are left out."""
    paths = dict.fromkeys(path for file in files for path in file.cells())
    head = ["file", "weights", *paths, "seconds", "kept in", ""]
    rows = [head]
    for file in files:
        cells, done = file.cells(), file.done
        seconds = f"{done.train_seconds:.3g}" if done and cells else ""
        weights = f"{file.program.graph.weights:,}"
        kept = visible_path(file.run) if file.run else ""
        found = [cells.get(path, "") for path in paths]
        rows.append([file.name, weights, *found, seconds, kept, file.failure])
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    right = [n for n, (title, *_) in enumerate(columns) if title in ("weights", "seconds", *paths)]
    return iter(aligned(zip(*columns, strict=True), right))


def _left(files: Sequence[_File], root: Path | None) -> str:
    """What to say where a signal ends the command."""
    done = f"{sum(file.is_over for file in files)} of {counted(len(files), 'file')} done"
    if root is None:
        return done
    where = visible_path(str(root))
    return f"{done}: `netlang runs {where}` lists them, and `netlang resume RUN` goes on with one"
