"""A Parquet file that stays where it is: how fast a table network trains on its rows, and in how
much memory, beside the same network on fewer rows that are all in memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.paths import ROOT

COLUMNS = 20
STREAMED, HELD = "streamed", "in memory"
_PIECE = 500_000  # rows that are made at once
_SHARE = 10  # of the rows, one of so many is in memory

_NET = """\
net = Linear(20, 64) -> ReLU -> Linear(64, 64) -> ReLU -> Linear(64, 1)
data = Table("{file}", target="y", test=0.05, stream={stream})
loss = MSE
optimizer = Adam
batch = 1024
epochs = 1
"""
_CHILD = """\
import json, resource, sys
from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.runs.training.events import EpochDone
from netlang.runs.training.training import Training
training = Training(compile_source(read(sys.argv[1]), to_run=True).require())
(seconds,) = [event.seconds for event in training.events() if isinstance(event, EpochDone)]
size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([len(training.split.train), seconds, size]))
"""


@dataclass(frozen=True)
class Streamed:
    """By how the rows are had: how many are trained on, the seconds of an epoch's steps, and the
    most bytes that the process took.
    """

    measured: Mapping[str, tuple[int, float, float]]


def epochs(rows: int) -> Streamed:
    """An epoch of each, in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, found = Path(name), {}
        for how, count in ((STREAMED, rows), (HELD, rows // _SHARE)):
            _make(folder / f"{count}.parquet", count)
            text = _NET.format(file=f"{count}.parquet", stream=str(how == STREAMED).lower())
            (folder / "model.net").write_text(text, encoding="utf-8")
            command = [sys.executable, "-c", _CHILD, str(folder / "model.net")]
            path = {"PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, capture_output=True, check=True, env=path, cwd=folder)
            taken, seconds, size = json.loads(done.stdout)
            found[how] = taken, seconds, size
        return Streamed(found)


def _make(file: Path, rows: int) -> None:
    """Write a table of 32-bit numbers, some rows at a time."""
    import numpy as np
    import polars as pl

    weights, parts = np.random.default_rng(0).standard_normal(COLUMNS), []
    for first in range(0, rows, _PIECE):
        source, count = np.random.default_rng(first), min(_PIECE, rows - first)
        x = source.standard_normal((COLUMNS, count), "float32")
        y = np.tanh(weights @ x) + 0.1 * source.standard_normal(count)
        columns = {f"x{place}": one for place, one in enumerate(x)}
        parts.append(file.with_name(f"{first}.part"))
        pl.DataFrame({**columns, "y": y.astype("float32")}).write_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(file, row_group_size=_PIECE)
    for part in parts:
        part.unlink()
