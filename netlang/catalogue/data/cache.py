"""Which files are as they were when they were read last, so that none is read twice in a command.

A file's size and times tell, where it lies at the end of all links. A clock's tick may be so long
that a change leaves them as they were; so one that changed just before it was read is read again.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from netlang.language.origin import Read
from netlang.system.record import Record

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


_digests: dict[str, tuple[tuple[int, ...], str]] = {}  # of each file, its state and SHA-256


def stamp(file: Path) -> Stamp | None:
    """The file's stamp; None where there is none to be seen."""
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    times = found.st_mtime_ns, found.st_ctime_ns
    state = (found.st_dev, found.st_ino, found.st_size, *times)
    return Stamp(os.path.realpath(file), state, max(times))


def remember(before: Stamp | None, read: Read) -> None:
    """``before`` is the stamp of what was read then, if it was not changed meanwhile."""
    after = stamp(read.path)
    if before and after and after.state == before.state and before.settled:
        _digests[before.real] = before.state, read.sha256


def as_before(file: Path) -> Read | None:
    """The file as it would be read, if it is known to be as it was; None where it is not."""
    now = stamp(file)
    if now is None:
        return None
    state, sha256 = _digests.get(now.real, ((), ""))
    return Read(file, now.real, sha256) if state == now.state else None
