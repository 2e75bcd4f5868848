"""The number of threads changes no bit of what a run reports, but where the BLAS has several."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

# Large enough for several threads and for two pieces of the test, with rows that cannot be shared
# alike.
NET = """\
net = Linear(2, 301) -> Sigmoid -> Linear(301, 301) -> Sigmoid -> Linear(301, 2) -> Sigmoid
data = Disc(train=4_000, test=25_001)
loss = CrossEntropy
optimizer = SGD
batch = 255
epochs = 1
"""
RUN = """
import sys
from netlang.compiler.passes import compile_source
from netlang.runs.training.training import Training
from netlang.language.source import SourceFile
program = compile_source(SourceFile("a.net", sys.argv[1]), to_run=True).require()
*_, finished = Training(program, sys.argv[2]).events()
print({name: value.hex() for name, value in finished.metrics.items()})
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensor", "native"])
def test_a_run_reports_the_same_bits_on_any_number_of_threads(backend: str) -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", RUN, NET, backend],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            cwd=ROOT,
        ).stdout
        for threads in (1, 2, 4)
    }
    assert len(said) == 1
