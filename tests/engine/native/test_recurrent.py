"""Recurrent layers train in C as on tensors, whatever their sizes and the ends of sequences are.

They stand side by side, as C takes about as long to be compiled for one of them as for some.
"""

from __future__ import annotations

import math

import pytest
import torch

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph, input_node
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.pad import pad
from netlang.engine import TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from tests.catalogue.layers.test_conformance import build
from tests.engine.agreement import apart, apart_in_one, difference, train
from tests.graphs import ORIGIN, add

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]

DESCENT = (SGD, {"lr": 1e-1})


def graph(text: str) -> Graph:
    return compile_source(SourceFile("recurrent.net", text)).require().graph


# Up to more than a vector wide, in one layer and in several, with others before and behind them.
NETS = {
    "wide": "net = RNN(3, 17) -> GRU(17, 9)\ninput = [4, 3]",
    "alone": 'net = LSTM(16, 8, num_layers=3, output="last")\ninput = [1, 16]',
    "both ways": "net = GRU(5, 19, num_layers=2, bidirectional=true) -> Tanh\ninput = [3, 5]",
    "several readers": "net = Linear(3, 4) -> [LSTM(4, 3), RNN(4, 3)] -> Add\ninput = [5, 3]",
    "dropout": "net = GRU(3, 5, num_layers=3, dropout=0.3)\ninput = [4, 3]",
    "dropout, both ways": (
        "net = LSTM(3, 2, num_layers=2, dropout=0.4, bidirectional=true)\ninput = [3, 3]"
    ),
    "shared": "shared s = GRU(3, 3)\nnet = s -> Slice(1, 2) -> s\ninput = [4, 3]",
}


@pytest.mark.parametrize(("batch", "names"), [(1, ["wide", "dropout"]), (7, [*NETS])], ids=str)
def test_any_network_agrees(batch: int, names: list[str]) -> None:
    found = apart_in_one([graph(NETS[name]) for name in names], DESCENT, batch=batch, count=17)
    assert max(found) < 1e-9, dict(zip(names, found, strict=True))


def test_a_frozen_layer_hands_gradients_on() -> None:
    made = graph("net = Linear(2, 3) -> GRU(3, 3) -> Linear(3, 1)\ninput = [3, 2]")
    nodes = tuple(node.replace(frozen=node.layer.name == "GRU") for node in made.nodes)
    assert apart(made.replace(nodes=nodes), MSE(), optimizer=DESCENT) < 1e-9


PADDED = [
    'LSTM(2, 3, num_layers=2, bidirectional=true, output="last")',
    "RNN(2, 3, num_layers=2, bidirectional=true)",
    'GRU(2, 17, output="last")',
]


@pytest.mark.parametrize("text", PADDED)
def test_what_is_behind_the_end_of_a_sequence_changes_nothing(text: str) -> None:
    layer = build(text)
    nodes = [input_node(Shape((5, 2), padded=True), ORIGIN)]
    add(nodes, type(layer).declared(layer.values), 0)
    padded = pad(Graph(tuple(nodes), 1))
    x = torch.randn(9, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for row in range(9):
        x[row, row % 6 :] = math.nan
    targets = torch.ones(9, *padded.output.sizes, dtype=torch.float64)
    native, tensor = (
        train(kind, padded, MSE(), DESCENT, (x, targets), batch=4, epochs=3)
        for kind in (NativeEngine, TensorEngine)
    )
    assert difference(native, tensor) < 1e-9
