"""``netlang run``: train a file, show how it goes, and keep what came of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

import click

from netlang.compiler.ir import Program
from netlang.language.diagnostics import DiagnosticError
from netlang.runs import Event, Finished, RunFolder, Training
from netlang.system import interruption
from netlang.tools.cli.backend import backend_option
from netlang.tools.cli.display import Display, JsonLines, PlainLines, show_as_data
from netlang.tools.cli.results import draw, say_where, unwritable
from netlang.tools.cli.sources import (
    allow_option,
    file_argument,
    program_or_exit,
    set_option,
    show,
)

_UNDRAWN = ", or run with --no-plots"
_RUNS = Path("runs")
folder_option = click.option(
    "-o",
    "--output",
    "root",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    default=_RUNS,
    show_default=True,
    help="Where a new folder is made for what comes of it.",
)


@click.command("run")
@file_argument
@set_option
@allow_option
@backend_option
@folder_option
@click.option("--no-folder", is_flag=True, help="Keep nothing of the run.")
@click.option("--no-plots", is_flag=True, help="Draw no pictures in the run's folder.")
@click.option("--json", "as_data", is_flag=True, help="One JSON object per line and event.")
def command(
    file: str,
    overrides: tuple[str, ...],
    allowed: tuple[Path, ...],
    backend: str,
    root: Path,
    no_folder: bool,
    no_plots: bool,
    as_data: bool,
) -> None:
    """Train FILE, and measure it on its test data.

    A folder in `runs` keeps the file as it was run, the metrics of every epoch, the result, and
    pictures: the learning curves, and of a network with two inputs what it says where.

    The exit status is 1 if the file has an error, training diverges, or an `expect` is missed.

    \b
    Example:
        netlang run models/model2.net --set epochs=50 --set optimizer.lr=3e-3
    """
    if no_folder and root != _RUNS:
        raise click.UsageError("-o names a folder, and --no-folder wants none")
    report = show_as_data if as_data else show
    program = program_or_exit(file, overrides, allowed, to_run=True, report=report, backend=backend)
    display = _display(program.source.name, as_data)
    # Before the folder is made, whose record a signal then closes first.
    withdraw = interruption.at_signal(display.interrupt)
    try:
        with _Kept(None if no_folder else _folder(root, program)) as kept:
            training = Training(program, backend)
            finished = _train(training, kept, display)
            if not no_plots:
                kept.draw(training)
    except DiagnosticError as error:
        report(error.diagnostics)
        raise click.exceptions.Exit(1) from None
    except KeyboardInterrupt:  # where the command is called by another program
        click.echo("interrupted: training stopped, and its weights are gone", err=True)
        raise click.exceptions.Exit(130) from None
    finally:
        withdraw()
    if kept.folder:
        say_where(kept.folder)
    raise click.exceptions.Exit(0 if finished.ok and not kept.failed else 1)


class _Kept:
    """A run's folder, as long as it can be written. Where it cannot any more, that is said once,
    and training goes on.
    """

    def __init__(self, folder: RunFolder | None) -> None:
        self.folder = folder
        self.failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """The folder says how the run ended, and has what there is of it."""
        if kind is None:
            interruption.ignore()  # what is said to be finished is not interrupted any more
            self._keep(lambda folder: folder.close("finished"))
            return
        quiet = issubclass(kind, BrokenPipeError)
        status = "failed" if issubclass(kind, Exception) and not quiet else "interrupted"
        self._keep(lambda folder: folder.close(status))
        if self.folder and not quiet:
            click.echo(self.folder.outcome, err=True)

    def show(self, event: Event) -> Event:
        """The event, which the folder has kept; of the last one, with the folder's name."""
        kept = event
        if self.folder and isinstance(event, Finished):
            kept = replace(event, run=str(self.folder.path))
        self._keep(lambda folder: folder.show(kept))
        return kept if self.folder else event

    def draw(self, training: Training) -> None:
        evaluate, split, help = training.engine.evaluate, training.split, _UNDRAWN
        self._keep(lambda folder: draw(folder.pictures(evaluate, split), folder, help))

    def _keep(self, what: Callable[[RunFolder], None]) -> None:
        if folder := self.folder:
            try:
                what(folder)
            except OSError as error:
                reason = unwritable(error, "the run's folder")
                click.echo(f"nothing more is kept of this run: {reason}", err=True)
                self.folder, self.failed = None, True
                with suppress(OSError):
                    folder.close("failed")


def _folder(root: Path, program: Program) -> RunFolder:
    try:
        return RunFolder(root, program)
    except OSError as error:
        help = "-o names another folder, --no-folder does without"
        raise click.ClickException(f"{unwritable(error, root)}; {help}") from None


def _train(training: Training, kept: _Kept, display: Display) -> Finished:
    try:
        for event in training.events():
            display.show(event := kept.show(event))
    finally:
        display.close()
    assert isinstance(event, Finished), "a run that is not broken off ends so"
    return event


def _display(name: str, as_data: bool) -> Display:
    if as_data:
        return JsonLines()
    if sys.stdout.isatty():
        from netlang.tools.cli.progress import ProgressBar

        return ProgressBar(name)
    return PlainLines(name)
