"""A run is shown as lines of text, where it is not shown on a terminal."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

import click

from netlang.compiler.ir import Beginning, OtherNames
from netlang.language.diagnostics.wording import SHOWN, listed
from netlang.runs.lines.about_data import about_data
from netlang.runs.training.events import (
    EpochDone,
    Event,
    Finished,
    Outcome,
    Started,
)
from netlang.system.lazy import np
from netlang.system.terminal import aligned, visible

_PARTS = {"train": "training", "validation": "validation", "test": "test"}
_LINES = 30  # about so many epochs get a line of their own


class Display(ABC):
    """Shows the events of a run, and at the end the ``folder`` that keeps it."""

    @abstractmethod
    def show(self, event: Event, folder: str | None = None) -> None:
        """Show ``event``; ``folder`` is known where it is the last."""

    def close(self) -> None:  # noqa: B027 - most displays have nothing to do
        """The run is over, or broken off."""

    def interrupt(self) -> None:  # noqa: B027 - nor here
        """Leave the terminal in order when a signal ends the process. It must wait for no lock."""


class PlainLines(Display):
    """Prints lines of text, for files, pipes and logs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.epochs = 0
        self.has_shown = False  # an epoch: the first may be any one, where a run goes on

    def show(self, event: Event, folder: str | None = None) -> None:
        match event:
            case Started():
                self.epochs, self.has_shown = event.epochs, False
                click.echo(headline(self.name, event))
            case EpochDone() if self._is_shown(event.epoch):
                self.has_shown = True
                width = len(str(self.epochs))
                rate = "" if event.lr is None else f"  lr {event.lr:.3g}"
                shown = f"{measures(event.metrics)}{rate}"
                click.echo(f"epoch {event.epoch:{width}}/{self.epochs}  {shown}")
            case Finished():
                click.echo(conclusion(event, folder))

    def _is_shown(self, epoch: int) -> bool:
        every = math.ceil(self.epochs / _LINES)
        return not self.has_shown or epoch % every == 0 or epoch == self.epochs


class ResultAlone(Display):
    """Prints the result of a run, and nothing on the way but why C was refused."""

    def show(self, event: Event, folder: str | None = None) -> None:
        match event:
            case Started():
                say_note(event)
            case Finished():
                click.echo(conclusion(event, folder))


def say_note(event: Started) -> None:
    """Say on standard error why a run is not in C, where C was asked for or would be faster."""
    if event.note:
        click.echo(f"note: {visible(event.note)}", err=True)


def headline(name: str, event: Started) -> str:
    weights = f"{event.weights:,} weights"
    if event.frozen:
        weights += f" ({event.frozen:,} frozen)"
    about = f"{visible(name)}: {weights}, {sizes(event.samples)}, seed {event.seed}"
    if event.engine == "native" and not event.note:
        about += ", in C"
    if event.workers > 1:
        about += f", by {event.workers} workers"
    noted = [visible(event.note)] if event.note else []
    began = _beginning(event.beginning) if event.beginning else []
    data = about_data(event.data, event.unseen) if event.data else []
    return "\n".join([about, *noted, *began, *data])


def sizes(parts: Mapping[str, int]) -> str:
    """How many samples each part of the data has: ``120 training and 30 test samples``."""
    *first, last = (f"{count:,} {_PARTS[part]}" for part, count in parts.items())
    return f"{', '.join(first)} and {last} samples" if first else f"{last} samples"


def _beginning(found: Beginning) -> list[str]:
    """What the weights began with, and which tensors were not taken."""
    shapes = [f"{one.name} {[*one.found]}, here {[*one.takes]}" for one in found.shapes]
    rows = {
        "taken": found.taken,
        "of another shape": shapes,
        "not in the file": found.missing,
        "left over": found.surplus,
    }
    parts = [(f"  {what}", visible(listed(names, SHOWN))) for what, names in rows.items() if names]
    others = {"other inputs": found.inputs, "other outputs": found.outputs}
    parts += [(f"  {what}", visible(_differing(one))) for what, one in others.items() if one]
    return [f"begins with the weights in {visible(str(found.file.path))}", *aligned(parts)]


def _differing(found: OtherNames) -> str:
    """What the weights of a layer that is taken were trained for, beside what they are for here."""
    pairs = listed((f"{file}, here {own}" for file, own in found.pairs), SHOWN)
    return f"{pairs}: {found.of} was trained for the file's"


def last_part(metrics: Mapping[str, float]) -> str:
    """The part of the data whose ``metrics`` come last: the test, if there is one."""
    return [*metrics][-1].partition(".")[0]


def measures(metrics: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {number(value):9}" for name, value in metrics.items()).rstrip()


def number(value: float) -> str:
    """``value`` in at most nine characters: with four decimals, unless it is small or large.

    >>> number(0.25), number(1234.5), number(0.0000512)
    ('0.2500', '1234.5', '5.12e-05')
    """
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e3:
        return f"{value:.4f}"
    return f"{value:.6g}" if 1e3 <= size < 1e6 else f"{value:.3g}"


def number_of_32_bits(value: float) -> str:
    """``value`` with the fewest digits that give the same 32-bit float.

    >>> number_of_32_bits(1234567.8), number_of_32_bits(1 / 3), number_of_32_bits(2e20)
    ('1234567.8', '0.33333334', '2e+20')
    """
    is_plain = value == 0 or 1e-4 <= abs(value) < 1e16
    shown = np.format_float_positional if is_plain else np.format_float_scientific
    return shown(np.float32(value), trim="-")


def conclusion(event: Finished, folder: str | None) -> str:
    """Lines with the final metrics of the test, or of what comes nearest to it, and with what was
    expected and what came.
    """
    best = f"best epoch {event.epoch} of {event.epochs}, " * (event.epoch < event.epochs)
    judged = last_part(event.metrics)
    last = {name: value for name, value in event.metrics.items() if name.startswith(f"{judged}.")}
    aside = "compiling and measuring" if event.engine == "native" else "measuring"
    measured = f"{measures(last)}  ({best}trained in {event.train_seconds:.3g} s, {aside} aside)"
    kept = [f"kept in {visible(folder)}"] if folder else []
    return "\n".join([measured, *verdicts(event.outcomes), *kept])


def came(outcome: Outcome) -> str:
    """The value that came, as other numbers are shown; in full where that would be one on the other
    side of the bound.
    """
    text = number(outcome.value)
    is_true = outcome.expectation.met_by(float(text)) == outcome.met
    return text if is_true else repr(outcome.value)


def verdicts(outcomes: Iterable[Outcome]) -> list[str]:
    """A line for each expectation, with what came, and whether that meets it."""
    rows = [(one.expectation.text, came(one), "met" if one.met else "MISSED") for one in outcomes]
    return aligned(rows, right=[1])
