"""What a run costs beside its training: checkpoints, and the line on a terminal that is shown live.

Each is a whole process on a pseudo terminal. Lower quartiles are compared, as others on the machine
only ever make a process slower.
"""

from __future__ import annotations

import os
import pty
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.benchmarks.measure import Times
from tests.paths import MODELS, ROOT

EPOCHS = 2000  # of Model 2, so that training takes longer than to start
_RUN = ("-m", "netlang", "run", str(MODELS / "model2.net"), "--set", f"epochs={EPOCHS}")
_NO_CHECKPOINTS = ("--no-plots", "--checkpoint-minutes", "0")
NEITHER, CHECKPOINTS, LIVE = "neither", "checkpoints", "the live line"
COMMANDS: Mapping[str, Sequence[str]] = {
    NEITHER: (*_RUN, *_NO_CHECKPOINTS, "--quiet"),
    CHECKPOINTS: (*_RUN, "--no-plots", "--quiet"),
    LIVE: (*_RUN, *_NO_CHECKPOINTS),
}


@dataclass(frozen=True)
class Costs:
    """Seconds of each command by round: by the clock, and of the processor."""

    wall: Times
    cpu: Times


def costs(rounds: int, commands: Mapping[str, Sequence[str]] = COMMANDS) -> Costs:
    """Each command in its turn, ``rounds`` times and once more before."""
    wall: dict[str, list[float]] = {name: [] for name in commands}
    cpu: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds + 1):
            for name, arguments in commands.items():
                by_clock, of_processor = on_a_terminal([*arguments, "-o", folder])
                wall[name].append(by_clock)
                cpu[name].append(of_processor)
    first = slice(1, None)  # the first round fills caches
    return Costs(
        *(Times({name: one[first] for name, one in every.items()}) for every in (wall, cpu))
    )


def lower_quartile(values: Sequence[float]) -> float:
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=4, method="inclusive")[0]


def on_a_terminal(arguments: Sequence[str]) -> tuple[float, float]:
    """Seconds that Python takes for them by the clock, and of the processor.

    Raises RuntimeError where it fails.
    """
    began = time.perf_counter()
    child, terminal = pty.fork()
    if not child:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *arguments])
    shown = b""
    with open(terminal, "rb", buffering=0) as screen, suppress(OSError):  # where the child ends
        while some := screen.read(1 << 16):
            shown = (shown + some)[-2000:]
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(shown.decode(errors="replace"))
    return time.perf_counter() - began, used.ru_utime + used.ru_stime
