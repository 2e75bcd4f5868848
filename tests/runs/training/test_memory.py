"""The memory that training is said to take is what a process of its own takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from torch import Tensor

from netlang.catalogue.modules import Layer, Statistic, Weight
from netlang.compiler.ir import Graph, Node, Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.runs.training.memory import (
    _MORE_IN_C,
    node_memory,
    too_much_memory,
    training_memory,
)
from netlang.runs.training.training import Training
from netlang.system.shipped import folder

TRAINED = "loss = SoftmaxCrossEntropy\noptimizer = Adam\nepochs = 2\n"
NETWORKS = {
    "many points": "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\n"
    "data = Disc(train=3_000_000)\nbatch = 10_000\n",
    "wide": "net = Linear(2, 3000) -> ReLU -> Linear(3000, 3000) -> ReLU -> Linear(3000, 2)\n"
    "data = Disc(train=200, test=200)\nbatch = 50\n",
    "deep": "net = Linear(2, 500) -> (Linear(500, 500) -> Tanh) * 40 -> Linear(500, 2)\n"
    "data = Disc(train=200, test=200)\nbatch = 100\n",
    "large batch": "net = Linear(2, 500) -> ReLU -> Linear(500, 500) -> Tanh -> Linear(500, 2)\n"
    "data = Disc(train=20000, test=5000)\nbatch = 20000\n",
    "dropout": "net = Linear(2, 1000) -> (Dropout(0.5) -> Linear(1000, 1000) -> SeLU) * 3\n"
    "   -> Linear(1000, 2)\ndata = Disc(train=4000, test=1000)\nbatch = 2000\n",
    "shared": "shared s = Linear(600, 600) -> Tanh\n"
    "block r(n) = [Identity, s -> Linear(n, n)] -> Add\n"
    "net = Linear(2, 600) -> r(600) * 10 -> Linear(600, 2)\n"
    "data = Disc(train=1500, test=1500)\nbatch = 1500\n",
    "many classes": "net = Linear(4, 64) -> ReLU -> Linear(64, 3000)\n"
    'data = CSV("classes.csv", target="c")\nbatch = 64\n',
    "few samples": "net = Linear(2, 30) -> ReLU -> Linear(30, 2)\ndata = Disc(train=50, test=50)\n"
    "batch = 5\n",
    "table": "net = Linear(20, 16) -> ReLU -> Linear(16, 2)\n"
    'data = CSV("large.csv", target="c")\nbatch = 256\n',
    "categories": "net = Linear(201, 16) -> ReLU -> Linear(16, 2)\n"
    'data = CSV("wide.csv", target="c")\nbatch = 4000\n',
}

# In Linux alone: it tells the most that was resident. What the allocator holds back of tensors that
# are freed varies from run to run by half of the whole: here it gives them back at once, and what
# is told counts none.
GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536"}
MEASURE = """
import os, sys
from pathlib import Path
import torch, netlang.runs.training.training, netlang.engine.native.engine
import netlang.catalogue.data.formats.large_text, netlang.engine.memory
from netlang.runs.training.memory import training_memory
from netlang.compiler.passes import compile_source
from netlang.runs.training.training import Training
from netlang.language.source import SourceFile

def resident(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))

netlang.engine.memory._FRESH, netlang.engine.memory._OF_A_THREAD = 1, 0
path, backend = Path(sys.argv[1]), sys.argv[2]
before = resident("VmRSS")
program = compile_source(SourceFile("a.net", path.read_text(), path), to_run=True).require()
for _ in Training(program, backend).events():
    pass
print(training_memory(program, backend).total / (resident("VmHWM") - before), flush=True)
os._exit(0)  # to take down what is imported takes long
"""


def compiled(name: str) -> Program:
    source = SourceFile("a.net", NETWORKS[name] + TRAINED)
    return compile_source(source, to_run=True).require()


def test_memory_is_told_of_the_backend_that_trains() -> None:
    program = compiled("large batch")
    on_tensors, in_c = (training_memory(program, backend) for backend in ("tensor", "native"))
    # Outputs of the activations and of the network, and one activation's output and input.
    assert on_tensors.activations == 4 * 20000 * (2 * 500 + 2 + 500 + 500)
    assert in_c.activations < on_tensors.activations / 30
    assert in_c.gradients > on_tensors.gradients == on_tensors.weights
    assert training_memory(program).total == in_c.total


def test_what_is_too_much_for_one_backend_may_be_trained_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = compiled("large batch")
    needed = [training_memory(program, backend).total for backend in ("native", "tensor")]
    machine = {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": sum(needed) // 2}
    monkeypatch.setattr("os.sysconf", machine.__getitem__)
    assert too_much_memory(program) is None
    assert too_much_memory(program, "native") is None
    with pytest.raises(NetError) as refused:
        Training(program, "tensor")
    assert [one.code for one in refused.value.diagnostics] == ["E0412"]


def test_without_a_compiler_the_memory_is_that_of_the_tensors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = compiled("few samples")
    on_tensors = training_memory(program, "tensor").total
    assert training_memory(program, "native").total != on_tensors
    monkeypatch.setenv("CC", "no-such-compiler")
    for backend in ("auto", "native"):
        assert Training(program, backend).engine.name == "tensor"
        assert training_memory(program, backend).total == on_tensors


def test_what_tensors_have_much_room_for_has_room_in_c() -> None:
    for name in ("model2.net", "lenet.net", "gru.net"):
        program = compile_source(read(str(folder("models") / name)), to_run=True).require()
        on_tensors, in_c = (training_memory(program, one).total for one in ("tensor", "native"))
        assert in_c < 4 * on_tensors < _MORE_IN_C * on_tensors


class Counts(Layer, abstract=True):
    """y = x, and how often it was run."""

    def tensors(self) -> dict[str, Weight | Statistic]:
        return {"runs": Statistic((1000,))}

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, dy: Tensor) -> Tensor:
        return dy


def test_what_layers_keep_beside_weights_is_counted_once() -> None:
    program = compiled("wide")
    first, *others = program.graph.nodes
    counts = Node("counts1", Counts.declared({}), (0,), (first.shape,), first.shape, first.origin)
    nodes = (first, counts, Node(**{**vars(counts), "shares": 1}), *others)
    changed = Program(**{**vars(program), "graph": Graph(nodes, program.graph.result)})
    assert training_memory(changed, "tensor").statistics == 4000
    assert vars(training_memory(changed, "native")) == vars(training_memory(changed, "tensor"))
    more = [node_memory(node, changed) for node in nodes[1:3]]
    assert more[0] - more[1] == 4000


def test_layers_that_share_weights_save_what_layers_with_their_own_do() -> None:
    text = "part = Linear(30, 30) -> Linear(30, 30)\nnet = Linear(2, 30) -> (part -> Tanh) * 3"
    one, shared = (
        compile_source(SourceFile("a.net", f"{first}{text}")).require() for first in ("", "shared ")
    )
    kept = [training_memory(program, "tensor").activations for program in (one, shared)]
    assert kept[0] == kept[1]


def test_a_table_counts_with_what_its_cells_take(tmp_path: Path) -> None:
    """And not with as much for each input that a column of categories makes."""
    rows = [f"k{i % 500},{i % 2}" for i in range(2000)]
    (tmp_path / "t.csv").write_text("\n".join(["a,c", *rows]))
    text = 'net = Linear(500, 2)\ndata = CSV("t.csv", target="c")\n' + TRAINED
    found = compile_source(SourceFile("a.net", text, tmp_path / "a.net"), to_run=True).require()
    memory = training_memory(found)
    assert memory.data == 2000 * 500 * 4
    assert memory.table == 2000 * (4 + 8)  # codes of names, and classes
    assert memory.loading < memory.data / 10


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what is resident")
@pytest.mark.parametrize("backend", ["tensor", "native"])
@pytest.mark.parametrize("name", NETWORKS)
def test_training_takes_the_memory_that_is_told(name: str, backend: str, tmp_path: Path) -> None:
    if name == "many classes":
        rows = (f"{i % 7}.5,{i % 11}.5,{i % 13}.5,{i % 17}.5,k{i % 3000}" for i in range(30000))
        (tmp_path / "classes.csv").write_text("\n".join(["a,b,d,e,c", *rows]))
    if name == "table":
        header = ",".join([*(f"x{i}" for i in range(20)), "c"])
        rows = (",".join([*(f"0.{i}{j}" for j in range(20)), f"{i % 2}"]) for i in range(150_000))
        (tmp_path / "large.csv").write_text("\n".join([header, *rows]))
    if name == "categories":
        rows = (f"k{i % 200},{i % 50}.5,{i % 2}" for i in range(150_000))
        (tmp_path / "wide.csv").write_text("\n".join(["a,b,c", *rows]))
    file = tmp_path / "a.net"
    file.write_text(NETWORKS[name] + TRAINED)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file), backend],
        env=os.environ | GIVEN_BACK,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0.7 < float(done.stdout) < 1.5


def test_workers_of_a_machine_share_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{NETWORKS['wide']}{TRAINED}"
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    alone, weights = training_memory(program).total, 4 * program.graph.weights
    needed = alone + 2 * weights  # with those in the memory that they have in common
    monkeypatch.setattr("netlang.runs.training.memory.memory_limit", lambda: 2 * needed)
    environment = {"RANK": "1", "WORLD_SIZE": "3", "MASTER_ADDR": "a", "MASTER_PORT": "1"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert too_much_memory(program) is None
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    found = too_much_memory(program)
    assert found
    assert found.needed == needed
    assert "for each of 3 workers" in found.message().title
