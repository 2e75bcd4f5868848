"""What was read last is kept here, so that no table is read twice in a command.

A file counts as unchanged while its size and its times are unchanged; links are followed. A clock's
tick may be so long that a change leaves them as they were: a file that changed just before it was
read is read again. Its SHA-256 then tells whether its table is the same.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Lock

from netlang.catalogue.data.columns.table import ReadTable
from netlang.catalogue.data.formats.request import TableRequest
from netlang.language.paths import DATA_LIMIT
from netlang.system.fingerprint import Fingerprint
from netlang.system.pattern import files_of

_LONGEST_TICK = 2_000_000_000  # nanoseconds, of the file systems in use

State = tuple[int, ...]


def state_of(file: Path) -> State | None:
    """What the file system says of a file, or of several, with the latest times last; None if it
    says nothing.
    """
    try:
        each = [os.stat(one) for one in files_of(file)]
    except (OSError, ValueError):
        return None
    what = [number for one in each for number in (one.st_dev, one.st_ino, one.st_size)]
    times = [(one.st_mtime_ns, one.st_ctime_ns) for one in each]
    return (*what, *map(max, zip(*times, strict=True))) if each else None


class Cache:
    """The files and the tables that were read last; several threads may use it.

    It keeps the table that was read last, and others while all together have no more than some
    bytes. Those are forgotten before a large table is read.
    """

    def __init__(self) -> None:
        self._digests: dict[State, str] = {}  # the SHA-256 of files
        self._lock = Lock()  # of the tables, as each use of them takes several operations
        self._tables: dict[tuple[object, ...], tuple[int, ReadTable]] = {}

    def fingerprint(self, file: Path) -> Fingerprint | None:
        """The fingerprint that the file had when it was read last; None if it may have changed."""
        state = state_of(file)
        if state is None or state not in self._digests:
            return None
        return Fingerprint(file, os.path.realpath(file), self._digests[state])

    def add_fingerprint(self, found: Fingerprint, before: State | None) -> None:
        """Keep what was ``found`` in a file of the state ``before``, if a change will show."""
        settled = before and time.time_ns() - max(before[-2:]) > _LONGEST_TICK
        if before and settled and before == state_of(found.path):
            self._digests[before] = found.sha256

    def table(self, file: Fingerprint, request: TableRequest) -> ReadTable | None:
        """The table that ``request`` found in ``file``, if it is kept."""
        key = _key(file, request)
        with self._lock:
            if key not in self._tables:
                return None
            self._tables[key] = found = self._tables.pop(key)  # the last one again
            return found[1]

    def forget_tables(self) -> None:
        with self._lock:
            self._tables.clear()

    def add_table(
        self, file: Fingerprint, request: TableRequest, size: int, table: ReadTable
    ) -> None:
        """Keep a table, which takes about ``size`` bytes."""
        with self._lock:
            self._tables[_key(file, request)] = size, table
            while len(self._tables) > 1 and sum(s for s, _ in self._tables.values()) > DATA_LIMIT:
                del self._tables[next(iter(self._tables))]


def _key(file: Fingerprint, request: TableRequest) -> tuple[object, ...]:
    asked = request.target, request.ignore, request.task, request.separator
    how = request.categories, request.missing, request.others, request.text, request.codes
    return file.sha256, *asked, *how, request.streamed
