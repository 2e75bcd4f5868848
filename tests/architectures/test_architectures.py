"""Networks that people know, written in netlang: each compiles, has as many weights as counted
by hand, and computes and trains as torch's autograd says it should.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from netlang.catalogue.layers import Dropout
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import Adam
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.network import Network
from netlang.language.syntax import read

HERE = Path(__file__).parent
LIBRARIES = {"blocks"}
ROWS = 6

# By hand; a Linear(a, b) has a * b + b weights, written (a, b) here.
WEIGHTS = {
    # (3, 9) = 36, 3 of (9, 9) = 90, (9, 2) = 20
    "ablation": 36 + 3 * 90 + 20,
    # (144, 64) = 9280, (64, 16) = 1040, (16, 4) = 68, (4, 16) = 80, (16, 64) = 1088,
    # (64, 144) = 9360
    "autoencoder": 9280 + 1040 + 68 + 80 + 1088 + 9360,
    # 3 pairs of couplings, each (3, 8) = 32 and (8, 3) = 27
    "coupling": 3 * 2 * (32 + 27),
    # (10, 12) = 132, then (12, 6) = 78, (18, 6) = 114, (24, 6) = 150, (30, 6) = 186, (36, 4) = 148
    "dense_block": 132 + 78 + 114 + 150 + 186 + 148,
    # the same, one layer less, and (30, 4) = 124
    "densenet": 132 + 78 + 114 + 150 + 124,
    # (2, 12) = 36, (12, 12) = 156, (12, 2) = 26
    "disc": 36 + 156 + 26,
    # 3 members of (2, 8) = 24 and (8, 2) = 18
    "ensemble": 3 * (24 + 18),
    # (8, 16) = 144; (16, 4) = 68 and (4, 16) = 80; (16, 8) = 136 and (8, 16) = 144; (16, 4) = 68
    "excitation": 144 + (68 + 80) + (136 + 144) + 68,
    # (5, 16) = 96, 2 of (8, 16) = 144, (8, 1) = 9
    "glu": 96 + 2 * 144 + 9,
    # (2, 10) = 30, 3 blocks of 3 (10, 10) = 110, (10, 2) = 22
    "highway": 30 + 3 * 3 * 110 + 22,
    # (6, 10) = 70, (10, 12) = 132, (12, 12) = 156, (12, 2) = 26
    "holes": 70 + 132 + 156 + 26,
    # (4, 16) = 80, 3 of (16, 16) = 272, once more in the classifier, (16, 3) = 51
    "imports": 80 + 3 * 272 + 272 + 51,
    # (16, 24) = 408
    # (24, 8) = 200; (24, 4) + (4, 8) = 140; the same + (8, 8) = 212; (24, 4) = 100
    # (28, 10) = 290; (28, 6) + (6, 10) = 244; the same + (10, 10) = 354; (28, 6) = 174
    # (36, 5) = 185
    "inception": 408 + (200 + 140 + 212 + 100) + (290 + 244 + 354 + 174) + 185,
    # (4, 8) = 40, (8, 8) = 72 once for five uses, (8, 3) = 27
    "iterated": 40 + 72 + 27,
    # (5, 6) = 36, 2 of (6, 6) = 42 with (6, 12) = 84 and (12, 6) = 78, (6, 3) = 21
    "mixer": 36 + 2 * (42 + 84 + 78) + 21,
    # 4 experts of (6, 8) = 56 and (8, 1) = 9, and the gate, (6, 4) = 28
    "mixture": 4 * (56 + 9) + 28,
    # (784, 256) = 200960, (256, 10) = 2570
    "mlp": 200_960 + 2570,
    # (64, 32) = 2080, (32, 16) = 528, (16, 4) = 68, (4, 8) = 40; (16, 8) = 136, (32, 8) = 264;
    # (24, 6) = 150
    "pyramid": 2080 + 528 + 68 + 40 + 136 + 264 + 150,
    # (3, 5) = 20 and (5, 5) = 30 once for all steps, (5, 2) = 12
    "recurrent": 20 + 30 + 12,
    # (8, 32) = 288, 4 blocks of 2 (32, 32) = 1056, (32, 3) = 99
    "residual": 288 + 4 * 2 * 1056 + 99,
    # (7, 16) = 128, 2 blocks of 4 paths of (16, 4) = 68 and (4, 16) = 80, (16, 5) = 85
    "resnext": 128 + 2 * 4 * (68 + 80) + 85,
    # (11, 14) = 168, 5 of (14, 14) = 210, (14, 1) = 15
    "selfnormal": 168 + 5 * 210 + 15,
    # (12, 16) = 208 and (16, 8) = 136 once for both towers, (8, 1) = 9
    "siamese": 208 + 136 + 9,
    # (9, 24) = 240, (24, 3) = 75, (24, 8) = 200 and (8, 4) = 36
    "two_heads": 240 + 75 + 200 + 36,
    # down: (32, 16) + (16, 16) = 800, 208, 56, and 16 at the bottom; up: (2, 4) = 12 and 56,
    # (4, 8) = 40 and 208, (8, 16) = 144 and 800; (16, 32) = 544
    "unet": 800 + 208 + 56 + 16 + (12 + 56) + (40 + 208) + (144 + 800) + 544,
    # (20, 1) = 21; (20, 32) = 672, (32, 16) = 528, (16, 1) = 17
    "wide_and_deep": 21 + 672 + 528 + 17,
}

# Multiply-adds for one sample: a * b for a Linear(a, b), as often as it is gone through.
MACS = {
    "glu": 5 * 16 + 2 * 8 * 16 + 8,
    "iterated": 4 * 8 + 5 * 8 * 8 + 8 * 3,
    # 4 tokens through (5, 6); twice 1 summed token through (6, 6), 4 through (6, 12) and (12, 6);
    # 1 through (6, 3)
    "mixer": 4 * 30 + 2 * (36 + 4 * (72 + 72)) + 18,
    "mlp": 784 * 256 + 256 * 10,
    # 4 steps through (3, 5), 3 through (5, 5), (5, 2)
    "recurrent": 4 * 15 + 3 * 25 + 10,
    "siamese": 2 * (12 * 16 + 16 * 8) + 8,
}

ENDS = {  # one sample's shape, at the input and at the output
    "autoencoder": ((144,), (144,)),
    "coupling": ((6,), (6,)),
    "holes": ((6,), (2,)),
    "imports": ((4,), (3,)),
    "mixer": ((4, 5), (1, 3)),
    "mixture": ((6,), (1,)),
    "mlp": ((784,), (10,)),
    "recurrent": ((12,), (2,)),
    "siamese": ((24,), (1,)),
    "two_heads": ((9,), (7,)),
    "unet": ((32,), (32,)),
}

architectures = pytest.mark.parametrize("name", sorted(WEIGHTS))

OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "ReLU": lambda layer, x: functional.relu(x),
    "Tanh": lambda layer, x: functional.tanh(x),
    "Sigmoid": lambda layer, x: functional.sigmoid(x),
    "SeLU": lambda layer, x: layer.lam * functional.elu(x, layer.alpha),
    "Softmax": lambda layer, x: functional.softmax(x, -1),
    "Add": lambda layer, *x: sum(x),
    "Mul": lambda layer, *x: math.prod(x),
    "Concat": lambda layer, *x: torch.cat(x, layer.dim),
    "Flatten": lambda layer, x: torch.flatten(x, 1),
    "Slice": lambda layer, x: torch.split(
        x,
        [layer.start, layer.length, x.shape[layer.dim] - layer.start - layer.length],
        layer.dim,
    )[1],
}


def graph_of(name: str) -> Graph:
    return compile_source(read(str(HERE / f"{name}.net"))).require().graph


def network_of(graph: Graph) -> Network:
    """In float64, with one mask for each dropout, which stays."""
    network = Network(graph, seed=1).to(torch.float64)
    for layer, node in zip(network.modules, graph.nodes, strict=True):
        if isinstance(layer, Dropout):
            mask = torch.rand(ROWS, *node.shape.sizes, dtype=torch.float64) > layer.p
            layer.masks = itertools.repeat(mask / (1 - layer.p))
    return network


def samples(sizes: tuple[int, ...], rows: int = ROWS) -> Tensor:
    return torch.randn(rows, *sizes, dtype=torch.float64)


def interpreted(network: Network, weights: Tensor, x: Tensor) -> Tensor:
    """What ``network``, with these ``weights``, makes of ``x``, by torch.nn.functional alone."""
    values, begins, at = [x], [0], 0
    for number, node in enumerate(network.graph.layers, 1):
        begins.append(begins[node.shares] if node.shares else at)
        inputs = [values[source] for source in node.inputs]
        layer: Layer = node.layer
        if layer.name == "Linear":
            a, b = layer.in_features, layer.out_features
            own = weights[begins[number] : begins[number] + a * b + b]
            values.append(functional.linear(*inputs, own[: a * b].view(b, a), own[a * b :]))
            at = max(at, begins[number] + a * b + b)
        elif layer.name == "Dropout":
            mask = network.modules[number].saved
            values.append(inputs[0] if mask is None else inputs[0] * mask)
        else:
            values.append(OPERATIONS[layer.name](layer, *inputs))
    return values[network.graph.result]


def relative(a: Tensor, b: Tensor) -> float:
    """The largest difference, relative to the largest magnitude."""
    return ((a - b).abs().max() / b.abs().max()).item()


def test_every_file_is_in_the_table() -> None:
    assert {path.stem for path in HERE.glob("*.net")} == WEIGHTS.keys() | LIBRARIES


@pytest.mark.parametrize("name", sorted(WEIGHTS.keys() | LIBRARIES))
def test_an_architecture_compiles_without_any_message(name: str) -> None:
    source = read(str(HERE / f"{name}.net"))
    found = compile_source(source, to_run="optimizer" in source.text, blocks_ok=name in LIBRARIES)
    assert not found.diagnostics


@architectures
def test_an_architecture_has_as_many_weights_as_counted_by_hand(name: str) -> None:
    assert graph_of(name).weights == WEIGHTS[name]


@pytest.mark.parametrize("name", MACS)
def test_an_architecture_takes_as_many_multiply_adds_as_counted_by_hand(name: str) -> None:
    assert graph_of(name).macs == MACS[name]


@pytest.mark.parametrize("name", ENDS)
def test_an_architectures_ends_have_the_shapes_that_it_was_written_for(name: str) -> None:
    graph = graph_of(name)
    assert (graph.input.sizes, graph.output.sizes) == ENDS[name]


@architectures
def test_the_whole_network_agrees_with_autograd(name: str) -> None:
    torch.manual_seed(0)
    network = network_of(graph_of(name))
    x = samples(network.graph.input.sizes)
    y = network.forward(x)
    dy = torch.randn_like(y)
    network.zero_grad()
    dx = network.backward(dy)

    twins = (network.parameters.clone().requires_grad_(), x.clone().requires_grad_())
    twin_y = interpreted(network, *twins)
    weights_gradient, input_gradient = torch.autograd.grad(twin_y, twins, dy)

    assert relative(y, twin_y.detach()) < 1e-9
    assert relative(network.gradients, weights_gradient) < 1e-9
    assert relative(dx, input_gradient) < 1e-9


@architectures
def test_training_without_the_inputs_gradient_finds_the_same_gradients(name: str) -> None:
    torch.manual_seed(0)
    network = network_of(graph_of(name))
    dy = torch.randn_like(network.forward(samples(network.graph.input.sizes)))
    found = []
    for way in (network.backward, network.accumulate):
        network.zero_grad()
        way(dy)
        found.append(network.gradients.clone())
    assert torch.equal(*found)


@architectures
def test_a_whole_network_writes_over_nothing_that_it_was_given_or_gave(name: str) -> None:
    torch.manual_seed(0)
    network = network_of(graph_of(name))
    found = []
    for _ in range(3):
        x = samples(network.graph.input.sizes)
        dy = samples(network.graph.output.sizes)
        network.zero_grad()
        found += [x, dy, network.forward(x), network.backward(dy)]
        if len(found) == 4:
            kept = [one.clone() for one in found]
    assert all(map(torch.equal, found[:4], kept))


@architectures
def test_two_epochs_of_training_make_the_loss_smaller(name: str) -> None:
    torch.manual_seed(0)
    network = Network(graph_of(name), seed=1).to(torch.float64)
    x = samples(network.graph.input.sizes, rows=64)
    t = network.eval().forward(samples(network.graph.input.sizes, rows=64))  # within its reach
    loss = MSE()
    engine = TensorEngine(network, loss, Adam(network, lr=1e-3), batch_size=10, seed=1)
    before = loss.forward(torch.cat([*engine.evaluate(x)]), t)
    batches = Batches(x, t, 10, 1)
    for epoch in (1, 2):
        for _ in engine.run(batches, Cursor(epoch)):
            pass
    assert loss.forward(torch.cat([*engine.evaluate(x)]), t) < before
