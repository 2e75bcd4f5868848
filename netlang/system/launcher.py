"""A launcher, such as torchrun, tells each process of a group about the others, by variables."""

from __future__ import annotations

import os

_NAMES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def is_one_of_several() -> bool:
    """Whether a launcher started this process as one of a group, be it the only one."""
    return all(os.environ.get(name) for name in _NAMES)


def workers_here() -> int:
    """How many processes of the group are on this machine; 1 without a group."""
    told = os.environ.get("LOCAL_WORLD_SIZE", "")
    return max(1, int(told)) if is_one_of_several() and told.isdecimal() else 1
