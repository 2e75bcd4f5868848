"""Each layer says the same in ONNX as in netlang."""

from __future__ import annotations

import torch

from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering.onnx.file import File, Port
from netlang.lowering.onnx.network import outputs_of
from netlang.lowering.onnx.steps import nodes_of_any_length
from netlang.lowering.onnx.values import Value
from tests.catalogue.layers.test_conformance import LOWERED, Samples, build
from tests.graphs import behind_linears
from tests.lowering.onnx.answered import runtime
from tests.together import together


def answers(graph: Graph, x: torch.Tensor, network: Network) -> torch.Tensor:
    """What a runtime of ONNX says of ``x``."""
    inputs = Value("float32")
    outputs = outputs_of(graph, network.named_tensors(), inputs)[graph.result]
    given = Port("x", inputs, free(inputs))
    made = Port("y", outputs, free(outputs))
    model = File("layer", [given], [made]).to_bytes("", {})
    (found,) = runtime(model).run(None, {"x": x.numpy()})
    return torch.from_numpy(found)


def free(value: Value) -> tuple[int | str, ...]:
    return ("T", *value.sizes[1:]) if value.is_free else value.sizes


def assert_same(graph: Graph, spread: float = 1.0, steps: int | None = None) -> None:
    """Its outputs are the same, also for another number of ``steps``."""
    network = Network(graph, 0)
    network.parameters.normal_(0, spread)
    network.statistics.uniform_(0.5, 2)
    sizes = (steps, *graph.input.sizes[1:]) if steps else graph.input.sizes
    x = torch.randn(3, *sizes)
    if isinstance(tokens := graph.input.vocabulary, int):
        x = torch.randint(tokens, x.shape).float()
    network.eval()
    expected = network.evaluate(x)
    torch.testing.assert_close(answers(graph, x, network), expected, rtol=1e-5, atol=1e-5)


@together(("item", "text", "samples"), LOWERED)
def test_each_layer(item: type[Layer], text: str, samples: Samples) -> None:
    assert_same(behind_linears(item.declared(build(text).values), samples), spread=0.5)


SEQUENCES = [
    "Embedding(9, 4) -> GRU(_, 3, bidirectional=true) -> LSTM(_, 2, num_layers=2) -> Linear(_, 5)",
    "Embedding(9, 4) -> PositionalEmbedding(8, _) -> Attention(_, 2, causal=true) -> Last",
    "Embedding(9, 4) -> [Identity, LayerNorm(_) -> Attention(_, 2, rotary=true)] -> Add -> Mean",
    "Embedding(9, 8) -> Attention(_, 4, num_kv_heads=2, causal=true) -> Linear(_, 2) -> Softmax",
    'Embedding(9, 6) -> PositionalEmbedding(99, _, form="sinusoidal") -> Rotary(3) -> Max',
    'Embedding(9, 3) -> [ReLU, RNN(_, 4)] -> Concat(dim=2) -> GRU(_, 3, output="last")',
    "Embedding(9, 4) -> [Identity, GRU(_, 6)] -> Attention(4, 2, kdim=6) -> GLU -> Mean",
]


@together("net", SEQUENCES)
def test_a_sequence_has_any_number_of_steps_where_the_layers_allow_it(net: str) -> None:
    graph = compile_source(SourceFile("a.net", f"net = {net}\ninput = [8]\n")).require().graph
    nodes = [graph.nodes[0].replace(shape=Shape.of(8, tokens=9)), *graph.nodes[1:]]
    graph = graph.replace(nodes=tuple(nodes))
    for steps in (8, 5, 1):
        assert_same(graph, spread=0.5, steps=steps)


@together("net", ["Linear(_, 3) -> Flatten -> Linear(_, 2)", "Permute([1, 0]) -> Linear(_, 2)"])
def test_it_has_as_many_as_training_had_where_they_do_not(net: str) -> None:
    graph = compile_source(SourceFile("a.net", f"net = {net}\ninput = [8, 4]\n")).require().graph
    assert not nodes_of_any_length(graph)
    assert_same(graph)
