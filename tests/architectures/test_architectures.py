"""Real architectures fit the language, and have the weights that the arithmetic says."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.ir import Graph
from netlang.network import Network
from netlang.passes import compile_source
from netlang.syntax import read

HERE = Path(__file__).parent


def linear(a: int, b: int) -> int:
    """The weights of ``Linear(a, b)``."""
    return a * b + b


def double(a: int, b: int) -> int:
    return linear(a, b) + linear(b, b)


WEIGHTS = {
    "autoencoder": 2 * linear(784, 128)
    - 128
    + 784
    + 2 * linear(128, 32)
    - 32
    + 128
    + 2 * linear(32, 8)
    - 8
    + 32,
    "dense": linear(784, 24) + linear(24, 12) + linear(36, 12) + linear(48, 12) + linear(60, 10),
    "disc": linear(2, 12) + linear(12, 12) + linear(12, 2),
    "experts": linear(20, 3) + 3 * (linear(20, 40) + linear(40, 5) + linear(1, 5)),
    "gated": linear(16, 32) + 3 * 2 * linear(32, 32) + linear(32, 4),
    "inception": linear(784, 64)
    + linear(64, 16)
    + linear(64, 16)
    + linear(16, 32)
    + linear(64, 2)
    + linear(2, 8)
    + linear(8, 8)
    + linear(64, 8)
    + linear(64, 32)
    + linear(64, 32)
    + linear(32, 64)
    + linear(64, 4)
    + linear(4, 16)
    + linear(16, 16)
    + linear(64, 16)
    + linear(128, 10),
    "mixer": 4 * (linear(8, 16) + linear(16, 8)) + linear(8, 3),
    "mlp": 203_530,
    "residual": linear(784, 64) + 16 * 2 * linear(64, 64) + linear(64, 10),
    "siamese": linear(400, 64) + linear(64, 16) + linear(16, 1),
    "two_heads": linear(10, 32)
    + linear(32, 32)
    + linear(32, 16)
    + linear(16, 3)
    + linear(32, 16)
    + linear(16, 2)
    + linear(37, 4),
    "unet": double(32, 16)
    + double(16, 32)
    + double(32, 64)
    + double(64, 128)
    + linear(128, 64)
    + double(128, 64)
    + linear(64, 32)
    + double(64, 32)
    + linear(32, 16)
    + double(32, 16)
    + linear(16, 4),
    "wide_and_deep": linear(100, 2) + linear(100, 50) + linear(50, 50) + linear(50, 2),
}

names = pytest.mark.parametrize("name", sorted(WEIGHTS))


def graph(name: str, *overrides: str) -> Graph:
    compilation = compile_source(read(str(HERE / f"{name}.net")), overrides)
    assert not compilation.diagnostics
    return compilation.require().graph


def test_every_architecture_has_its_arithmetic() -> None:
    assert {path.stem for path in HERE.glob("*.net")} == set(WEIGHTS)


@names
def test_an_architecture_has_the_weights_that_the_arithmetic_says(name: str) -> None:
    assert graph(name).weights == WEIGHTS[name]


@names
def test_an_architecture_is_built_and_learns(name: str) -> None:
    found = graph(name)
    torch.manual_seed(0)
    network = Network(found, seed=0)
    network.parameters.mul_(0.5)  # deep sums of branches saturate a softmax
    x = torch.randn(6, *found.input.sizes)
    t = torch.rand(6, *found.output.sizes)
    losses = []
    for _ in range(30):
        y = network.forward(x)
        losses.append((y - t).square().mean().item())
        network.zero_grad()
        network.backward(2 * (y - t) / y.numel())
        network.parameters.sub_(network.gradients, alpha=0.1)
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("depth", [1, 2, 100])
def test_the_residual_network_has_any_depth(depth: int) -> None:
    ends = linear(784, 64) + linear(64, 10)
    assert graph("residual", f"depth={depth}").weights == ends + depth * 2 * linear(64, 64)


def test_an_imported_constant_is_a_knob_too() -> None:
    wider = graph("wide_and_deep", "hidden=80")
    assert wider.weights == linear(100, 2) + linear(100, 80) + linear(80, 80) + linear(80, 2)
