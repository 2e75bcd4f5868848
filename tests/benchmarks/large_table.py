"""A table of millions of rows: how long it takes to read and check, and in how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import Times, in_turns
from tests.paths import ROOT

COLUMNS = 20
POLARS, NETLANG, RUN = "polars.read_csv", "netlang's own reading", "netlang run, one epoch"

_NET = """\
net = Linear(20, 8) -> ReLU -> Linear(8, 3)
data = CSV("table.csv", target="y")
loss = SoftmaxCrossEntropy
optimizer = Adam
batch = 4096
epochs = 1
"""
_CHILD = """\
import json, resource, time
{imports}
began = time.perf_counter()
{work}
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_{whom}).ru_maxrss * 1024]))
"""
_WORK = {
    POLARS: ("import polars", 'polars.read_csv("table.csv")', "SELF"),
    NETLANG: (
        "import polars; from netlang import CSV",
        'CSV("table.csv", target="y").describe()',
        "SELF",
    ),
    RUN: (
        "import subprocess, sys",
        'subprocess.run([sys.executable, "-m", "netlang", "run", "table.net", "--no-folder"], '
        "capture_output=True, check=True)",
        "CHILDREN",
    ),
}


@dataclass(frozen=True)
class Measured:
    """Seconds of each reader by round, and the most bytes that its process took."""

    rows: int
    times: Times
    memory: dict[str, float]


def readers(rows: int, rounds: int) -> Measured:
    """Each reads the same table of ``rows`` rows, in a process of its own."""
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), rows)
        turns = {name: _turn(name, Path(folder), memory) for name in _WORK}
        return Measured(rows, in_turns(turns, rounds), memory)


def _make(folder: Path, rows: int) -> None:
    import numpy as np
    import polars as pl

    source = np.random.default_rng(0)
    columns = {f"x{index}": source.normal(size=rows).round(4) for index in range(COLUMNS)}
    pl.DataFrame({**columns, "y": source.integers(0, 3, rows)}).write_csv(folder / "table.csv")
    (folder / "table.net").write_text(_NET)


def _turn(name: str, folder: Path, memory: dict[str, float]) -> Callable[[], float]:
    imports, work, whom = _WORK[name]
    program = _CHILD.format(imports=imports, work=work, whom=whom)

    def turn() -> float:
        path = {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True, env=path)
        seconds, size = json.loads(done.stdout)
        memory[name] = max(size, memory.get(name, 0))
        return float(seconds)

    return turn
