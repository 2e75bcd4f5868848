"""How a training goes is shown where somebody looks: in a notebook's cell, or on a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Protocol, Self

from netlang.api.notebook.live import live_view
from netlang.runs.lines.display import Display, PlainLines
from netlang.runs.lines.progress import LiveLine
from netlang.runs.training.events import Event


class Watcher(Protocol):
    """A callback that is a context, too, so that it comes to an end however a training ends."""

    def __call__(self, event: Event, /) -> object: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None, /
    ) -> None: ...


class Lines:
    """Shows a training by the lines of a ``display``."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def __call__(self, event: Event) -> None:
        self._display.show(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._display.close()


def progress(name: str, verbose: bool | None) -> Watcher | None:
    """What shows the training of the file ``name``: a display that grows in a notebook, a line on a
    terminal. Elsewhere it is lines, if it is to be ``verbose``, and nothing if nobody says so.
    """
    if verbose is False:
        return None
    if view := live_view(name):
        return view
    if sys.stdout is not None and sys.stdout.isatty():
        return Lines(LiveLine(name))
    return Lines(PlainLines(name)) if verbose else None
