"""A program is trained on the command line: shown as it goes, and kept in its folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import NoReturn

import click

from netlang.language.diagnostics import Diagnostic, NetError
from netlang.runs.folders.run_folder import RunFolder
from netlang.runs.folders.saving import MINUTES
from netlang.runs.lines.display import Display, PlainLines, ResultAlone
from netlang.runs.lines.progress import LiveLine
from netlang.runs.tracking.tracking import TRACKERS
from netlang.runs.training.events import Event, Finished
from netlang.runs.training.matrices import Matrix, matrices
from netlang.runs.training.training import LeftAlone, Training
from netlang.system import interruption
from netlang.system.record import Record
from netlang.system.terminal import visible
from netlang.tools.cli.named.numbers import Number
from netlang.tools.cli.named.written_files import unwritable
from netlang.tools.cli.output.evaluations import lines_of_confusion
from netlang.tools.cli.output.json_lines import JsonLines
from netlang.tools.cli.output.printing import report_diagnostics
from netlang.tools.cli.training.folders import draw, ending, say_where

_UNDRAWN = ", or run with --no-plots"


class Keeping(Record):
    """How a run is kept: with pictures or without, with a checkpoint after so many ``minutes`` of
    an epoch, with the norms of its layers if it is watched, and told to the trackers by whom it is
    ``tracked``.
    """

    is_drawn: bool
    minutes: float
    is_watched: bool = False
    tracked: tuple[str, ...] = ()


def kept(
    folder: RunFolder | None, begin: Callable[[], Training], display: Display, how: Keeping
) -> NoReturn:
    """Train as ``begin`` says, keep the run in ``folder`` if there is one, and end the command."""
    keeper = Keeper(folder)
    with ending(keeper):
        finished = trained(keeper, begin, display, how)
    if not isinstance(display, JsonLines):
        _say_matrices(keeper.matrices)
    if keeper.folder and keeper.folder.is_kept:
        say_where(keeper.folder)
    raise click.exceptions.Exit(0 if finished.ok and not keeper.failed else 1)


def trained(
    keeper: Keeper, begin: Callable[[], Training], display: Display, how: Keeping
) -> Finished:
    """Train as ``begin`` says, and let ``keeper`` keep the events, the network and the pictures."""
    training = begin()
    report_diagnostics(training.warnings)
    keeper.track(how.tracked)
    keeper.save_checkpoints(training, how.minutes)
    keeper.keep_rows(training)
    try:
        finished = _train(training.events(), keeper, display)
    except LeftAlone:  # it can go on from before that
        keeper.break_off()
        raise
    except NetError:  # it diverged, and has the last good weights
        if training.result_epoch:
            keeper.keep_model(training)
        raise
    keeper.keep_model(training)
    keeper.keep_matrices(training)
    if how.is_drawn:
        keeper.draw(training)
    return finished


plots_option = click.option(
    "--no-plots", is_flag=True, help="Draw no pictures in the run's folder."
)
track_option = click.option(
    "--track",
    "tracked",
    type=click.Choice([*TRACKERS], case_sensitive=False),
    multiple=True,
    help="Tell a tracker how the run goes, too. Repeatable.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Show the result and errors alone.")
checkpoint_option = click.option(
    "--checkpoint-minutes",
    "minutes",
    metavar="MINUTES",
    type=Number(min=0),
    default=MINUTES,
    show_default=True,
    help="Save a checkpoint so often within a long epoch, beside those after epochs; 0 saves none.",
)


def display_of(name: str, as_data: bool, quiet: bool = False) -> Display:
    """What shows a run of the program ``name``; a signal leaves the terminal in order."""
    display = _display(name, as_data, quiet)
    leave_in_order(display.interrupt)
    return display


def leave_in_order(interrupt: Callable[[], None]) -> None:
    """Let a signal that ends the command leave the terminal in order, by what a display does."""
    # This comes before a folder is made, so that a signal closes the folder's record first.
    click.get_current_context().call_on_close(interruption.at_signal(interrupt))


class Keeper:
    """Keeps a run in its folder as long as that can be written. When it cannot, this says so once,
    and training goes on.
    """

    def __init__(self, folder: RunFolder | None) -> None:
        self.folder = folder
        self.failed = False
        self.matrices: list[Matrix] = []  # those that the file asks for
        self.can_draw = True  # as far as is known
        self._saves = True  # as far as is known

    @property
    def left_behind(self) -> str:
        return self.folder.left_behind if self.folder else ""

    def close(self, status: str, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self.write(lambda folder: folder.close(status, diagnostics))

    def keep(self, event: Event) -> str | None:
        """Keep the event, and give the folder's name if that can be written."""
        self.write(lambda folder: folder.keep(event))
        self._save(lambda folder: folder.save_after(event))
        return str(self.folder.path) if self.folder and self.folder.is_kept else None

    def track(self, names: Iterable[str]) -> None:
        self.write(lambda folder: folder.track(names, warn))

    def save_checkpoints(self, training: Training, minutes: float) -> None:
        if self.folder:
            self.folder.save_checkpoints(training, minutes)

    def break_off(self) -> None:
        """Save a checkpoint and the network now, between two events."""
        self._save(lambda folder: folder.break_off())

    def _save(self, save: Callable[[RunFolder], None]) -> None:
        """Save a checkpoint, and say once where that fails. It is tried again later."""
        if self.folder:
            try:
                save(self.folder)
            except OSError as error:
                if self._saves:
                    reason = unwritable(error, "the run's folder")
                    click.echo(f"the run goes on without a new checkpoint: {reason}", err=True)
                self._saves, self.failed = False, True

    def keep_rows(self, training: Training) -> None:
        self.write(lambda folder: folder.keep_rows(training.split))

    def keep_model(self, training: Training) -> None:
        self.write(lambda folder: folder.keep_model(training))

    def keep_matrices(self, training: Training) -> None:
        for matrix in matrices(training):
            self.matrices.append(matrix)
            self.write(partial(RunFolder.keep_matrix, matrix=matrix))

    def draw(self, training: Training) -> None:
        def draw_all(folder: RunFolder) -> None:
            pictures = folder.pictures(training.outputs, training.split)
            self.can_draw = draw(pictures, folder, _UNDRAWN)

        self.write(draw_all)

    def write(self, write: Callable[[RunFolder], None]) -> None:
        """Write into the folder, if that can be."""
        if folder := self.folder:
            try:
                write(folder)
            except OSError as error:
                reason = unwritable(error, "the run's folder")
                click.echo(f"nothing more is kept of this run: {reason}", err=True)
                self.folder, self.failed = None, True
                with suppress(OSError):
                    folder.close("failed")


def warn(text: str) -> None:
    """Say what goes wrong beside a training, which goes on."""
    click.echo(visible(text), err=True)


def _say_matrices(found: Iterable[Matrix]) -> None:
    for one in found:
        head = [f"{visible(one.output)}:"] if one.output else []
        names = [visible(name) for name in one.classes]
        click.echo("\n".join(["", *head, *lines_of_confusion(names, one.counts)]))


def _train(events: Iterable[Event], keeper: Keeper, display: Display) -> Finished:
    try:
        for event in events:
            display.show(event, keeper.keep(event))
    except BrokenPipeError:  # nobody wants to read on: the run can go on later
        keeper.break_off()
        raise
    finally:
        display.close()
    assert isinstance(event, Finished), "a run that is not broken off ends so"
    return event


def _display(name: str, as_data: bool, quiet: bool) -> Display:
    if as_data:
        return JsonLines(quiet)
    if quiet:
        return ResultAlone()
    if sys.stdout.isatty():
        return LiveLine(name)
    return PlainLines(name)
