"""``netlang run`` trains a file, shows how it goes, and keeps the results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import click

from netlang.language.diagnostics import Diagnostic
from netlang.runs.events import Event, Finished
from netlang.runs.run_folder import RunFolder
from netlang.runs.training import Training
from netlang.system import interruption
from netlang.tools.cli.backend import backend_option
from netlang.tools.cli.display import Display, JsonLines, PlainLines
from netlang.tools.cli.folders import draw, ending, folder_option, is_on_command_line, say_where
from netlang.tools.cli.json_answers import events_option
from netlang.tools.cli.sources import NetFile, takes_file
from netlang.tools.cli.written_files import unwritable, writing

_UNDRAWN = ", or run with --no-plots"


@click.command("run")
@takes_file
@backend_option
@folder_option
@click.option("--no-folder", is_flag=True, help="Keep nothing of the run.")
@click.option("--no-plots", is_flag=True, help="Draw no pictures in the run's folder.")
@events_option
def command(
    file: NetFile, backend: str, root: Path, no_folder: bool, no_plots: bool, as_data: bool
) -> None:
    """Train FILE, and measure it on its test data.

    A new folder in `runs` keeps the file as it was run, the metrics of each epoch, the result, the
    trained network (model.safetensors) and pictures: the learning curves, and for a network with
    two inputs what it decides where.

    With --json, each event is an object on a line of its own. The last one is `result`, or, where
    there is none, `diagnostics`, `error` or `interrupted`. The exit status is 1 if the file has an
    error, training diverges or an `expect` is missed.

    \b
    Example:
        netlang run models/model2.net --set epochs=50 --set optimizer.lr=3e-3
    """
    if no_folder and is_on_command_line("root"):
        raise click.UsageError("-o names a folder, and --no-folder wants none")
    program = file.program(trained_by=backend)
    display = _display(program.source.name, as_data)
    # This comes before the folder is made, so that a signal closes the folder's record first.
    click.get_current_context().call_on_close(interruption.at_signal(display.interrupt))
    with writing(root, "; -o names another folder, --no-folder does without"):
        keeper = _Keeper(None if no_folder else RunFolder(root, program))
    with ending(keeper):
        training = Training(program, backend)
        finished = _train(training, keeper, display)
        keeper.keep_model(training)
        if not no_plots:
            keeper.draw(training)
    if keeper.folder:
        say_where(keeper.folder)
    raise click.exceptions.Exit(0 if finished.ok and not keeper.failed else 1)


class _Keeper:
    """Keeps a run in its folder as long as that can be written. When it cannot, this says so once,
    and training goes on.
    """

    def __init__(self, folder: RunFolder | None) -> None:
        self.folder = folder
        self.failed = False

    @property
    def left_behind(self) -> str:
        return self.folder.left_behind if self.folder else ""

    def close(self, status: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self._keep(lambda folder: folder.close(status, diagnostics))

    def keep(self, event: Event) -> str | None:
        """Keep the event, and give the folder's name if that can be written."""
        self._keep(lambda folder: folder.keep(event))
        return str(self.folder.path) if self.folder else None

    def keep_model(self, training: Training) -> None:
        self._keep(lambda folder: folder.keep_model(training.model()))

    def draw(self, training: Training) -> None:
        evaluate, split, help = training.outputs, training.split, _UNDRAWN
        self._keep(lambda folder: draw(folder.pictures(evaluate, split), folder, help))

    def _keep(self, write: Callable[[RunFolder], None]) -> None:
        if folder := self.folder:
            try:
                write(folder)
            except OSError as error:
                reason = unwritable(error, "the run's folder")
                click.echo(f"nothing more is kept of this run: {reason}", err=True)
                self.folder, self.failed = None, True
                with suppress(OSError):
                    folder.close("failed")


def _train(training: Training, keeper: _Keeper, display: Display) -> Finished:
    try:
        for event in training.events():
            display.show(event, keeper.keep(event))
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
