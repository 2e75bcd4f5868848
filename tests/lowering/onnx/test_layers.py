"""Each layer says the same in ONNX as in netlang."""

from __future__ import annotations

import torch

from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph
from netlang.engine.network import Network
from netlang.lowering.onnx.file import File, Port
from netlang.lowering.onnx.network import outputs_of
from netlang.lowering.onnx.values import Value
from tests.catalogue.layers.test_conformance import LOWERED, Samples, build
from tests.graphs import behind_linears
from tests.lowering.onnx.answered import runtime
from tests.together import together


def answers(graph: Graph, x: torch.Tensor, network: Network) -> torch.Tensor:
    """What a runtime of ONNX says of ``x``."""
    inputs = Value("float32")
    outputs = outputs_of(graph, network.named_tensors(), inputs)[graph.result]
    given = Port("x", inputs, graph.input.sizes)
    made = Port("y", outputs, graph.output.sizes)
    model = File("layer", [given], [made]).to_bytes("", {})
    (found,) = runtime(model).run(None, {"x": x.numpy()})
    return torch.from_numpy(found)


def assert_same(graph: Graph, spread: float = 1.0) -> None:
    network = Network(graph, 0)
    network.parameters.normal_(0, spread)
    network.statistics.uniform_(0.5, 2)
    x = torch.randn(3, *graph.input.sizes)
    if isinstance(tokens := graph.input.vocabulary, int):
        x = torch.randint(tokens, x.shape).float()
    network.eval()
    expected = network.evaluate(x)
    torch.testing.assert_close(answers(graph, x, network), expected, rtol=1e-5, atol=1e-5)


@together(("item", "text", "samples"), LOWERED)
def test_each_layer(item: type[Layer], text: str, samples: Samples) -> None:
    assert_same(behind_linears(item.declared(build(text).values), samples), spread=0.5)
