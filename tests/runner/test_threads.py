"""The number of threads changes no bit of what a run reports, but where the BLAS has several."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NET = "net = Linear(2, 60) -> Sigmoid -> Linear(60, 60) -> SeLU -> Linear(60, 2) -> Sigmoid\n"
REST = "data = Disc(train=50_001, test=50_003)\nloss = CrossEntropy\noptimizer = Adam\nepochs = 1\n"
RUN = """
import sys
from netlang.passes import compile_source
from netlang.runner import Training
from netlang.source import SourceFile
program = compile_source(SourceFile("a.net", sys.argv[1]), to_run=True).require()
*_, finished = Training(program, sys.argv[2]).events()
print({name: value.hex() for name, value in finished.metrics.items()})
"""


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "batch"), [("tensor", 500), ("native", 500), ("native", 5000)])
def test_a_run_reports_the_same_bits_on_any_number_of_threads(backend: str, batch: int) -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", RUN, f"{NET}{REST}batch = {batch}\n", backend],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            cwd=Path(__file__).parents[2],
        ).stdout
        for threads in (1, 2, 4)
    }
    assert len(said) == 1
