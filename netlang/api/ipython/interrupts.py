"""An interrupt of a cell ends its training between two steps, so that the network is whole."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from netlang.runs.training.events import Event


class Interrupts:
    """While its body runs, an interrupt is only noted; a second one comes through as always.

    It is a callback of ``fit``, which ends the training after one ``came``.
    """

    def __init__(self) -> None:
        self.came = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():  # which alone may handle signals
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def __call__(self, event: Event) -> bool:
        return self.came

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.came:
            raise KeyboardInterrupt
        self.came = True
