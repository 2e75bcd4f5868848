"""How this process gets its memory from the system."""

from __future__ import annotations

import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # what the C library calls them in <malloc.h>


@cache
def keep_freed_memory() -> None:
    """From now on, memory that is freed stays with this process, for what needs it next.

    The C library of Linux gives large blocks back at once. Each step of a training would get the
    same memory anew, page after page, which may take as long as to compute what it then holds.
    """
    if sys.platform != "linux":
        return
    import ctypes  # takes a moment to import

    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # a C library that has no such thing
        return
    set_option(_TRIM_THRESHOLD, 2**31 - 1)
    set_option(_MMAP_THRESHOLD, 2**30) or set_option(_MMAP_THRESHOLD, 2**25)  # older ones take less
