"""A trained network alone in C: its outputs are those of tensors, one by one and many together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from netlang.catalogue.layers import ReLU
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.native import cache, inference
from netlang.engine.native.cc import NotCompiled
from netlang.engine.native.inference import CompiledNetwork
from netlang.engine.network import Network
from netlang.engine.threads import torch_threads
from netlang.language.source import SourceFile
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.lowerings import Unsupported
from tests.catalogue.layers.test_conformance import IN_C, build
from tests.engine.agreement import random_samples
from tests.graphs import behind_linears, chain, dense, side_by_side

pytestmark = pytest.mark.usefixtures("compiler")

NETS = {
    "a table": "Linear(5, 9) -> BatchNorm(9) -> Dropout(0.5) -> ReLU -> Linear(9, 3) -> Softmax",
    "pictures": "Conv2d(1, 3, 3) -> ReLU -> MaxPool2d(2) -> Flatten",
    "steps": "GRU(5, 4) -> Flatten",
    "no weights": "Softmax",
}
INPUTS = {"a table": "[5]", "pictures": "[1, 6, 6]", "steps": "[3, 5]", "no weights": "[2, 3]"}


def graph_of(name: str) -> Graph:
    text = f"net = {NETS[name]}\ninput = {INPUTS[name]}"
    return compile_source(SourceFile("made.net", text)).require().graph


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("a table", torch.float32),
        *(pytest.param(name, torch.float64, marks=pytest.mark.slow) for name in NETS),
    ],
)
def test_outputs_are_those_of_tensors(name: str, dtype: torch.dtype) -> None:
    graph = graph_of(name)
    network = Network(graph, 0)
    network.to(dtype)
    inputs, _ = random_samples(graph, 150, dtype)
    network.forward(inputs)  # statistics are those of training then
    network.eval()
    ask = CompiledNetwork(network)
    wanted = network.evaluate(inputs)
    for count in (0, 1, 2, 64, 150):
        found = torch.from_numpy(ask(inputs[:count].numpy()))
        assert found.shape == wanted[:count].shape
        close = 1e-12 if dtype == torch.float64 else 1e-5
        torch.testing.assert_close(found, wanted[:count], rtol=close, atol=close)


PICTURES = (
    "Conv2d(4, 7, 3)",
    "Conv2d(4, 6, [3, 5], padding=[1, 2], stride=2)",
    "Conv2d(4, 8, 3, dilation=2, padding=2, groups=2)",
    "Conv2d(4, 4, 3, groups=4, bias=false, stride=3, padding=1)",
    "Conv2d(4, 13, 1, stride=[1, 2])",
    "Conv2d(4, 16, 3, padding=[0, 1], stride=2)",
    "Conv2d(4, 62, [2, 3], dilation=[1, 2], groups=2, bias=false, stride=[1, 2])",
    "MaxPool2d([1, 2]) -> same",  # in two ways, as rows are of other lengths
    "same",
    "Conv2d(4, 2, [2, 3], dilation=[1, 3], stride=2, padding=3)",
    'Conv2d(4, 5, 4, padding="same")',
    'Conv2d(4, 16, 2, padding="same")',
    "Conv2d(4, 33, 1) -> Conv2d(33, 17, 3, padding=1)",  # by Winograd, of odd sizes
    "Conv2d(4, 32, 1) -> Conv2d(32, 34, 3, groups=2, padding=[0, 2], bias=false)",
    "Conv2d(4, 5, 1, stride=2)",
    "MaxPool2d(3, stride=2, padding=1)",
    "MaxPool2d(2, dilation=2, stride=1)",
    "AvgPool2d(3, stride=2, padding=1)",
    "AvgPool2d([2, 3], padding=1, count_include_pad=false)",
    "AdaptiveAvgPool2d([4, 3])",
)
SEQUENCES = (
    "Conv1d(4, 3, 3, padding=1)",
    "Conv1d(4, 6, 5, stride=2, dilation=2, groups=2)",
    "MaxPool1d(3, stride=2)",
    "AvgPool1d(2, padding=1)",
)


@pytest.mark.slow
@pytest.mark.parametrize(("layers", "sample"), [(PICTURES, [4, 9, 21]), (SEQUENCES, [4, 37])])
def test_a_lone_picture_goes_through_in_rows(layers: Sequence[str], sample: list[int]) -> None:
    shared = "shared same = Conv2d(4, 16, 3, padding=1)\n" if "same" in layers else ""
    branches = ", ".join(f"{layer} -> Flatten" for layer in layers)
    text = f"{shared}net = [{branches}] -> Concat\ninput = {sample}"
    graph = compile_source(SourceFile("made.net", text)).require().graph
    assert not Plan(graph, to_evaluate=True, of_one=True).is_in_blocks
    network = Network(graph, 0)
    network.to(torch.float64)
    network.eval()
    inputs, _ = random_samples(graph, 2, torch.float64)
    ask, wanted = CompiledNetwork(network), network.evaluate(inputs)
    for one, expected in zip(inputs, wanted, strict=True):
        found = torch.from_numpy(ask(one[None].numpy()))
        torch.testing.assert_close(found, expected[None], rtol=1e-12, atol=1e-12)


PROGRAMS = 3  # of all layers


@pytest.mark.slow
@pytest.mark.parametrize("number", range(PROGRAMS))
def test_each_layer_gives_a_lone_sample_what_tensors_do(number: int) -> None:
    """Each beside others in one network. What many are given, other tests see as it is trained."""
    cases = [case.values for case in IN_C[number::PROGRAMS]]
    graphs = [behind_linears(build(text), samples) for _, text, samples in cases]
    whole = side_by_side(graphs)
    assert not Plan(whole, to_evaluate=True, of_one=True).is_in_blocks
    network = Network(whole, 0)
    network.to(torch.float64)
    inputs, _ = random_samples(whole, 3, torch.float64)
    network.forward(inputs)  # statistics are those of training then
    network.eval()
    ask, wanted = CompiledNetwork(network), network.evaluate(inputs)
    found = torch.cat([torch.from_numpy(ask(one[None].numpy())) for one in inputs])
    apart = (found - wanted).abs().max(0).values.split([graph.output.size for graph in graphs])
    far = {text: one for (_, text, _), one in zip(cases, apart, strict=True) if one.max() > 1e-12}
    assert not far
    assert found.isfinite().all()


@pytest.mark.slow
def test_threads_change_no_bit() -> None:
    graph = chain(dense(200, 300), ReLU.declared({}), dense(300, 10), start=(200,))
    ask = CompiledNetwork(Network(graph, 0))
    inputs = random_samples(graph, 700, torch.float32)[0].numpy()
    found = []
    for threads in (1, 3):
        with torch_threads(threads):
            found.append(ask(inputs))
    assert (found[0] == found[1]).all()


def test_samples_of_another_shape_are_refused() -> None:
    ask = CompiledNetwork(Network(chain(dense(3, 2), start=(3,)), 0))
    for shape in ((1, 2), (5, 4), (3,), ()):
        with pytest.raises(ValueError, match="not the network's"):
            ask(torch.zeros(shape).numpy())


def test_numbers_that_c_has_not_are_refused() -> None:
    network = Network(chain(dense(3, 2), start=(3,)), 0)
    network.to(torch.float16)
    with pytest.raises(Unsupported, match=r"not in .*float16"):
        CompiledNetwork(network)


def test_many_go_one_by_one_where_no_compiler_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of("a table")
    ask = CompiledNetwork(Network(graph, 0))
    inputs = random_samples(graph, 3, torch.float32)[0].numpy()
    monkeypatch.setattr(cache, "compiled", refused)
    together = torch.from_numpy(ask(inputs))
    assert torch.equal(together, torch.cat([torch.from_numpy(ask(one[None])) for one in inputs]))


def test_a_lone_sample_comes_after_many_on_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of("a table")
    ask = CompiledNetwork(Network(graph, 0))
    monkeypatch.setattr(cache, "compiled", refused)
    monkeypatch.setattr(inference, "thread_count", lambda macs: 3)
    inputs = random_samples(graph, 9, torch.float32)[0].numpy()
    first = ask(inputs[:1])
    assert (ask(inputs)[:1] == first).all()
    assert (ask(inputs[:1]) == first).all()


def refused(source: str) -> Path:
    raise NotCompiled("the C compiler is gone")
