"""What polars raises for a file that it cannot read becomes a message here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import polars as pl

from netlang.catalogue.data.formats.source import Damaged
from netlang.system.packages import silence

Found = TypeVar("Found")

FAULTS = pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError
"""What is raised for a file that polars cannot read."""


def guarded(kind: str, read: Callable[[], Found]) -> Found:
    """What ``read`` gives of a file of some ``kind``.  Raises Damaged where polars fails, and says
    nothing else.
    """
    try:
        with silence():
            return read()
    except FAULTS:
        help = f"save it anew as {kind}, or let the end of its name say what it is"
        raise Damaged(f"it is no {kind} file, or damaged", help) from None
