"""Evaluation in C: dropout off, and the same bits however samples and threads are shared out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from netlang import Elementwise, Shape
from netlang.catalogue.layers import Dropout, Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph
from netlang.engine import Batches, Cursor, pieces, threads
from netlang.engine.native.compiled import gemm_address
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.tensor import TensorEngine
from netlang.lowering import c
from netlang.lowering.lowerings import Unsupported
from tests.engine.agreement import random_samples
from tests.graphs import chain, dense

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]  # as each of them compiles C

DROPOUT = Dropout.declared({"p": 0.5})
GRAPH = chain(dense(3, 20), DROPOUT, Tanh.declared({}), dense(20, 4), start=(2, 3))


def made(graph: Graph = GRAPH, batch: int = 4) -> NativeEngine:
    network = Network(graph, 0)
    return NativeEngine(network, MSE(), SGD.over(network, {}), batch, 0)


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_dropout_is_off_and_the_outputs_are_those_of_tensors(batch: int) -> None:
    engine = made(batch=batch)
    inputs, _ = random_samples(GRAPH, 150, torch.float32)
    tensors = TensorEngine(engine.network, engine.loss, engine.optimizer, batch, 0)
    found, expected = (torch.cat([*one.evaluate(inputs)]) for one in (engine, tensors))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(torch.cat([*engine.evaluate(inputs)]), found)


def test_its_memory_is_the_cpus_whatever_torchs_defaults_are() -> None:
    inputs, targets = random_samples(GRAPH, 11, torch.float32)
    batches, found = Batches(inputs, targets, 4, 0), []
    for device in ("cpu", "meta"):
        network = Network(GRAPH, 0)
        with torch.device(device):
            engine = NativeEngine(network, MSE(), SGD.over(network, {}), 4, 0)
            trained = [y for y, _ in engine.run(batches, Cursor())]
            found.append(torch.cat([*trained, *engine.evaluate(inputs)]))
    assert torch.equal(*found)


@pytest.mark.parametrize("blas_from", [1, 1 << 22], ids=["by the BLAS", "by C"])
@pytest.mark.parametrize("batch", [1, 4, 100])
def test_neither_threads_nor_the_samples_beside_it_change_a_bit_of_an_output(
    batch: int, blas_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if blas_from == 1 and gemm_address(double=False) is None:
        pytest.skip("torch brings no BLAS that can be called")
    monkeypatch.setattr("netlang.lowering.c.linear.BLAS_FROM", blas_from)
    monkeypatch.setattr(threads, "THREADS_FROM", 0)
    inputs, _ = random_samples(GRAPH, 250, torch.float32)
    engine, before = made(batch=batch), torch.get_num_threads()
    whole = torch.cat([*engine.evaluate(inputs)])
    try:
        for count in (1, 2, 5, 80):
            torch.set_num_threads(count)
            assert torch.equal(torch.cat([*engine.evaluate(inputs)]), whole)
            for size in (1, 3, 64, 249):
                parts = [y for x in inputs.split(size) for y in engine.evaluate(x)]
                assert torch.equal(torch.cat(parts), whole)
    finally:
        torch.set_num_threads(before)


def test_several_threads_may_evaluate_at_once() -> None:
    engine = made(chain(dense(3, 50), Tanh.declared({}), dense(50, 2), start=(3,)))
    inputs, _ = random_samples(engine.network.graph, 20_000, torch.float32)
    whole = torch.cat([*engine.evaluate(inputs)])
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda _: torch.cat([*engine.evaluate(inputs)]), range(40))
        assert all(torch.equal(one, whole) for one in found)


def test_many_samples_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, _ = random_samples(GRAPH, 50, torch.float32)
    whole = torch.cat([*made().evaluate(inputs)])
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 20 * GRAPH.macs)
    engine = made()
    parts = [*engine.evaluate(inputs)]
    assert [len(part) for part in parts] == [20, 20, 10]
    assert torch.equal(torch.cat(parts), whole)
    assert torch.cat([*engine.evaluate(inputs[:0])]).shape == (0, 2, 4)


def test_a_network_that_is_moved_between_two_parts_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inputs, _ = random_samples(GRAPH, 50, torch.float32)
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 20 * GRAPH.macs)
    engine = made()
    parts = iter(engine.evaluate(inputs))
    next(parts)
    engine.network.to(torch.float64)
    with pytest.raises(TypeError, match="was moved"):
        next(parts)


def test_evaluation_takes_any_numbers_of_the_networks_shape() -> None:
    engine = made()
    inputs, _ = random_samples(GRAPH, 9, torch.float32)
    whole = torch.cat([*engine.evaluate(inputs)])
    for same in (inputs.double(), inputs.transpose(0, 2).contiguous().transpose(0, 2)):
        assert torch.equal(torch.cat([*engine.evaluate(same)]), whole)
    with pytest.raises(ValueError, match=r"inputs have shape \[9, 3\], not the network's"):
        next(engine.evaluate(inputs[:, 0]))
    engine.network.to(torch.float64)
    with pytest.raises(TypeError, match="was moved"):
        next(engine.evaluate(inputs))


class Noise(Dropout):
    """A layer whose C draws."""


@c.lowers(Noise)
def noise(layer: Noise, x: Shape) -> Elementwise:
    return Elementwise(forward="x + drawn", backward=("dy",), draws=True)


def test_a_layer_that_draws_says_how_it_is_evaluated() -> None:
    with pytest.raises(Unsupported, match="draws, and its C does not say how it is evaluated"):
        made(chain(dense(3, 4), Noise.declared({"p": 0.5}), start=(3,)))
