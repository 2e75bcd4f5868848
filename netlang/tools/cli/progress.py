"""A run on a terminal has a bar that moves, beside its latest loss and metrics."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from netlang.runs.events import EpochDone, Event, Finished, Started, StepsDone
from netlang.tools.cli.display import Display, conclusion, headline, last_part, number

_BAR = 10  # cells of the bar
_CLOCK = 7  # of the time
_SHOW_CURSOR = b"\x1b[?25h\n"


class ProgressBar(Display):
    """Rich draws the bar alone: in other text it would replace ``:fire:`` and break long paths."""

    def __init__(self, name: str, console: Console | None = None) -> None:
        self.name = name
        self.console = console or Console(highlight=False)
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[measures]}", markup=False),
            BarColumn(bar_width=_BAR),
            TimeElapsedColumn(),
            console=self.console,
        )
        self.epochs = self.samples = 0
        self.task = self.bar.add_task("", measures="", total=None)

    def show(self, event: Event, folder: str | None = None) -> None:
        match event:
            case Started():
                self.epochs, self.samples = event.epochs, event.samples["train"]
                click.echo(headline(self.name, event), file=self.console.file)
                self.bar.start()
                total = self.epochs * self.samples
                self.bar.update(self.task, description=f"epoch 1/{self.epochs}", total=total)
            case StepsDone():
                done = (event.epoch - 1) * self.samples + event.samples
                description = f"epoch {event.epoch}/{self.epochs}"
                self.bar.update(self.task, completed=done, description=description)
            case EpochDone():
                beside = len(f"epoch {self.epochs}/{self.epochs}") + _BAR + _CLOCK + 3  # spaces
                measures = latest(event.metrics, self.console.width - beside)
                self.bar.update(self.task, measures=measures)
            case Finished():
                self.bar.stop()
                click.echo(conclusion(event, folder), file=self.console.file)

    def close(self) -> None:
        self.bar.stop()

    def interrupt(self) -> None:
        """Leave the bar as it is, and show the cursor.

        To stop the bar would wait for locks, which what was interrupted may hold.
        """
        with suppress(OSError, ValueError):  # the terminal is gone, or there never was one
            descriptor = self.console.file.fileno()
            if self.bar.live.is_started and os.isatty(descriptor):
                os.write(descriptor, _SHOW_CURSOR)


def latest(metrics: Mapping[str, float], room: int) -> str:
    """The training loss and the metrics of the last part of the data, as many as fit into ``room``
    columns.

    >>> latest({"train.loss": 0.25, "test.loss": 0.3, "test.mae": 0.5, "test.r2": 0.9}, 60)
    'train loss 0.2500  test mae 0.5000  r2 0.9000'
    """
    text = f"train loss {number(metrics['train.loss'])}"
    judged = last_part(metrics)
    part = f"{judged} "
    for name, value in metrics.items():
        if name.startswith(f"{judged}.") and name != f"{judged}.loss":
            more = f"{text}  {part}{name.removeprefix(f'{judged}.')} {number(value)}"
            if len(more) > room:
                break
            text, part = more, ""
    return text
