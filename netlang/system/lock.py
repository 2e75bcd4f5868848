"""A process holds a folder for itself alone.

The system lets go of it when the process ends, in whatever way, and nothing is left behind that
says who held it.
"""

from __future__ import annotations

import os
from pathlib import Path


class Held(Exception):
    """Raised for a folder that another process holds."""


class Lock:
    """Holds ``folder`` until ``release`` or the end of the process, where the system can do that:
    not on Windows, nor on some file systems of a network.

    Raises Held if another process holds it, and OSError if it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._opened: int | None = None
        try:
            import fcntl
        except ImportError:  # on Windows
            return
        opened = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            raise Held from None
        except OSError:
            os.close(opened)
        else:
            self._opened = opened

    def release(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None
