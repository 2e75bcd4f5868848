"""Frozen weights stay as they are, and the others are trained as if nothing were frozen."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from torch import Tensor

from netlang.catalogue.layers import Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import Adam
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.c.generator.emit import emit
from tests.catalogue.modules.test_tensors import shared_twice
from tests.engine.agreement import ADAM, Kind, difference, random_samples, train
from tests.engine.native.own import LayerNorm, Scale
from tests.graphs import chain, dense, graphs

TEXT = """\
encoder = Linear(3, 5) -> Dropout(0.3) -> Tanh
shared s = Linear(5, 5)
net = encoder -> [s -> Tanh -> s, Linear(5, 5)] -> Add -> Linear(5, 2)
input = [3]
"""


def graph_with(parts: str, text: str = TEXT) -> Graph:
    return compile_source(SourceFile("a.net", f"{text}freeze = {parts}\n")).require().graph


def freeze(graph: Graph, *numbers: int) -> Graph:
    """The graph with these nodes frozen."""
    nodes = [node.replace(frozen=n in numbers) for n, node in enumerate(graph.nodes)]
    return graph.replace(nodes=tuple(nodes))


def still(graph: Graph) -> Tensor:
    """Which weights are frozen.  Shape: [weights], bool."""
    parts = [torch.full((node.own_weights,), node.frozen) for node in graph.nodes]
    return torch.cat(parts)


def trained_by_hand(graph: Graph, batch: int, epochs: int) -> Tensor:
    """The weights of the network where nothing is frozen, and gradients are taken away."""
    thawed = graph.replace(nodes=tuple(node.replace(frozen=False) for node in graph.nodes))
    network = Network(thawed, 0)
    network.to(torch.float64)
    engine = TensorEngine(network, MSE(), Adam.over(network, ADAM[1]), batch, 0)
    batches = Batches(*random_samples(graph, 11, torch.float64), batch, 0)
    for epoch in range(1, epochs + 1):
        for part in batches.rest(Cursor(epoch)):
            engine.gradients(part)
            network.gradients[still(graph)] = 0
            engine.update()
    return network.parameters


@pytest.mark.parametrize("parts", ["encoder", "s", "[encoder, s]"])
def test_the_others_are_trained_as_if_nothing_were_frozen(kind: Kind, parts: str) -> None:
    graph = graph_with(parts)
    samples = random_samples(graph, 11, torch.float64)
    weights, *_ = train(kind, graph, MSE(), ADAM, samples, batch=4, epochs=3)
    expected, at_first = trained_by_hand(graph, 4, 3), Network(graph, 0).parameters.double()
    torch.testing.assert_close(weights, expected, rtol=1e-10, atol=1e-12)
    assert torch.equal(weights[still(graph)], at_first[still(graph)])
    assert (weights != at_first)[~still(graph)].any()


@settings(max_examples=15)
@given(graphs())
def test_random_graphs_with_every_second_layer_frozen(graph: Graph) -> None:
    graph = freeze(graph, *(n for n in range(len(graph.nodes)) if graph.owner(n) % 2))
    assume(graph.result in graph.behind_weights)
    samples = random_samples(graph, 11, torch.float64)
    weights, *_ = train(TensorEngine, graph, MSE(), ADAM, samples, batch=4, epochs=1)
    assume(weights.isfinite().all())
    torch.testing.assert_close(weights, trained_by_hand(graph, 4, 1), rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    "layer", [Scale.declared({"shape": (4,)}), LayerNorm.declared({"features": 4})], ids=str
)
def test_layers_of_any_kind_of_c_can_be_frozen(layer: Layer) -> None:
    graph = freeze(chain(dense(3, 4), layer, Tanh.declared({}), layer, dense(4, 2), start=(3,)), 2)
    samples = random_samples(graph, 11, torch.float64)
    native, tensor = (
        train(one, graph, MSE(), ADAM, samples, batch=4, epochs=3)
        for one in (NativeEngine, TensorEngine)
    )
    assert difference(native, tensor) < 1e-10
    assert torch.equal(native[0][still(graph)], Network(graph, 0).parameters[still(graph)].double())


def test_nothing_goes_backwards_below_the_lowest_trained_layer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = graph_with("encoder")
    network, went = Network(graph, 0), list[str]()
    for number, node in enumerate(graph.nodes):
        module = network.modules[number]
        for name in ("backward", "accumulate"):
            plain = getattr(type(module), name)

            def noted(dy: Tensor, plain: Any = plain, module: Any = module, who: str = node.name):  # type: ignore[no-untyped-def]
                went.append(who)
                return plain(module, dy)

            setattr(module, name, noted)
    network._backward_to_weights = network._backward_order(graph.live & graph.behind_weights)
    network.train().forward(torch.rand(2, 3))
    network.accumulate(torch.rand(2, 2))
    assert went
    assert not {"linear1", "dropout1", "tanh1"} & {*went}


def test_c_has_no_gradients_of_frozen_weights() -> None:
    text = "encoder = Linear(3, 4) -> Tanh\nnet = encoder -> Linear(4, 2)\ninput = [3]\n"
    plain, frozen = (
        emit(graph_with(parts, text), MSE(), Adam.declared({}), 4).source
        for parts in ("[]", "encoder")
    )
    assert plain.count("FUNCTION linear_gradients") == 2
    assert frozen.count("FUNCTION linear_gradients") == 1
    assert "linear_backward" not in frozen


def test_statistics_of_a_frozen_layer_stay() -> None:
    for frozen, changes in (((), True), ((2, 3), False)):
        graph = freeze(shared_twice(), *frozen)
        network = Network(graph, 0)
        engine = TensorEngine(network, MSE(), Adam.over(network, ADAM[1]), 2, 0)
        before = network.statistics.clone()
        batches = Batches(torch.rand(6, 2), torch.rand(6, 1), 2, 0)
        for _ in engine.run(batches, Cursor()):
            pass
        assert torch.equal(network.statistics, before) is not changes


def test_dropout_in_a_frozen_part_goes_on(kind: Kind) -> None:
    graph = graph_with("encoder", TEXT.replace("Dropout(0.3)", "Dropout(0.9)"))
    samples = random_samples(graph, 64, torch.float64)
    _, outputs, evaluated = train(kind, graph, MSE(), ADAM, samples, batch=64, epochs=1)
    order = Batches(*samples, 64, 0).order(Cursor())
    assert not torch.allclose(outputs, evaluated[order], atol=1e-1)


def test_weight_decay_leaves_frozen_weights_alone() -> None:
    graph = graph_with("encoder")
    mask = Network(graph, 0).decay_mask()
    assert mask.any()
    assert not mask[still(graph)].any()
