"""A process that was started to do a part of a command ends with the process that started it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time

_TO_LOOK = 1.0  # seconds between two looks at whether it is still there


def end_with_parent(parent: int | None = None) -> None:
    """From now on, end this process, as by SIGTERM, when the one that started it has ended, in
    whatever way. ``parent`` is its number, where it may have ended before it is asked for here.
    """
    number = os.getppid() if parent is None else parent
    threading.Thread(target=_end_with, args=(number,), daemon=True).start()


def _end_with(parent: int) -> None:
    if started_by := multiprocessing.parent_process():
        started_by.join()
    while not started_by and os.getppid() == parent:
        time.sleep(_TO_LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
