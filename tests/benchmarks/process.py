"""A whole run as a user starts it: from the command to its last metric, and what of it is torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.measure import Times, in_turns, seconds_of
from tests.paths import MODELS, ROOT

SCRIPT = Path(__file__).parent / "peers" / "model2_script.py"
_RUN = ("-m", "netlang", "run", str(MODELS / "model2.net"), "--no-folder")
COMMANDS = {
    "netlang run model2.net": _RUN,
    "netlang run model2.net --backend native": (*_RUN, "--backend", "native"),
    "the same in PyTorch": (str(SCRIPT),),
    "import torch": ("-c", "import torch"),
}


def whole_runs(rounds: int) -> Times:
    """Seconds of each command, by round."""
    turns = {name: started(arguments) for name, arguments in COMMANDS.items()}
    for turn in turns.values():
        turn()
    return in_turns(turns, rounds)


def started(arguments: tuple[str, ...]) -> Callable[[], float]:
    command = [sys.executable, *arguments]
    return lambda: seconds_of(
        lambda: subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    )
