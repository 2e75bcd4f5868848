"""What this machine has to offer a process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")  # control groups, a folder each, one in another
_MEMBERSHIP = Path("/proc/self/cgroup")  # has a line `0::/PATH`, which is this process's group


def memory_limit() -> int:
    """The bytes of memory that this process may have; a huge number if the system does not say."""
    if not hasattr(os, "sysconf"):  # as on Windows
        return sys.maxsize
    return min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), _limit_of_groups())


def _limit_of_groups() -> int:
    """The least limit of this process's control group and of those around it."""
    try:
        memberships = _MEMBERSHIP.read_text().splitlines()
    except OSError:
        memberships = []
    own = next((line[len("0::/") :] for line in memberships if line.startswith("0::/")), "")
    group = _GROUPS / own
    return min(map(_limit_of_group, (group, *group.parents)))


def _limit_of_group(folder: Path) -> int:
    try:
        return int((folder / "memory.max").read_text())
    except (OSError, ValueError):  # it has no limit, or is none that can be seen from here
        return sys.maxsize
