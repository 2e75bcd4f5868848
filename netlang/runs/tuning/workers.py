"""Processes of a study, on whatever machines: which of them live, and which one writes."""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO

from netlang.system.lock import Held, Lock, is_held

_WORKERS = "workers"  # a folder for each process, which holds it as long as it lives
_SILENT = 600.0  # seconds after which a process of another machine is taken for dead
_BEAT = 60.0  # seconds after which a process says again that it lives


class Worker:
    """This process of the study in ``folder``, as others see it: it holds a folder of its own.

    One that ends in order removes it; those of killed ones stay until they are swept away.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / _WORKERS
        self._place.mkdir(parents=True, exist_ok=True)
        self.name = f"{platform.node()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
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
        if name.rsplit("-", 2)[0] == platform.node() and (held := is_held(place)) is not None:
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
    """Lets one process at a time write into the ``journal``; a killed one lets go of it at once,
    and of a line that it, or a full disk, cut short, the beginning is removed.
    """

    def __init__(self, journal: Path) -> None:
        self._journal, self._place = journal, journal.parent / "writing"

    def acquire(self) -> bool:
        self._lock = hold(self._place)
        with self._journal.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            if end and not _ends_a_line(file, end):
                file.truncate(_end_of_lines(file, end))
        return True

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


def hold(place: Path) -> Lock:
    """Hold the folder ``place``, as soon as no other process does."""
    place.mkdir(exist_ok=True)
    while True:
        with suppress(Held):
            return Lock(place)
