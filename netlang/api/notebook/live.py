"""A training that goes on in a cell: one output that grows, some times in a second."""

from __future__ import annotations

import time
from types import TracebackType

from netlang.api.notebook.screen import Screen, screen
from netlang.api.notebook.view import TrainingView
from netlang.runs.training.events import Event, Finished, Started

_SECONDS = 0.25  # between two pictures, as a browser has to draw each


class LiveView:
    """A callback of ``fit`` that shows the training on ``screen``.

    As a context, it shows from the beginning that data are loaded, and at the end why its body was
    left, if that is no end of a training.
    """

    def __init__(self, name: str, screen: Screen) -> None:
        self._view = TrainingView(name)
        self._screen = screen
        self._shown_at = 0.0

    def __call__(self, event: Event) -> None:
        self._view.look_at(event)
        is_due = time.monotonic() - self._shown_at >= _SECONDS
        if is_due or isinstance(event, Started | Finished):
            self._show()

    def __enter__(self) -> LiveView:
        self._show()  # as it may take seconds to load the data
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        if not self._view.has_begun:
            self._screen.clear()
            return
        self._view.ended = "interrupted" if issubclass(kind, KeyboardInterrupt) else "broken off"
        self._show()

    def _show(self) -> None:
        self._screen.show(self._view.html(), self._view.text())
        self._shown_at = time.monotonic()


def live_view(name: str) -> LiveView | None:
    """What shows the training of the file ``name`` in the cell that runs; None outside of one."""
    place = screen()
    return LiveView(name, place) if place else None
