"""Several processes of netlang share what one was asked to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence

import click

from netlang.system.interruption import at_signal
from netlang.system.machine import processors
from netlang.system.parent import end_with_parent

_LAUNCHER = "NETLANG_LAUNCHER"  # the number of the process that started this one
_TO_LOOK = 0.05  # seconds between two looks at whether a process has ended
_TO_END = 10.0  # seconds that it may take after a signal


def run_jobs(count: int, arguments: Sequence[str]) -> None:
    """Run ``count`` processes of netlang with these arguments, and wait for all of them.

    They share the processors. A signal that ends this process ends them, and so does its death. One
    that fails is no failure of the whole: what it left undone is done by others, or by this one,
    which says so.
    """
    threads = max(1, processors() // count)
    environment = {"OMP_NUM_THREADS": str(threads), **os.environ, _LAUNCHER: str(os.getpid())}
    command = [sys.executable, "-m", "netlang", *arguments]
    running = [subprocess.Popen(command, env=environment) for _ in range(count)]

    def end() -> None:
        for process in running:
            process.terminate()
        _wait(running, _TO_END)
        for process in running:
            process.kill()

    withdraw = at_signal(end)
    try:
        _wait(running)
    finally:
        withdraw()
    if failed := sum(process.returncode != 0 for process in running):
        text = f"note: {failed} of {count} processes failed: what they left is made by this one"
        click.echo(text, err=True)


def end_with_launcher() -> None:
    """End this process with the one that runs it as a job, if one does."""
    if number := os.environ.pop(_LAUNCHER, ""):
        end_with_parent(int(number))


def _wait(running: Sequence[subprocess.Popen[bytes]], seconds: float = float("inf")) -> None:
    """Wait for all of them, or for so long. A signal may come meanwhile, whose handler waits, too:
    so nothing is held here for longer than a look takes.
    """
    until = time.monotonic() + seconds
    while any(process.poll() is None for process in running) and time.monotonic() < until:
        time.sleep(_TO_LOOK)
