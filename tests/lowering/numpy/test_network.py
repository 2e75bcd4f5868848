"""A network in NumPy computes what netlang's does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.numpy.lowerings import NumpyCall, call, lowers
from netlang.lowering.numpy.network import OF, NumpyNetwork
from netlang.lowering.python.copies import Copies
from tests.catalogue.layers.test_conformance import LOWERED, Samples, build
from tests.graphs import behind_linears, chain, dense, graphs
from tests.lowering.pytorch.test_model import FILES
from tests.together import together


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def written(graph: Graph) -> dict[str, Any]:
    """The names that the text of a network defines."""
    network = NumpyNetwork(graph)
    names: dict[str, Any] = {"np": np, "math": math}
    for text in (*Copies().of(network.uses), OF, network.source):
        exec(text, names)
    return names


def assert_same(graph: Graph, may_overflow: bool = False, spread: float = 1.0) -> None:
    ours = Network(graph, 0)
    ours.to(torch.float64)
    ours.parameters.normal_(0, spread)
    for name, tensor in ours.named_tensors().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 2)
    x = torch.rand(5, *graph.input.sizes) - 0.5
    if isinstance(tokens := graph.input.vocabulary, int):
        x = ((x + 0.5) * tokens).floor()
    if graph.input.padded:
        for row, length in enumerate((1, 2, 3, 3, 2)):
            x[row, length:] = torch.nan
    names = written(graph)
    names["W"] = {name: one.numpy() for name, one in ours.named_tensors().items()}
    ours.eval()
    y = ours.forward(x.clone())
    before = x.clone()
    with np.errstate(all="ignore"):
        found = names["network"](x.numpy())
    if may_overflow:
        assume(y.isfinite().all())
    assert torch.equal(before.nan_to_num(), x.nan_to_num()), "the inputs were changed"
    assert found.dtype == np.float64
    assert found.shape == tuple(y.shape)
    np.testing.assert_allclose(found, y.numpy(), rtol=1e-9, atol=1e-11)
    names["W"] = {name: one.astype(np.float32) for name, one in names["W"].items()}
    with np.errstate(all="ignore"):
        assert names["network"](x.float().numpy()).dtype == np.float32


@together(("item", "text", "samples"), LOWERED)
def test_each_layer(item: type[Layer], text: str, samples: Samples) -> None:
    assert_same(behind_linears(item.declared(build(text).values), samples))


@settings(max_examples=60)
@given(graphs())
def test_random_graphs(graph: Graph) -> None:
    assert_same(graph, may_overflow=True)


PADDED = [
    "GRU(2, 3)",
    'LSTM(2, 3, num_layers=2, bidirectional=true, output="last")',
    'RNN(2, 3, bidirectional=true, nonlinearity="relu")',
    "Attention(2, 1)",
    "Attention(2, 1, causal=true, rotary=true)",
    "Mean",
    "Max",
    "Last",
    "Linear(2, 3) -> GRU(_, 2) -> Mean",
]


@together("net", PADDED)
def test_sequences_end_where_their_padding_begins(net: str) -> None:
    from netlang.compiler.passes.pad import pad

    graph = compile_source(SourceFile("a.net", f"net = {net}\ninput = [4, 2]")).require().graph
    begins = graph.nodes[0].replace(shape=Shape((4, 2), padded=True))
    nodes = [begins]
    for node in graph.layers:
        takes = tuple(nodes[one].shape for one in node.inputs)
        nodes.append(node.replace(takes=takes, shape=node.layer.infer(*takes)))
    assert_same(pad(graph.replace(nodes=tuple(nodes))))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_model_and_architecture(path: Path) -> None:
    compilation = compile_source(read(str(path)))
    if compilation.ok:  # some are definitions for others to import
        # Large weights of a recurrent layer let what rounding changes grow with each of 64 steps.
        assert_same(compilation.require().graph, spread=0.1)


class Squares(Layer):
    """y = x².

    Shape: [N, *] -> [N, *].  Source: a test.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.saved = x
        return x * x

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return 2 * self.saved * dy


def times(x: Any, y: Any) -> Any:
    """x y."""
    return x * y


def squares(x: Any) -> Any:
    """x^2."""
    return times(x, x)


def test_a_layer_of_ones_own_brings_its_functions_along(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = chain(dense(3, 2), Squares.declared({}), start=(3,))
    told = r"Squares in line 1 .*`@numpy.lowers\(Squares\)`, .* would"
    with pytest.raises(Unsupported, match=told):
        NumpyNetwork(graph)
    monkeypatch.setitem(lowers.functions, Squares, lambda layer, x: call(squares, "x"))
    assert_same(graph)
    typed: dict[str, Any] = {}
    exec("def twice(x):\n    return 2 * x", typed)
    monkeypatch.setitem(lowers.functions, Squares, lambda layer, x: call(typed["twice"], "x"))
    with pytest.raises(Unsupported, match="function twice is in no file"):
        assert_same(graph)


def test_a_name_that_is_no_input_is_told_to_its_author(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = chain(Squares.declared({}), start=(3,))
    monkeypatch.setitem(lowers.functions, Squares, lambda layer, x: NumpyCall("x0 * x1"))
    with pytest.raises(Unsupported, match="Squares in line 1 names x0 in its NumPy"):
        assert_same(graph)
