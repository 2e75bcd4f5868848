"""Networks of any layers: their mistakes are located, their gradients those of their exports."""

from __future__ import annotations

import random

import pytest
import torch
from torch import Tensor

from netlang.catalogue import registry
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from tests.catalogue.layers.test_conformance import relative
from tests.lowering.pytorch.written import alone, weights, written

# Calls that fit many shapes. {n} is a small number, {d} a dimension, {f} a share, {t} a bool.
LAYERS = """
Linear(_, {n}) | Linear(_, {n}, bias={t}) | Conv1d(_, {n}, {n})
Conv1d(_, {n}, 3, padding="same") | Conv2d(_, {n}, {n}, stride={n}, padding={n}, bias={t})
Conv2d(_, {n}, [1, {n}], dilation={n}) | Conv2d(_, 4, 3, padding="same", groups={n})
ConvTranspose2d(_, {n}, {n}, {n}, {n}, {n}) | MaxPool1d({n})
MaxPool2d({n}, {n}, 1, ceil_mode={t}) | AvgPool1d({n}, {n}) | AvgPool2d({n}, ceil_mode={t})
AvgPool2d(3, 2, 1, count_include_pad={t}) | AdaptiveAvgPool2d({n}) | GlobalAvgPool
BatchNorm(_, affine={t}) | LayerNorm(_, bias={t}) | GroupNorm({n}, _)
InstanceNorm(_, affine={t}) | RMSNorm(_) | LocalResponseNorm({n}, alpha=0.5) | Dropout({f})
Dropout2d({f}) | DropPath({f}) | PositionalEmbedding(8, _, form="sinusoidal")
PositionalEmbedding(20, _) | Rotary({n}) | Attention(_, {n}, causal={t}, rotary={t})
Attention(_, 2, num_kv_heads=1, bias={t}) | RNN(_, {n}, nonlinearity="relu")
GRU(_, {n}, num_layers={n}, bidirectional={t}, bias={t})
LSTM(_, {n}, output="last", bidirectional={t}) | Mean({d}) | Max({d}) | Last({d}) | ReLU | ReLU6
LeakyReLU({f}) | PReLU | PReLU(_) | ELU({f}) | CELU(0.5) | SeLU | GELU | SiLU | Mish
GELU(approximate="tanh") | Softplus | Softsign | Sigmoid | HardSigmoid | HardSwish | Tanh
HardTanh(-{f}, {f}) | Softmax({d}) | LogSoftmax({d}) | GLU({d}) | Identity | Flatten
Flatten({d}, {d}) | Unflatten([{n}, _], {d}) | Reshape([{n}, _]) | Reshape([_]) | Permute([1, 0])
Permute([-1, 0, 1]) | Upsample(scale_factor={n}) | Upsample({n})
Upsample(scale_factor=1.5, mode="bilinear") | Pad({n})
Upsample(scale_factor=1.5, mode="linear", align_corners={t}) | Pad(1, mode="circular")
Pad([1, {n}], mode="reflect") | Pad({n}, mode="replicate") | Slice({n}, {n}, {d}) | Scale
Scale(_, dim={d}) | [Identity, Tanh] -> Add | [Sigmoid, Identity] -> Sub
[Identity, Sigmoid, Tanh] -> Mul | [Tanh, Identity] -> Concat({d})
[Identity, ReLU] -> Stack({d}) | [Identity, Identity] -> MatMul
[Identity, Permute([1, 0])] -> MatMul | [Identity, Permute([0, 2, 1])] -> MatMul
PeriodicEmbedding(_, {n}, bias={t}) | LinearPerFeature(_, _, {n}, bias={t}) | FanInScale
[Tanh, Identity] -> Select({n}) | [Identity, Sigmoid] -> Attention(_, {n})
"""
CALLS = [call.strip() for call in LAYERS.replace("\n", "|").split("|") if call.strip()]
BEGINS = "input = [4]", "input = [6, 4]", "input = [2, 6, 6]", "input = [3, 8, 5]"
TOKENS = "input = [6]\nnet = Embedding(9, 4)"
MOST_NUMBERS = 2000  # of a sample, anywhere in a network
REFUSED = (
    "more than 1 spatial element"  # by torch: numbers that are always 0, of which a lint tells
)


def call(draw: random.Random) -> str:
    given = {"n": "1123", "t": ("true", "false"), "f": ("0.2", "0.5"), "d": ("1", "2", "-1", "-2")}
    text = draw.choice(CALLS)
    for name, values in given.items():
        while f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", draw.choice(values), 1)
    return text


def grown(draw: random.Random, length: int) -> tuple[str, Graph]:
    """A network that compiles. A call that does not fit is refused in a place of the file."""
    text = draw.choice((*(f"{begin}\nnet = Identity" for begin in BEGINS), TOKENS))
    graph = compiled(text)
    while len(graph.nodes) < length:
        longer = f"{text} -> {call(draw)}"
        found = compile_source(SourceFile("any.net", longer))
        if found.program is None:
            assert found.diagnostics, longer
            for one in found.diagnostics:
                assert one.span, (longer, one.title)
                assert longer.count("\n", 0, one.span.start) == text.count("\n"), longer
        elif all(is_small(node.shape) for node in found.program.graph.nodes):
            text, graph = longer, found.program.graph
    return text, graph


def is_small(shape: Shape) -> bool:
    """Whether it is quick, and of so few dimensions as PyTorch's layers take."""
    return shape.size <= MOST_NUMBERS and len(shape.sample) <= 3


def compiled(text: str) -> Graph:
    return compile_source(SourceFile("any.net", text)).require().graph


def inputs(graph: Graph) -> Tensor:
    x = torch.rand(5, *graph.input.sizes, dtype=torch.float64)
    tokens = graph.input.vocabulary
    return (x * tokens).floor() if isinstance(tokens, int) else x - 0.5


def slope(network: Network, x: Tensor, dy: Tensor, along: Tensor, step: float) -> float:
    """How outputs, weighted by ``dy``, change as all weights move ``along`` a direction."""
    found, kept = [], network.parameters.clone()
    for sign in (1, -1):
        network.parameters.copy_(kept + sign * step * along)
        found.append((network.forward(x) * dy).sum().item())
    network.parameters.copy_(kept)
    return (found[0] - found[1]) / (2 * step)


def is_steady(network: Network, x: Tensor, y: Tensor) -> bool:
    """Whether rounding stays rounding: a norm of numbers that are all equal makes it large."""
    if network.graph.input.tokens is not None:
        return True
    near = network.forward(x + 1e-11 * torch.randn_like(x))
    network.forward(x)
    return relative(near, y) < 1e-8


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(150))
def test_any_network_is_its_export_forwards_and_backwards(seed: int) -> None:
    draw = random.Random(seed)
    torch.manual_seed(seed)
    text, graph = grown(draw, draw.randint(3, 9))
    exported, code = written(alone(graph))
    network, model = Network(graph, seed).to(torch.float64), code.Model().double()
    network.parameters.add_(torch.randn_like(network.parameters), alpha=0.1)  # not at corners
    pairs, training = [*weights(network, exported, model)], seed % 2 == 0
    if any(node.layer.draws for node in graph.nodes):
        training = False  # each would draw its own
    network.train(training)
    model.train(training)
    x = inputs(graph)
    y = network.forward(x)
    if not is_steady(network, x, y):
        return
    try:
        theirs = model(x)
    except ValueError as error:
        if REFUSED in str(error):
            return
        raise
    assert relative(y, theirs.detach()) < 1e-9, text
    dy = torch.rand_like(y)
    network.zero_grad()
    network.accumulate(dy)
    if theirs.requires_grad:
        theirs.backward(dy)
    for own, twin in pairs:
        assert relative(own, torch.zeros_like(own) if twin.grad is None else twin.grad) < 1e-8, text
    if not training and len(network.parameters):  # a step is a slope, but at corners
        along, gradients = torch.randn_like(network.parameters), network.gradients.clone()
        wanted = (gradients * along).sum().item()
        steps = (slope(network, x, dy, along, step) for step in (1e-6, 1e-7))
        assert min(abs(one - wanted) for one in steps) < 1e-4 * max(1, abs(wanted)), text


def test_the_networks_are_of_all_layers() -> None:
    named = {item.name for item in registry.items("layer")}
    used = {name for name in named for one in CALLS if one.count(name)} | {"Embedding"}
    assert named - used == {"Input"}
