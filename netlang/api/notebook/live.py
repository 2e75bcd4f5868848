"""A training that goes on in a cell: one output that grows, some times in a second."""

from __future__ import annotations

import time

from netlang.api.notebook.screen import Screen
from netlang.api.notebook.view import TrainingView
from netlang.runs.training.events import Event, Finished, Started

_SECONDS = 0.25  # between two pictures, as a browser has to draw each


class LiveView:
    """A callback of ``fit`` that shows the training on ``screen``."""

    def __init__(self, name: str, screen: Screen) -> None:
        self.view = TrainingView(name)
        self._screen = screen
        self._shown_at = 0.0

    def __call__(self, event: Event) -> None:
        self.view.look_at(event)
        is_due = time.monotonic() - self._shown_at >= _SECONDS
        if is_due or isinstance(event, Started | Finished):
            self._show()

    def end(self, why: str) -> None:
        """Show for good how far the training came, and ``why`` it is over."""
        self.view.ended = why
        self._show()

    def _show(self) -> None:
        self._screen.show(self.view.html(), self.view.text())
        self._shown_at = time.monotonic()
