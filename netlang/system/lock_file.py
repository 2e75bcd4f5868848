"""A process holds a file for itself alone, against those of other machines, too.

To make a file that is not there is one step on every file system that machines share, where the
locks of the system are often seen by one machine alone. But nobody removes the file of a process
that is killed: others of its machine see that at once, and those of another one after a while.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

from netlang.system.interruption import uninterrupted
from netlang.system.lock import Held, locked
from netlang.system.machine import machine_name

_TO_LOOK = 0.01  # seconds between two looks at whether it is free


class LockFile:
    """Holds the file ``path`` from its making until ``release``; it waits as long as it must. A
    signal ends the process after that.

    A file of another machine that has been there for ``grace`` seconds was left behind: nobody is
    to hold it for longer.  Raises OSError if it cannot be made.
    """

    def __init__(self, path: Path, grace: float) -> None:
        self.path, seen, since = path, None, time.monotonic()
        while not self._is_made():
            found = _identity(path)
            if found != seen:
                seen, since = found, time.monotonic()
            if found and not self._frees_dead() and time.monotonic() - since > grace:
                self._break(found)
            time.sleep(_TO_LOOK)

    @property
    def made_at(self) -> float:
        """When it was made, by the clock of the file system, in seconds."""
        return os.fstat(self._opened).st_mtime

    def release(self) -> None:
        """Let others hold it; there is nothing to do where one of them broke it."""
        with suppress(OSError):
            if os.path.samestat(self.path.stat(), os.fstat(self._opened)):
                self.path.unlink()
        os.close(self._opened)
        self._whole.__exit__()

    def _is_made(self) -> bool:
        self._whole = uninterrupted()
        self._whole.__enter__()
        try:
            self._opened = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR)
        except OSError as error:
            self._whole.__exit__()
            if isinstance(error, FileExistsError):
                return False
            raise
        with suppress(Held):
            locked(self._opened)
        with suppress(OSError):  # where the disk is full, it is held all the same
            os.write(self._opened, machine_name().encode())  # whose lock is there, by now
        return True

    def _frees_dead(self) -> bool:
        """Remove the file of a process of this machine that has died. Whether it is one of this
        machine: then nobody need break it.
        """
        try:
            opened = os.open(self.path, os.O_RDWR)
        except OSError:
            return False
        try:
            if os.read(opened, 1000) != machine_name().encode():
                return False
            can_tell = locked(opened)
            if can_tell and os.path.samestat(self.path.stat(), os.fstat(opened)):
                self.path.unlink()
        except Held:
            return True
        except OSError:
            return False
        finally:
            os.close(opened)
        return can_tell

    def _break(self, found: tuple[int, int]) -> None:
        """Remove the file that was ``found``, and no other one that has come in its place."""
        aside = self.path.with_name(f"{self.path.name}-{uuid.uuid4().hex}")
        with suppress(OSError):
            self.path.rename(aside)
            if _identity(aside) != found:
                os.link(aside, self.path)
        with suppress(OSError):
            aside.unlink()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, and when it was written; None where there is none."""
    with suppress(OSError):
        found = path.stat()
        return found.st_ino, found.st_mtime_ns
    return None
