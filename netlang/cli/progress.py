"""A run on a terminal: a bar that moves, and the latest loss and metrics beside it."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from netlang.cli.display import conclusion, headline
from netlang.runner import EpochDone, Event, Finished, Started
from netlang.runner import Progress as Samples


class ProgressBar:
    def __init__(self, name: str) -> None:
        self.name = name
        self.console = Console(highlight=False)
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[measures]}", markup=False),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            console=self.console,
        )
        self.epochs = self.samples = 0
        self.task = self.bar.add_task("", measures="", total=None)

    def show(self, event: Event) -> None:
        match event:
            case Started():
                self.epochs, self.samples = event.epochs, event.samples["train"]
                self.console.print(headline(self.name, event), markup=False)
                self.bar.start()
                self.bar.update(
                    self.task,
                    description=f"epoch 1/{self.epochs}",
                    total=self.epochs * self.samples,
                )
            case Samples():
                done = (event.epoch - 1) * self.samples + event.samples
                self.bar.update(
                    self.task, completed=done, description=f"epoch {event.epoch}/{self.epochs}"
                )
            case EpochDone():
                self.bar.update(self.task, measures=_latest(event))
            case Finished():
                self.bar.stop()
                self.console.print(conclusion(event), markup=False)

    def close(self) -> None:
        self.bar.stop()


def _latest(event: EpochDone) -> str:
    """The training loss and the test set's metrics, short enough for one line."""
    shown = {
        name.removeprefix("test."): value
        for name, value in event.metrics.items()
        if name.startswith("test.") and name != "test.loss"
    }
    values = {"loss": event.metrics["train.loss"], **shown}
    return "  ".join(f"{name} {value:.4f}" for name, value in values.items())
