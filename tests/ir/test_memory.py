"""The memory that training is said to take is what a process of its own takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TRAINED = "loss = SoftmaxCrossEntropy\noptimizer = Adam\nepochs = 2\n"
NETWORKS = {
    "many points": "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\n"
    "data = Disc(train=3_000_000)\nbatch = 500\n",
    "wide": "net = Linear(2, 3000) -> ReLU -> Linear(3000, 3000) -> ReLU -> Linear(3000, 2)\n"
    "data = Disc(train=1000, test=1000)\nbatch = 50\n",
    "deep": "net = Linear(2, 500) -> (Linear(500, 500) -> Tanh) * 40 -> Linear(500, 2)\n"
    "data = Disc(train=500, test=500)\nbatch = 100\n",
    "large batch": "net = Linear(2, 500) -> ReLU -> Linear(500, 500) -> Tanh -> Linear(500, 2)\n"
    "data = Disc(train=40000, test=10000)\nbatch = 20000\n",
    "dropout": "net = Linear(2, 1000) -> (Dropout(0.5) -> Linear(1000, 1000) -> SeLU) * 3\n"
    "   -> Linear(1000, 2)\ndata = Disc(train=8000, test=1000)\nbatch = 2000\n",
    "shared": "shared s = Linear(600, 600) -> Tanh\n"
    "block r(n) = [Identity, s -> Linear(n, n)] -> Add\n"
    "net = Linear(2, 600) -> r(600) * 10 -> Linear(600, 2)\n"
    "data = Disc(train=3000, test=3000)\nbatch = 3000\n",
    "many classes": "net = Linear(4, 64) -> ReLU -> Linear(64, 3000)\n"
    'data = CSV("classes.csv", target="c")\nbatch = 64\n',
    "table": "net = Linear(20, 16) -> ReLU -> Linear(16, 2)\n"
    'data = CSV("large.csv", target="c")\nbatch = 256\n',
}

# In Linux alone: it tells the most that was resident since it was asked to forget.
MEASURE = """
import sys
from pathlib import Path
import torch, netlang.runner, netlang.backends.native, netlang.data.columns
from netlang.ir import training_memory
from netlang.passes import compile_source
from netlang.runner import Training
from netlang.source import SourceFile

def resident(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))

path = Path(sys.argv[1])
before = resident("VmRSS")
program = compile_source(SourceFile("a.net", path.read_text(), path), to_run=True).require()
for _ in Training(program).events():
    pass
print(training_memory(program).total / (resident("VmHWM") - before))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what is resident")
@pytest.mark.parametrize("name", NETWORKS)
def test_training_takes_the_memory_that_is_told(name: str, tmp_path: Path) -> None:
    if name == "many classes":
        rows = (f"{i % 7}.5,{i % 11}.5,{i % 13}.5,{i % 17}.5,k{i % 3000}" for i in range(30000))
        (tmp_path / "classes.csv").write_text("\n".join(["a,b,d,e,c", *rows]))
    if name == "table":
        header = ",".join([*(f"x{i}" for i in range(20)), "c"])
        rows = (",".join([*(f"0.{i}{j}" for j in range(20)), f"{i % 2}"]) for i in range(150_000))
        (tmp_path / "large.csv").write_text("\n".join([header, *rows]))
    file = tmp_path / "a.net"
    file.write_text(NETWORKS[name] + TRAINED)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], capture_output=True, text=True, check=True
    )
    assert 0.7 < float(done.stdout) < 1.5
