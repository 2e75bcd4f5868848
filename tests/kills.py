"""Runs that are killed at random moments go on to the bytes of a run that never stopped.

``python -m tests.kills 20`` ends 20 runs on each backend: one half after a random time, some of
these by a signal that lets them save, and the other half in the middle of writing a file. Each is
resumed, and ended again, until it comes to its end.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.program import DISC, PROCESS

MODEL = DISC.replace("-> Linear", "-> Dropout(0.25) -> Linear")
EPOCHS = {"tensor": 1000, "native": 5000}  # of some seconds
RUN = ["run", "a.net", "--watch", "--no-plots", "--quiet"]
_SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
_STATUS = (0, -signal.SIGKILL, 143, 130)
_SILENT: dict[str, int] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
# Kills itself at the n-th call of a function that writing a file takes.
WRITING = """
import os, signal, sys
name, left = sys.argv.pop(1), int(sys.argv.pop(1))
original = getattr(os, name)
def counted(*arguments, **named):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **named)
setattr(os, name, counted)
from netlang.tools.cli import main
main()
"""


def killed_runs(backend: str, count: int, place: Path, seed: int = 0) -> Iterator[tuple[int, bool]]:
    """For each of ``count`` runs, how often it was killed, and whether it ended with the bytes of
    one that was not, and had measured the same in each epoch.
    """
    (place / "a.net").write_text(f"{MODEL}epochs = {EPOCHS[backend]}\n")
    run = [*RUN, "--backend", backend]
    began = time.monotonic()
    subprocess.run([*PROCESS, *run, "-o", "whole"], cwd=place, check=True, capture_output=True)
    seconds = time.monotonic() - began
    (whole,) = (place / "whole").glob("*/model.safetensors")
    source = random.Random(seed)
    for number in range(count):
        root = place / f"runs-{number}"
        command, kills, ended = [*run, "-o", root.name], 0, False
        while not ended:
            is_writing = (number + kills) % 2 == 0
            killer = _while_writing if is_writing else _after_a_time
            ended = kills > 2 and _finished(place, command)
            ended = ended or killer(command, place, seconds, source)
            kills += not ended
            if folders := [one for one in root.glob("*") if not one.name.startswith(".")]:
                command = ["resume", os.fspath(folders[0]), "--no-plots", "--quiet"]
        (model,) = root.glob("[!.]*/model.safetensors")
        left = [one for one in model.parent.iterdir() if one.name.startswith(".")]
        is_same = model.read_bytes() == whole.read_bytes() and _epochs(model) == _epochs(whole)
        yield kills, is_same and not left


def _epochs(model: Path) -> list[object]:
    """What each epoch measured in the run of that model; seconds are others each time."""
    lines = model.with_name("history.jsonl").read_text().splitlines()
    return [(line["epoch"], line["metrics"], line["layers"]) for line in map(json.loads, lines)]


def _finished(place: Path, command: list[str]) -> bool:
    subprocess.run([*PROCESS, *command], cwd=place, check=True, capture_output=True)
    return True


def _after_a_time(command: list[str], place: Path, seconds: float, source: random.Random) -> bool:
    """End the command at a random moment, and return whether it had come to its end."""
    command = [*PROCESS, *command]
    with subprocess.Popen(command, cwd=place, **_SILENT) as process:
        try:
            process.wait(timeout=source.uniform(0.3, 1) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(source.choice(_SIGNALS))
    assert process.returncode in _STATUS, process.returncode
    return process.returncode == 0


def _while_writing(command: list[str], place: Path, _: float, source: random.Random) -> bool:
    """Have the command kill itself as it writes, and return whether it came to its end before."""
    name, call = source.choice(("fsync", "replace", "chmod")), str(source.randint(1, 24))
    # Paths call these functions of os, too.
    program = [sys.executable, "-c", WRITING, name, call, *command]
    status = subprocess.run(program, cwd=place, check=False, **_SILENT).returncode
    assert status in (0, -signal.SIGKILL), status
    return status == 0


def main() -> None:
    count, wrong = int(sys.argv[1]) if len(sys.argv) > 1 else 20, 0
    for backend in EPOCHS:
        with tempfile.TemporaryDirectory() as folder:
            found = []
            for kills, is_same in killed_runs(backend, count, Path(folder), seed=count):
                found.append(is_same)
                print(f"{backend}: killed {kills} times, {'the same' if is_same else 'OTHER'}")
        wrong += found.count(False)
        print(f"{backend}: {sum(found)} of {count} ended with the same bytes")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
