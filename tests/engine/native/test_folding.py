"""Norms that the layers before them take up: the network gives the same without them."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.layers import BatchNorm
from netlang.compiler.passes import compile_source
from netlang.engine.native.folding import folded
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from tests.engine.agreement import random_samples

NONE_LEFT = (
    "Linear(4, 5) -> BatchNorm(5) -> ReLU -> Linear(5, 3, bias=false) -> BatchNorm(3)",
    "Unflatten([4, 1]) -> Conv1d(4, 6, 1, groups=2) -> BatchNorm(6, affine=false, eps=0.1)",
    "Unflatten([1, 2, 2]) -> Conv2d(1, 3, 2, padding=1, bias=false) -> BatchNorm(3)",
    "Unflatten([4, 1, 1]) -> ConvTranspose2d(4, 6, [2, 3], groups=2) -> BatchNorm(6)",
)
SOME_LEFT = {
    "BatchNorm(4) -> Linear(4, 3) -> ReLU -> BatchNorm(3)": 2,
    "Unflatten([2, 2]) -> Linear(2, 2) -> BatchNorm(2)": 1,  # of rows, not of their numbers
    "Linear(4, 4) as both -> BatchNorm(4) as one -> [both, one] -> Add": 1,
    "same -> ReLU -> same": 2,
    "[norm, Linear(4, 4) -> norm] -> Add": 2,
    "Linear(4, 2) -> BatchNorm(2) -> BatchNorm(2)": 1,
}


@pytest.mark.parametrize(("net", "left"), [*((net, 0) for net in NONE_LEFT), *SOME_LEFT.items()])
def test_a_network_without_them_gives_the_same(net: str, left: int) -> None:
    shared = "shared same = Linear(4, 4) -> BatchNorm(4)\nshared norm = BatchNorm(4)\n"
    used = "".join(line for line in shared.splitlines(keepends=True) if line.split()[1] in net)
    text = f"{used}net = {net}\ninput = [4]"
    network = Network(compile_source(SourceFile("made.net", text)).require().graph, 0)
    network.to(torch.float64)
    network.parameters.add_(torch.rand_like(network.parameters))
    inputs, _ = random_samples(network.graph, 9, torch.float64)
    network.forward(inputs)  # its statistics are those of training then
    made = folded(network.eval())
    live = [made.graph.nodes[number].layer for number in made.graph.live]
    assert sum(isinstance(layer, BatchNorm) for layer in live) == left
    torch.testing.assert_close(made.evaluate(inputs), network.evaluate(inputs))
