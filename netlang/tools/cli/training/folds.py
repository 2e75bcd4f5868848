"""A file is trained on the command line once for each fold of its data."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from netlang.compiler.ir import Program
from netlang.runs.folders.run_folder import new_run_folder
from netlang.runs.training.events import Event, Finished, Started, StepsDone, as_data
from netlang.runs.training.folds import FoldsDone, by_fold, folds_of, summary
from netlang.runs.training.training import Training
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.display import (
    Display,
    headline,
    last_part,
    measures,
    number,
    verdicts,
)
from netlang.tools.cli.output.json_answers import print_event, print_json
from netlang.tools.cli.training.folders import ending, say_where
from netlang.tools.cli.training.keeping import Keeper, trained


def train_folds(
    program: Program, backend: str, root: Path | None, is_drawn: bool, quiet: bool, as_data: bool
) -> NoReturn:
    """Train the program for each fold, keep each in a folder within one in ``root``, if there is
    one, say what they give together, and end the command.
    """
    folder, display = None, _Folds(program, quiet, as_data)
    if root:
        with writing(root, "; -o names another folder, --no-folder does without"):
            folder = new_run_folder(root, program, backend)
    keeper, ends, failed = Keeper(folder), list[Finished](), False
    with ending(keeper):
        for display.fold, one in enumerate(by_fold(program), 1):
            inner = Keeper(folder and new_run_folder(folder.path, one, backend, name=display.at))
            ends.append(_train(one, backend, inner, display, is_drawn))
            failed = failed or inner.failed
        done = summary(program, ends)
        if folder and keeper.folder:
            folder.update_record(result=done.as_data() | {"run": str(folder.path)})
    display.conclude(done, str(folder.path) if folder else None)
    if folder:
        say_where(folder)
    raise click.exceptions.Exit(0 if done.ok and not failed else 1)


def _train(
    program: Program, backend: str, keeper: Keeper, display: Display, is_drawn: bool
) -> Finished:
    try:
        finished = trained(keeper, lambda: Training(program, backend), display, is_drawn)
    except BaseException:
        keeper.close("failed")
        raise
    keeper.close("finished")
    return finished


class _Folds(Display):
    """Shows a line for each fold, and in the end what they give together; with ``as_data`` all
    events as JSON, each with its ``fold``.
    """

    fold = 0  # that is trained, from 1

    def __init__(self, program: Program, quiet: bool, as_data: bool) -> None:
        self.name, self.folds = program.source.name, folds_of(program)
        self.quiet, self.as_data = quiet, as_data

    @property
    def at(self) -> str:
        """What the folder of the fold is called."""
        return f"fold-{self.fold}"

    def show(self, event: Event, folder: str | None = None) -> None:
        if isinstance(event, StepsDone) or self.quiet:
            return
        if self.as_data:
            of_fold = {"event": "fold", "run": folder} if isinstance(event, Finished) else {}
            print_event(as_data(event) | of_fold | {"fold": self.fold})
        elif isinstance(event, Finished):
            judged = last_part(event.metrics)
            last = {name: one for name, one in event.metrics.items() if name.startswith(judged)}
            click.echo(f"fold {self.fold}/{self.folds}  {measures(last)}")
        elif isinstance(event, Started) and self.fold == 1:
            first, *more = headline(self.name, event).splitlines()
            click.echo("\n".join([f"{first}, {self.folds} folds", *more]))

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
