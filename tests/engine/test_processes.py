"""Two processes, each with its part of every batch, train as one does."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection

import pytest
import torch
from torch import Tensor

from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, Engine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.tensor import TensorEngine
from netlang.language.source import SourceFile
from tests.program import SHARED

TEXT = f"{SHARED}loss = SoftmaxCrossEntropy\n"
STEPS = 6  # more than an epoch has
ENGINES = {"tensor": TensorEngine, "native": NativeEngine}


def made(name: str, rank: int = 0, world: int = 1) -> tuple[Engine, Batches]:
    program = compile_source(SourceFile("a.net", TEXT), to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    train = program.data.load(program.seed).train
    network = Network(program.graph, program.seed)
    network.to(torch.float64)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    engine = ENGINES[name](network, program.loss, optimizer, program.batch_size, program.seed)
    inputs = train.inputs.double()
    return engine, Batches(inputs, train.targets, program.batch_size, program.seed, rank, world)


def train_a_part(name: str, rank: int, world: int, pipe: Connection) -> None:
    """What one process does: its part's gradients go out, and those of all parts come back."""
    torch.set_num_threads(1)
    engine, batches = made(name, rank, world)
    cursor = Cursor()
    for _ in range(STEPS):
        engine.gradients(batches.batch(cursor))
        pipe.send(engine.network.gradients.tolist())
        engine.network.gradients.copy_(torch.tensor(pipe.recv(), dtype=torch.float64))
        engine.update()
        cursor = batches.after(cursor)
    pipe.send(engine.network.parameters.tolist())


def received(pipes: list[Connection]) -> list[Tensor]:
    return [torch.tensor(pipe.recv(), dtype=torch.float64) for pipe in pipes]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["native", "tensor"])
def test_two_processes_have_the_gradients_of_one(name: str, request: pytest.FixtureRequest) -> None:
    if name == "native":
        request.getfixturevalue("compiler")
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in range(2)]
    processes = [
        context.Process(target=train_a_part, args=(name, rank, 2, theirs), daemon=True)
        for rank, (_, theirs) in enumerate(ends)
    ]
    for process in processes:
        process.start()
    pipes, cursor = [ours for ours, _ in ends], Cursor()
    alone, batches = made(name)
    for _ in range(STEPS):
        alone.gradients(batches.batch(cursor))
        parts = received(pipes)
        assert all(part.count_nonzero() for part in parts)
        torch.testing.assert_close(sum(parts), alone.network.gradients, rtol=1e-12, atol=1e-12)
        for pipe in pipes:
            pipe.send(sum(parts).tolist())  # type: ignore[union-attr]
        alone.update()
        cursor = batches.after(cursor)
    one, other = received(pipes)
    assert torch.equal(one, other)  # both took the same sums, to the bit
    torch.testing.assert_close(one, alone.network.parameters, rtol=1e-9, atol=1e-12)
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
