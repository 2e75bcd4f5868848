"""Several processes of netlang share what one was asked to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from netlang.system.interruption import at_signal
from netlang.system.machine import processors


def run_jobs(count: int, arguments: Sequence[str]) -> None:
    """Run ``count`` processes of netlang with these arguments, and wait for all of them.

    They share the processors. A signal that ends this process ends them. One that fails is no
    failure of the whole: what it left undone is done by others.
    """
    threads = max(1, processors() // count)
    environment = {"OMP_NUM_THREADS": str(threads), **os.environ}
    command = [sys.executable, "-m", "netlang", *arguments]
    running = [subprocess.Popen(command, env=environment) for _ in range(count)]

    def end() -> None:
        for process in running:
            process.terminate()

    withdraw = at_signal(end)
    try:
        for process in running:
            process.wait()
    finally:
        withdraw()
