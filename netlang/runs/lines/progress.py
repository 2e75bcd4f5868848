"""A run on a terminal has one line, written anew as it goes on.

It says how far the run is, how good the network is, and how long the rest is going to take.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

import click

from netlang.runs.lines.display import Display, conclusion, headline, last_part, number
from netlang.runs.training.events import EpochDone, Event, Finished, Started, StepsDone

_SECONDS = 0.1  # between two lines, as nobody reads faster
_CELLS = 10  # of the bar
_APART = "  "
_BEGIN, _ERASE = "\r", "\x1b[K"  # the beginning of the line, and what deletes the rest of it
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class LiveLine(Display):
    """It is written by hand, in microseconds: a library for it takes longer to import than a small
    network to train. A ``lead`` says which of several trainings it is of.
    """

    def __init__(self, name: str, lead: str = "") -> None:
        self.name, self.lead = name, lead
        self.epochs = self.samples = 0  # that training has, and that an epoch has
        self.epoch, self.done = 1, 0  # the current epoch, and the samples of all that are done
        self.metrics: Mapping[str, float] = {}
        self.lr: float | None = None
        self.best = BestSoFar()
        self._first: tuple[float, int] | None = None  # the time of the first steps, and ``done``
        self._shown_at = 0.0  # the time of the last line; 0 where there is none

    def show(self, event: Event, folder: str | None = None) -> None:
        match event:
            case Started():
                click.echo(headline(self.name, event))
                self.begin(event)
            case StepsDone():
                self.epoch = event.epoch
                self.done = (event.epoch - 1) * self.samples + event.samples
                self._first = self._first or (time.monotonic(), self.done)
                self._write_if_due()
            case EpochDone():
                self.epoch, self.metrics, self.lr = event.epoch, event.metrics, event.lr
                self.best.look_at(event)
                self._write_if_due()
            case Finished():
                self._first = None  # no time is left
                self._write()
                self.close()
                click.echo(conclusion(event, folder))

    def begin(self, event: Started) -> None:
        """Show the line for the training that has started."""
        self.epochs, self.samples = event.epochs, event.samples["train"]
        self._write()

    def close(self) -> None:
        self._leave(_SHOW_CURSOR + "\n")

    def erase(self) -> None:
        """Leave nothing of the line, for others to write in its place."""
        self._leave(_BEGIN + _ERASE + _SHOW_CURSOR)

    def _leave(self, text: str) -> None:
        if self._shown_at:
            self._shown_at = 0.0
            click.echo(text, nl=False, color=True)

    def interrupt(self) -> None:
        """Leave the line as it is, and show the cursor. Standard output itself may be in use by
        what was interrupted.
        """
        _show_cursor(bool(self._shown_at))

    def line(self, width: int) -> str:
        """What is shown in ``width`` columns: of what does not fit, the less important is left out.

        That is first the bar, then all metrics but one, the learning rate, the time that is left,
        how fast it is, and the best epoch.
        """
        where, bar = f"{self.lead}epoch {self.epoch}/{self.epochs}", self._bar()
        numbers = latest(self.metrics)
        left, best, speed = self._time_left(), self.best.text(), self._speed()
        lr = [] if self.lr is None else [f"lr {self.lr:.3g}"]
        kept = list[str]()
        for part in [where, *numbers[:2], *best, *speed, *left, *lr, *numbers[2:], bar]:
            if not kept or len(_APART.join([*kept, part])) <= width:
                kept.append(part)
        parts = [where, *numbers, bar, *lr, *left, *best, *speed]
        return _APART.join(part for part in parts if part in kept)[:width]

    def _write_if_due(self) -> None:
        if time.monotonic() - self._shown_at >= _SECONDS:
            self._write()

    def _write(self) -> None:
        begin = _BEGIN if self._shown_at else _HIDE_CURSOR
        # In its last column, a terminal may go on in the next line.
        line = self.line(shutil.get_terminal_size().columns - 1)
        click.echo(f"{begin}{line}{_ERASE}", nl=False, color=True)
        self._shown_at = time.monotonic()

    def _bar(self) -> str:
        total = self.epochs * self.samples
        full = _CELLS * self.done // total if total else 0
        done, left = ("━", "─") if _encodes("━─") else ("=", "-")
        return done * full + left * (_CELLS - full)

    def _time_left(self) -> list[str]:
        speed = self._samples_per_second()
        if not speed:
            return []
        return [f"{clock((self.epochs * self.samples - self.done) / speed)} left"]

    def _speed(self) -> list[str]:
        speed = self._samples_per_second()
        return [f"{short(speed)} samples/s"] if speed else []

    def _samples_per_second(self) -> float:
        """How many samples are done in a second of the whole run, evaluation included."""
        if not self._first:
            return 0.0
        began, done = self._first
        seconds = time.monotonic() - began
        return (self.done - done) / seconds if seconds else 0.0


class LiveOverview:
    """One line for several trainings at a time: how many of ``count`` are over, and how far each of
    the others has come.
    """

    def __init__(self, count: int) -> None:
        self.count, self.over = count, 0
        self.going: dict[str, str] = {}  # by what a training is called, how far it is
        self._epochs: dict[str, int] = {}
        self._shown_at = 0.0  # the time of the last line; 0 where there is none

    def look_at(self, called: str, event: Event) -> None:
        match event:
            case Started():
                self._epochs[called] = event.epochs
                self._put(called, 1)
            case StepsDone():
                self._put(called, event.epoch)
            case EpochDone():
                self._put(called, event.epoch)
            case Finished():
                self.leave_out(called)
        if time.monotonic() - self._shown_at >= _SECONDS:
            begin = _BEGIN if self._shown_at else _HIDE_CURSOR
            line = self.line(shutil.get_terminal_size().columns - 1)
            click.echo(f"{begin}{line}{_ERASE}", nl=False, color=True)
            self._shown_at = time.monotonic()

    def leave_out(self, called: str) -> None:
        """That training is over."""
        self.going.pop(called, None)
        self.over += 1

    def line(self, width: int) -> str:
        """What is shown in ``width`` columns, of as many trainings as they have room for."""
        line = f"{self.over}/{self.count} done"
        for called, where in self.going.items():
            longer = f"{line}{_APART}{called} {where}"
            if len(longer) > width:
                break
            line = longer
        return line[:width]

    def _put(self, called: str, epoch: int) -> None:
        self.going[called] = f"epoch {epoch}/{self._epochs.get(called, epoch)}"

    def erase(self) -> None:
        """Leave nothing of the line, for others to write in its place."""
        if self._shown_at:
            self._shown_at = 0.0
            click.echo(_BEGIN + _ERASE + _SHOW_CURSOR, nl=False, color=True)

    close = erase

    def interrupt(self) -> None:
        _show_cursor(bool(self._shown_at))


class BestSoFar:
    """The best epoch so far: of the stopping rule, or else that of the lowest validation loss."""

    def __init__(self) -> None:
        self.epoch, self.loss = 0, float("inf")

    def look_at(self, event: EpochDone) -> None:
        loss = event.metrics.get("validation.loss", float("inf"))
        if event.best:
            self.epoch = event.best
        elif loss < self.loss:
            self.epoch, self.loss = event.epoch, loss

    def text(self) -> list[str]:
        return [f"best epoch {self.epoch}"] if self.epoch else []


def _show_cursor(is_shown: bool) -> None:
    """Leave a line that ``is_shown`` as it is, and show the cursor."""
    with suppress(OSError, ValueError):  # the terminal is gone, or there never was one
        descriptor = sys.stdout.fileno()
        if is_shown and os.isatty(descriptor):
            os.write(descriptor, f"{_SHOW_CURSOR}\n".encode())


def _encodes(text: str) -> bool:
    """Whether standard output can say ``text``."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def clock(seconds: float) -> str:
    """A time in hours, minutes and seconds.

    >>> clock(7.2), clock(83), clock(3_723)
    ('0:07', '1:23', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def short(count: float) -> str:
    """A count in at most four characters, up to a trillion.

    >>> short(7.2), short(950), short(1_234), short(56_789), short(9_999_999)
    ('7', '950', '1.2k', '57k', '10M')
    """
    for unit in ("", "k", "M"):
        digits = f"{count:.1f}" if unit and count < 9.95 else f"{count:.0f}"
        if count < 999.5:
            break
        count /= 1000
    else:
        unit, digits = "G", f"{count:.0f}"
    return digits + unit


def latest(metrics: Mapping[str, float]) -> list[str]:
    """The training loss, and the metrics of the last part of the data.

    >>> latest({"train.loss": 0.25, "test.loss": 0.3, "test.mae": 0.5, "test.r2": 0.9})
    ['loss 0.2500', 'test mae 0.5000', 'r2 0.9000']
    """
    if not metrics:
        return []
    judged = last_part(metrics)
    of_part = {name: value for name, value in metrics.items() if name.startswith(f"{judged}.")}
    of_part.pop(f"{judged}.loss", None)
    texts = [f"{name} {number(value)}" for name, value in of_part.items()]
    first = [text.replace(".", " ", 1) for text in texts[:1]]
    others = [text.removeprefix(f"{judged}.") for text in texts[1:]]
    return [f"loss {number(metrics['train.loss'])}", *first, *others]
