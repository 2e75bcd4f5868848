"""Sums of many numbers keep the digits of a float in C, in training and in exported files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from netlang.catalogue.layers import Slice
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Graph
from netlang.engine import TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from tests.catalogue.layers.test_conformance import build
from tests.catalogue.losses.cases import loss_of
from tests.engine.agreement import parts
from tests.engine.native.test_special_numbers import Weighted, behind_probes, engines, gradients
from tests.graphs import side_by_side
from tests.lowering.c.inference.test_layers import functions, graph_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]

Engine = TensorEngine | NativeEngine
MANY = 100_000
# Added up one after the other, alternating numbers lose three of seven digits or more.
LAYERS = [
    ("Mean(dim=1)", (MANY, 1)),
    ("GlobalAvgPool", (1, 250, 400)),
    ("AdaptiveAvgPool2d(1)", (1, 250, 400)),
    ("InstanceNorm(1, affine=true)", (1, MANY)),
    ("GroupNorm(1, 2)", (2, MANY // 2)),
    ("LayerNorm(100_000)", (MANY,)),
    ("LayerNorm([20_000, 5])", (MANY // 5, 5)),
    ("RMSNorm(100_000)", (MANY,)),
    ("Softmax", (MANY,)),
    ("LogSoftmax", (MANY,)),
    ("Softmax(dim=1)", (MANY, 1)),
    ("BatchNorm(1)", (1, MANY)),
    ("LayerNorm(2)", (MANY, 2)),
    ("RMSNorm(2)", (MANY, 2)),
    ("Scale(2, dim=1)", (2, MANY)),
    ("Linear(2, 2)", (MANY, 2)),
]
ALONE = [
    ("Mean(dim=1)", (MANY, 1)),
    ("GlobalAvgPool", (1, 250, 400)),
    ("InstanceNorm(1)", (1, MANY)),
    ("LayerNorm(100_000, elementwise_affine=false)", (MANY,)),
    ("RMSNorm(100_000, elementwise_affine=false)", (MANY,)),
    ("Softmax", (MANY,)),
    ("LogSoftmax", (MANY,)),
]
LOSSES = [
    "SoftmaxCrossEntropy",
    "Focal",
    "Hinge",
]


def alternating(size: int) -> Tensor:
    return torch.tensor([1.3, 1.1]).repeat(1, (size + 1) // 2)[:, :size]


def relative(found: Tensor, exact: Tensor) -> float:
    return ((found.double() - exact).abs().max() / exact.abs().max()).item()


def both(graph: Graph, loss: Loss) -> tuple[Engine, Engine]:
    """In C in floats, and on tensors in doubles."""
    _, in_c = engines(graph, loss, torch.float32)
    exact, _ = engines(graph, loss, torch.float64)
    exact.network.parameters.copy_(in_c.network.parameters)
    return in_c, exact


def test_layers_in_training() -> None:
    graphs = []
    for text, sample in LAYERS:
        layer = build(text)
        graphs.append(behind_probes(layer.declared(layer.values), (sample,)))
    whole = side_by_side(graphs)
    x, dy = alternating(whole.input.size), alternating(whole.output.size)
    in_c, exact = both(whole, Weighted())
    found = []
    for engine, dtype in (in_c, torch.float32), (exact, torch.float64):
        y, _ = gradients(engine, x.to(dtype), dy.to(dtype))
        found.append((engine.network.gradients, y))
    for (text, sample), *pair in zip(LAYERS, *(parts(one, graphs) for one in found), strict=True):
        (weights, y), (exact_weights, exact_y) = pair
        behind = torch.Size(sample).numel()  # the gradients of the probe
        assert relative(y, exact_y) < 6e-5, text
        if len(weights) > behind:
            assert relative(weights[behind:], exact_weights[behind:]) < 6e-5, text


@pytest.mark.parametrize("text", LOSSES)
def test_losses_of_many_classes(text: str) -> None:
    graph = behind_probes(Slice.declared({"start": 0, "length": MANY}), ((MANY,),))
    y, target = alternating(MANY), torch.tensor([7])
    in_c, exact = both(graph, loss_of(text))
    found, wanted = gradients(in_c, y, target)[1], gradients(exact, y.double(), target)[1]
    torch.testing.assert_close(found.double(), wanted, rtol=1e-5, atol=0)


def test_layers_in_exported_files(tmp_path: Path) -> None:
    graphs = [graph_of(text, (sample,)) for text, sample in ALONE]
    networks = [Network(graph, 0).eval() for graph in graphs]
    in_c = functions(graphs, networks, tmp_path)
    for (text, _), graph, network, function in zip(ALONE, graphs, networks, in_c, strict=True):
        x = alternating(graph.input.size)
        exact = network.to(torch.float64).evaluate(x.double()).flatten(1)
        assert relative(function(x), exact) < 6e-5, text
