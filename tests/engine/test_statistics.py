"""Engines with layers that keep statistics: tensors train them, and C leaves them to tensors."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph, Program
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine, choose
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering import c
from netlang.lowering.c.kernels import Elementwise
from netlang.lowering.lowerings import Unsupported
from netlang.runs.training.training import Training
from tests.catalogue.modules.test_tensors import Centre, shared_twice
from tests.graphs import chain, dense

ROWS = 6


@c.lowers(Centre)
def centre(*_: object) -> Elementwise:
    return Elementwise(forward="x", backward=("dy",))


def engine(graph: Graph) -> TensorEngine:
    network = Network(graph, seed=0)
    return TensorEngine(network, MSE(), SGD.over(network, {"lr": 0.1}), 2, 0)


def test_statistics_change_with_each_step_and_not_in_evaluation() -> None:
    made = engine(shared_twice())
    batches = Batches(torch.rand(ROWS, 2), torch.rand(ROWS, 1), 2, 0)
    calls = made.network.named_tensors()[f"{made.network.graph.nodes[2].name}.calls"]
    for _ in made.run(batches, Cursor()):
        pass
    assert calls == 1 + 2 * 3  # used twice in each of three steps
    before = made.network.statistics.clone()
    torch.cat([*made.evaluate(batches.inputs)])
    assert torch.equal(made.network.statistics, before)
    assert before[:3].any()


def test_a_run_gives_the_bits_of_its_steps_one_by_one() -> None:
    batches = Batches(torch.rand(ROWS, 2), torch.rand(ROWS, 1), 2, 0)
    one, other = engine(shared_twice()), engine(shared_twice())
    for _ in one.run(batches, Cursor()):
        pass
    for batch in batches.rest(Cursor()):
        other.gradients(batch)
        other.update()
    assert torch.equal(one.network.statistics, other.network.statistics)
    assert torch.equal(one.network.parameters, other.network.parameters)


def test_c_leaves_statistics_to_tensors_and_says_so() -> None:
    text = "net = Linear(2, 2)\ndata = Disc(train=40, test=10)\nloss = MSE\noptimizer = SGD\n"
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    graph = chain(dense(2, 2), Centre.declared({"features": 2}), start=(2,))
    program = Program(**{**vars(program), "graph": graph})
    network = Network(graph, seed=0)
    optimizer = SGD.over(network, {"lr": 0.1})
    with pytest.raises(Unsupported, match="Centre in line 1 keeps statistics, and is no Routine"):
        NativeEngine(network, MSE(), optimizer, 2, 0)
    chosen = choose("native", program, network, MSE(), optimizer)
    assert (type(chosen), "keeps statistics" in chosen.note) == (TensorEngine, True)
    training = Training(program, "native")
    for _ in training.events():
        pass
    assert training.network.named_tensors()["centre2.calls"] > 1
