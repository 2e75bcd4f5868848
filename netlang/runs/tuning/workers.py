"""Processes of a study, on whatever machines: which of them live, and which one writes."""

from __future__ import annotations

import os
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO

from netlang.system.lock import Lock, is_held
from netlang.system.lock_file import LockFile
from netlang.system.machine import machine_name

_WORKERS = "workers"  # a folder for each process, which holds it as long as it lives
_SILENT = 600.0  # seconds after which a process of another machine is taken for dead
_WRITES = 30.0  # seconds that no process takes to write a line
_PAUSE = 0.5  # seconds between two looks at a line that is not whole
_BEAT = 60.0  # seconds after which a process says again that it lives


class Worker:
    """This process of the study in ``folder``, as others see it: it holds a folder of its own.

    One that ends in order removes it; those of killed ones stay until they are swept away.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / _WORKERS
        self._place.mkdir(parents=True, exist_ok=True)
        self.name = f"{machine_name()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.folder = self._place / self.name
        self.folder.mkdir()
        self._lock = Lock(self.folder)
        self._ended = threading.Event()
        threading.Thread(target=self._live, daemon=True).start()

    def leaves(self, name: str) -> bool:
        """Whether the process of that name, which is dead, left its folder behind."""
        return (self._place / name).is_dir()

    def sweep(self) -> None:
        """Remove the folders of dead processes."""
        for other in self._place.iterdir():
            if not self.sees_alive(other.name):
                with suppress(OSError):
                    other.rmdir()

    def close(self) -> None:
        self._ended.set()
        self._lock.release()
        with suppress(OSError):
            self.folder.rmdir()

    def sees_alive(self, name: str) -> bool:
        """Whether the process of that name lives: one of this machine holds its folder, and one of
        another said so not long ago, by the clock of the file system that they share.
        """
        place = self._place / name
        if name == self.name or not place.is_dir():
            return name == self.name
        if name.rsplit("-", 2)[0] == machine_name() and (held := is_held(place)) is not None:
            return held
        with suppress(OSError):
            return self._now() - place.stat().st_mtime < _SILENT
        return False

    def _now(self) -> float:
        with suppress(OSError):
            os.utime(self.folder)
            return self.folder.stat().st_mtime
        return time.time()

    def _live(self) -> None:
        while not self._ended.wait(_BEAT):
            with suppress(OSError):
                os.utime(self.folder)


class Writing:
    """Lets one process at a time write into the ``journal``, of all machines that share it.

    Of a line that a killed one, or a full disk, cut short, the beginning is removed, but not before
    it is old: what a slow machine still writes is left to it.
    """

    def __init__(self, journal: Path) -> None:
        self._journal, self._place = journal, journal.parent / "writing.lock"

    def acquire(self) -> bool:
        while True:
            self._lock = LockFile(self._place, _WRITES)
            with self._journal.open("r+b") as file:
                end = file.seek(0, os.SEEK_END)
                if not end or _ends_a_line(file, end):
                    return True
                if self._lock.made_at - os.fstat(file.fileno()).st_mtime > _WRITES:
                    file.truncate(_end_of_lines(file, end))
                    return True
            self._lock.release()
            time.sleep(_PAUSE)

    def release(self) -> None:
        self._lock.release()


def _ends_a_line(file: IO[bytes], end: int) -> bool:
    file.seek(end - 1)
    return file.read(1) == b"\n"


def _end_of_lines(file: IO[bytes], end: int) -> int:
    """Where the last whole line ends, before ``end``."""
    while end and not _ends_a_line(file, end):
        end -= 1
    return end
