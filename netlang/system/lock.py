"""A process holds a folder for itself alone.

The system lets go of it when the process ends, in whatever way, and nothing is left behind that
says who held it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_TRIES, _PAUSE = 10, 0.01  # seconds between two: who only asks holds a folder for a moment


class Held(Exception):
    """Raised for a folder that another process holds."""


class Lock:
    """Holds ``folder`` against other processes of this machine until ``release`` or the end of the
    process, where the system can do that: not on Windows, nor on some file systems of a network.

    Raises Held if another process holds it, and OSError if it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        for _ in range(_TRIES):
            try:
                self._opened = _opened(folder, is_shared=False)
            except Held:
                time.sleep(_PAUSE)
            else:
                return
        raise Held

    def release(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None


def is_held(folder: Path) -> bool | None:
    """Whether a process holds ``folder``; None where the system cannot tell."""
    try:
        opened = _opened(folder, is_shared=True)
    except Held:
        return True
    except OSError:
        return None
    if opened is None:
        return None
    os.close(opened)
    return False


def _opened(folder: Path, is_shared: bool) -> int | None:
    """The opened folder, which is held as long as it is open; None where the system cannot hold it.

    Raises Held if another process holds it, and OSError if it cannot be opened.
    """
    if os.name == "nt":  # where a folder cannot be opened
        return None
    opened = os.open(folder, os.O_RDONLY)
    try:
        if locked(opened, is_shared):
            return opened
    except Held:
        os.close(opened)
        raise
    os.close(opened)
    return None


def locked(opened: int, is_shared: bool = False) -> bool:
    """Hold what is ``opened`` as long as it is open; False where the system cannot do that.

    Raises Held if another process of this machine holds it.
    """
    try:
        import fcntl
    except ImportError:  # on Windows
        return False
    try:
        fcntl.flock(opened, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Held from None
    except OSError:
        return False
    return True
