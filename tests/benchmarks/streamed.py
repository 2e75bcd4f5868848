"""A Parquet file that stays where it is: how fast a table network trains on its rows, and in how
much memory, beside the same network on the same rows in memory; and what reading alone costs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Times, in_turns
from tests.paths import ROOT

COLUMNS = 20
STREAMED, HELD = "streamed", "in memory"
_GROUP = 500_000  # rows that are made at once, and of a row group

_NET = """\
net = Linear(20, 64) -> ReLU -> Linear(64, 64) -> ReLU -> Linear(64, 1)
data = Table("rows.parquet", target="y", test=0.05, stream={stream})
loss = MSE
optimizer = Adam
batch = 1024
epochs = 2
"""
_BEGIN = """\
import json, resource, sys, time
from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.runs.training.events import EpochDone
from netlang.runs.training.training import Training
import polars, torch
began = time.process_time()
program = compile_source(read(sys.argv[1]), to_run=True).require()
"""
_END = """\
size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([*measured, size]))
"""
_TRAIN = """\
training = Training(program)
epochs = [event.seconds for event in training.events() if isinstance(event, EpochDone)]
measured = len(training.split.train), min(epochs)
"""
_READ = """\
train = program.data.load(program.seed).train
loaded = time.process_time()
count = sum(map(len, train.pieces()))
measured = count, loaded - began, time.process_time() - loaded
"""


@dataclass(frozen=True)
class Streamed:
    """Rows that an epoch trains on; its seconds by how the rows are had, and by round; and the most
    bytes that the process took.
    """

    rows: int
    times: Times
    memory: Mapping[str, float]


@dataclass(frozen=True)
class Reading:
    """Rows that are read, seconds of a processor to survey them and learn from them, those to read
    them in an epoch, and the most bytes that the process took.
    """

    rows: int
    beginning: float
    epoch: float
    memory: float


def epochs(rows: int, rounds: int) -> Streamed:
    """An epoch of each in turns, in processes of their own, on one file of random numbers."""
    with tempfile.TemporaryDirectory() as name:
        folder, memory, trained = Path(name), dict[str, float](), 0
        _make(folder, rows)

        def turn(how: str) -> float:
            nonlocal trained
            trained, seconds, memory[how] = _done(folder, _TRAIN, how == STREAMED)
            return float(seconds)

        times = in_turns({how: partial(turn, how) for how in (STREAMED, HELD)}, rounds)
        return Streamed(trained, times, memory)


def readings(each: Sequence[int]) -> list[Reading]:
    """What reading costs, of files of so many rows: they repeat a row group of a few values, which
    are small in a file, and as large as others once they are read.
    """
    found = list[Reading]()
    for rows in each:
        with tempfile.TemporaryDirectory() as name:
            _repeat(Path(name), rows)
            found.append(Reading(*_done(Path(name), _READ, is_streamed=True)))
    return found


def _done(folder: Path, work: str, is_streamed: bool) -> Any:
    file = folder / "model.net"
    file.write_text(_NET.format(stream=str(is_streamed).lower()), encoding="utf-8")
    command = [sys.executable, "-c", _BEGIN + work + _END, str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment, cwd=folder)
    return json.loads(done.stdout)


def _make(folder: Path, rows: int) -> None:
    """Write a table of 32-bit numbers, some rows at a time."""
    import numpy as np
    import polars as pl

    weights, parts = np.random.default_rng(0).standard_normal(COLUMNS), []
    for first in range(0, rows, _GROUP):
        source, count = np.random.default_rng(first), min(_GROUP, rows - first)
        x = source.standard_normal((COLUMNS, count), "float32")
        y = np.tanh(weights @ x) + 0.1 * source.standard_normal(count)
        columns = {f"x{place}": one for place, one in enumerate(x)}
        parts.append(folder / f"{first}.part")
        pl.DataFrame({**columns, "y": y.astype("float32")}).write_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(folder / "rows.parquet", row_group_size=_GROUP)
    for part in parts:
        part.unlink()


def _repeat(folder: Path, rows: int) -> None:
    """Write a table of 32-bit numbers whose row groups are the same."""
    import numpy as np
    import polars as pl

    names = [*(f"x{place}" for place in range(COLUMNS)), "y"]
    few = np.random.default_rng(0).integers(0, 4, (len(names), _GROUP)).astype("float32")
    part = folder / "one.part"
    pl.DataFrame(dict(zip(names, few / 3, strict=True))).write_parquet(part)
    parts = pl.scan_parquet([part] * -(-rows // _GROUP)).head(rows)
    parts.sink_parquet(folder / "rows.parquet", row_group_size=_GROUP)
