"""A network computes what its graph says, and its gradients are those of autograd."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import ReLU, Tanh
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.engine.pieces import EVALUATION_UNITS, evaluation_samples
from netlang.language.source import SourceFile
from tests.graphs import graphs

ROWS = 3

# Each layer by other means; a layer's weights are given apart, as they may be another node's.
TWINS: dict[str, Callable[..., Tensor]] = {
    "Linear": lambda layer, weights, x: functional.linear(x, *weights),
    "ReLU": lambda layer, weights, x: functional.relu(x),
    "Tanh": lambda layer, weights, x: torch.tanh(x),
    "Sigmoid": lambda layer, weights, x: torch.sigmoid(x),
    "Softmax": lambda layer, weights, x: functional.softmax(x, -1),
    "SeLU": lambda layer, weights, x: (
        layer.lam * torch.where(x > 0, x, layer.alpha * (torch.exp(x.clamp(max=0)) - 1))
    ),
    "Dropout": lambda layer, weights, x: x,
    "Add": lambda layer, weights, *x: torch.stack(x).sum(0),
    "Mul": lambda layer, weights, *x: torch.stack(x).prod(0),
    "Concat": lambda layer, weights, *x: torch.cat(x, layer.dim),
    "Flatten": lambda layer, weights, x: torch.flatten(x, 1),
    "Slice": lambda layer, weights, x: x.narrow(layer.dim, layer.start, layer.length),
}


def twin(graph: Graph, network: Network, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The graph's output by torch's own functions, and the weights to ask autograd of."""
    values, weights = [x], list[list[Tensor]]()
    for node, module in zip(graph.layers, network.layers(), strict=True):
        own = [weight.clone().requires_grad_() for weight, _ in module.param()]
        weights.append(weights[node.shares - 1] if node.shares else own)
        inputs = [values[number] for number in node.inputs]
        values.append(TWINS[node.layer.name](module, weights[-1], *inputs))
    owned = [weights[n] for n, node in enumerate(graph.layers) if not node.shares]
    return values[graph.result], [weight for group in owned for weight in group]


def relative(a: Tensor, b: Tensor) -> float:
    return ((a - b).abs().max() / max(1.0, b.abs().max().item())).item() if a.numel() else 0.0


def network_of(graph: Graph) -> tuple[Network, Tensor]:
    """The network without dropout, in float64, and a batch for it."""
    network = Network(graph, seed=0).to(torch.float64).eval()
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(ROWS, *graph.input.sizes, dtype=torch.float64, generator=generator)
    return network, x


@settings(max_examples=150)
@given(graphs())
def test_gradients_are_those_of_autograd_whatever_the_graph(graph: Graph) -> None:
    network, x = network_of(graph)
    twin_x = x.clone().requires_grad_()
    expected, weights = twin(graph, network, twin_x)
    y = network.forward(x)
    assert relative(y, expected.detach()) < 1e-9
    dy = torch.cos(torch.arange(y.numel(), dtype=y.dtype)).view(y.shape)
    found = [network.backward(dy), *(gradient for _, gradient in network.param())]
    theirs = torch.autograd.grad(
        expected + 0 * twin_x.sum(),
        [twin_x, *weights],
        dy,
        allow_unused=True,
        materialize_grads=True,
    )
    for gradient, other in zip(found, theirs, strict=True):
        assert relative(gradient, other) < 1e-9


@settings(max_examples=50)
@given(graphs())
def test_accumulate_gives_the_same_bits_whatever_was_computed_before(graph: Graph) -> None:
    network, x = network_of(graph)
    dy = torch.ones_like(network.forward(x))
    network.backward(dy)
    expected, y = network.gradients.clone(), network.forward(x).clone()
    for _ in range(2):
        network.zero_grad()
        network.forward(2 * x)
        assert torch.equal(network.forward(x), y)
        network.accumulate(dy)
        assert torch.equal(network.gradients, expected)


def test_no_layer_behind_dropout_writes_over_its_input() -> None:
    text = "net = Dropout(0.5) -> Tanh -> Linear(5, 2)"
    graph = compile_source(SourceFile("a.net", text)).require().graph
    network, x = Network(graph, seed=0).eval(), torch.randn(ROWS, 5)
    before = x.clone()
    network.forward(x)
    assert torch.equal(x, before)


@settings(max_examples=50)
@given(graphs())
def test_evaluation_gives_the_same_bits_and_leaves_nothing_behind(graph: Graph) -> None:
    network, x = network_of(graph)
    assert torch.equal(network.evaluate(x), network.forward(x))
    fresh = Network(graph, seed=0).to(torch.float64).eval()
    kept = [set(vars(module)) for module in fresh.layers()]
    assert isinstance(fresh, Network)
    fresh.evaluate(x)
    assert [set(vars(module)) for module in fresh.layers()] == kept


@pytest.mark.parametrize("back", ["backward", "accumulate"])
def test_backward_before_forward_is_refused(back: str) -> None:
    network = Network(graph_of("net = Linear(5, 2)"), seed=0)
    with pytest.raises(RuntimeError, match="forward before its backward"):
        getattr(network, back)(torch.ones(ROWS, 2))


def test_forward_keeps_no_value_but_what_layers_save(monkeypatch: pytest.MonkeyPatch) -> None:
    """ReLU and the Linear behind it save the output of ReLU, and none saves what it is made of."""
    read: list[weakref.ref[Tensor]] = []

    def watched(self: ReLU, x: Tensor) -> Tensor:
        self.saved = torch.clamp_min(x, 0)
        read.append(weakref.ref(x))
        return self.saved

    monkeypatch.setattr(ReLU, "forward", watched)
    network = Network(graph_of("net = Linear(5, 5) -> ReLU -> Linear(5, 2)"), seed=0)
    network.forward(torch.randn(ROWS, 5))
    assert [value() for value in read] == [None]


def test_evaluation_drops_each_value_after_its_last_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of forty layers in a row two outputs are there at once; the memory that is told is theirs."""
    graph = graph_of("input = [5]\nb = Linear(5, 5) -> Tanh\nnet = b * 20")
    outputs: list[weakref.ref[Tensor]] = []
    most = 0

    def watched(self: Tanh, x: Tensor) -> Tensor:
        nonlocal most
        y = torch.tanh(x)
        outputs.extend((weakref.ref(x), weakref.ref(y)))
        most = max(most, sum(ref() is not None for ref in outputs))
        return y

    monkeypatch.setattr(Tanh, "forward", watched)
    Network(graph, seed=0).eval().evaluate(torch.randn(3, 5))
    assert most == 2
    assert evaluation_samples(graph) == EVALUATION_UNITS // 10


def graph_of(text: str) -> Graph:
    return compile_source(SourceFile("a.net", text)).require().graph


def test_shared_layers_are_one_set_of_weights_and_their_gradients_are_summed() -> None:
    network = Network(graph_of("shared s = Linear(3, 3)\nnet = s -> Tanh -> s"), seed=0)
    first, _, second = network.layers()
    assert isinstance(first, Layer)
    assert network.size == 12
    assert first.parameters.data_ptr() == second.parameters.data_ptr()
    assert difference_to_two_layers(network) < 1e-6


def difference_to_two_layers(network: Network) -> float:
    """How far the shared layer's gradient is from the sum of those of two layers apart."""
    x = torch.randn(2, 3)
    apart = Network(graph_of("net = Linear(3, 3) -> Tanh -> Linear(3, 3)"), seed=0)
    apart.parameters.copy_(network.parameters.repeat(2))
    for one in (network, apart):
        one.backward(torch.ones_like(one.forward(x)))
    return relative(network.gradients, apart.gradients.view(2, 12).sum(0))


def test_each_use_of_a_name_or_a_block_has_weights_of_its_own() -> None:
    text = "part = Linear(3, 3)\nblock b(n) = Linear(n, n)\nnet = part -> part -> b(3) -> b(3) * 2"
    network = Network(graph_of(text), seed=0)
    assert network.size == 5 * 12
    starts = {layer.parameters.data_ptr() for layer in network.layers()}
    assert len(starts) == 5


def test_initial_weights_are_those_of_the_same_layers_without_sharing() -> None:
    shared = Network(graph_of("shared s = Linear(3, 3)\nnet = s -> s"), seed=7)
    plain = Network(graph_of("net = Linear(3, 3)"), seed=7)
    assert torch.equal(shared.parameters, plain.parameters)
