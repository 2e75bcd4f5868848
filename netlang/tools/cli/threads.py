"""OMP_NUM_THREADS, which says how many threads there may be, is looked at before torch reads it."""

from __future__ import annotations

import os
import re

import click

_VARIABLE = "OMP_NUM_THREADS"
_COUNT = r"\s*\+?0*[1-9]\d{0,8}\s*"
_COUNTS = re.compile(rf"{_COUNT}(?:,{_COUNT})*")  # one for each depth of nesting


def heed_threads() -> None:
    """Warn of a number of threads that is none, and take it away.

    Torch's own library would print a line that names neither what is wrong nor netlang.
    """
    told = os.environ.get(_VARIABLE)
    if told is None or _COUNTS.fullmatch(told):
        return
    del os.environ[_VARIABLE]
    if told.strip():
        click.echo(
            f"warning: {_VARIABLE} is {told!a}, which is no number of threads, such as 2; "
            "there may be as many as there are processors",
            err=True,
        )
