"""What this machine has to offer a process."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def available_memory() -> int:
    """The bytes of memory that this process may use; no limit where the system does not say."""
    if not hasattr(os, "sysconf"):  # as on Windows
        return sys.maxsize
    return min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), _allowance())


def _allowance() -> int:
    """The bytes that this process's control group may use, if there is a limit."""
    try:
        return int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return sys.maxsize
