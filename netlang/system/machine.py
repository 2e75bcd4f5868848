"""What this machine has to offer a process."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")  # control groups, a folder each, one in another
_MEMBERSHIP = Path("/proc/self/cgroup")  # has a line `0::/PATH`, which is this process's group
_BOOT = Path("/proc/sys/kernel/random/boot_id")  # drawn whenever Linux starts


def machine_name() -> str:
    """The name of this machine, and what distinguishes it from others that have the same name."""
    with suppress(OSError):
        return f"{platform.node()}-{_BOOT.read_text().strip().replace('-', '')[:12]}"
    return platform.node()


def memory_limit() -> int:
    """The bytes of memory that this process may have; a huge number if the system does not say."""
    if not hasattr(os, "sysconf"):  # as on Windows
        return sys.maxsize
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for group in _control_groups():
        with suppress(OSError, ValueError):  # it has no limit, or cannot be seen from here
            limits.append(int((group / "memory.max").read_text()))
    return min(limits)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # on Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _control_groups() -> Iterator[Path]:
    """The folders of this process's control group and of those around it."""
    with suppress(OSError):  # only Linux has them
        for line in _MEMBERSHIP.read_text().splitlines():
            if line.startswith("0::/"):
                group = _GROUPS / line.removeprefix("0::/")
                yield from (group, *group.parents)
