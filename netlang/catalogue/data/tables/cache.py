"""What was read last, so that no table is read twice in a command.

A file is taken to be as it was while its size and its times are, where it lies at the end of all
links. A clock's tick may be so long that a change leaves them as they were: one that changed just
before it was read is read again. What is in a file then tells whether its table is the same.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from netlang.language.kept import Fingerprint
from netlang.system.files import DATA_LIMIT
from netlang.system.record import Record

if TYPE_CHECKING:
    from netlang.catalogue.data.tables.table import Table

_LONGEST_TICK = 2_000_000_000  # nanoseconds, of the file systems in use


class Stamp(Record):
    """A file, which lies at ``real``, as the file system sees it: the same until it changes."""

    real: str
    state: tuple[int, ...]
    changed: int  # nanoseconds since 1970

    @property
    def settled(self) -> bool:
        """Whether a change from now on would show."""
        return time.time_ns() - self.changed > _LONGEST_TICK


_digests: dict[str, tuple[tuple[int, ...], str]] = {}  # the state and the SHA-256 of each file


def stamp(file: Path) -> Stamp | None:
    """The file's stamp; None where there is none to be seen."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    times = found.st_mtime_ns, found.st_ctime_ns
    state = (found.st_dev, found.st_ino, found.st_size, *times)
    return Stamp(os.path.realpath(file), state, max(times))


def remember(before: Stamp | None, read: Fingerprint) -> None:
    """Keep what was read of a file that had the stamp ``before``, unless it changed meanwhile."""
    after = stamp(read.path)
    if before and after and after.state == before.state and before.settled:
        _digests[before.real] = before.state, read.sha256


def as_before(file: Path) -> Fingerprint | None:
    """The file as it would be read, if it is known not to have changed; None if not."""
    now = stamp(file)
    if now is None:
        return None
    state, sha256 = _digests.get(now.real, ((), ""))
    return Fingerprint(file, now.real, sha256) if state == now.state else None


class RecentTables:
    """The tables read last, by what was in the file and how it was to be read.

    They are as many as files of the largest size allowed would hold, so that one large table is not
    kept when another is read.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # tables may be read in several threads
        self._tables: dict[tuple[object, ...], tuple[int, Table]] = {}

    def get(self, key: tuple[object, ...]) -> Table | None:
        with self._lock:
            if key not in self._tables:
                return None
            self._tables[key] = found = self._tables.pop(key)  # the last one again
            return found[1]

    def add(self, key: tuple[object, ...], size: int, table: Table) -> None:
        """Keep a table that was read from a file of ``size`` bytes."""
        with self._lock:
            self._tables[key] = size, table
            while len(self._tables) > 1 and sum(s for s, _ in self._tables.values()) > DATA_LIMIT:
                del self._tables[next(iter(self._tables))]
