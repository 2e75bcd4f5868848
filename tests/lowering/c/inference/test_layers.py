"""Each layer in C gives what it gives on tensors, up to rounding: all of them in one file."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from netlang.catalogue.layers import Input, ReLU
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph, Node, input_node
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.pad import pad
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering.c.inference.network import NetworkInC
from netlang.lowering.c.inference.outputs import FUNCTIONS as OF_OUTPUTS
from netlang.lowering.c.inference.spelling import FUNCTIONS, used_functions
from netlang.lowering.lowerings import Unsupported
from tests.catalogue.layers.test_conformance import LOWERED, Samples, build, shape_of
from tests.engine.native import own
from tests.graphs import ORIGIN, add, graphs, graphs_with_shared_weights
from tests.lowering.c.inference.compiled import Compiled, library
from tests.random_examples import compiled

pytestmark = pytest.mark.usefixtures("compiler")

ROWS = 3

# Layers that take how long sequences are.
PADDED = [
    ("Attention(4, 2, causal=true)", (5, 4)),
    ("Attention(4, 2, rotary=true)", (5, 4)),
    ("GRU(2, 3)", (4, 2)),
    ('LSTM(2, 3, num_layers=2, bidirectional=true, output="last")', (4, 2)),
    ("RNN(2, 3, num_layers=2, bidirectional=true)", (4, 2)),
    ("Mean", (4, 2)),
    ("Max", (4, 2)),
    ("Last", (4, 2)),
]
# Networks of several layers, or of members.
NETWORKS = [
    "net = [Identity, Flatten -> Linear(_, 6) -> Unflatten([2, 3])] -> Add\ninput = [2, 3]",
    "net = Flatten\ninput = [2, 3]",
    "shared a = Linear(3, 3) -> Tanh\nnet = a -> a -> [a, Identity] -> Concat\ninput = [3]",
    "net = [Linear(3, 2) as one, Linear(3, 1) as other]\ninput = [3]\nloss = [MSE, MSE]",
    "net = Linear(3, 4) -> Tanh -> Linear(4, 4) -> PReLU -> Linear(4, 2)\n"
    "input = [3]\nloss = SoftmaxCrossEntropy\nmembers = 3",
    "net = Linear(3, 4) -> SiLU -> Linear(4, 1) -> Sigmoid\n"
    "input = [3]\nloss = CrossEntropy\nmembers = 2",
    "net = Linear(3, 4) -> Tanh -> Linear(4, 1)\n"
    "input = [3]\nloss = SigmoidCrossEntropy\nmembers = 2",
]


OWN = [
    (own.PReLU.declared({"shape": (3, 1)}), (3, 4)),
    (own.Scale.declared({"shape": (4,)}), (3, 4)),
    (own.LayerNorm.declared({"features": 4}), (3, 4)),
    (own.Gate.declared({}), (2, 3), (2, 3)),
    (own.GLU.declared({}), (2, 6)),
    (own.CReLU.declared({}), (2, 3)),
    (own.ChannelDropout.declared({}), (2, 3)),
]


def graph_of(text: str, samples: Samples) -> Graph:
    layer = build(text)
    return behind_a_row(type(layer).declared(layer.values), samples)


def behind_a_row(layer: Layer, samples: Samples) -> Graph:
    """The layer behind parts of one row, which has all of its inputs."""
    shapes = [shape_of(sample) for sample in samples]
    nodes = [input_node(Shape((sum(shape.size for shape in shapes),)), ORIGIN)]
    numbers, begin = [], 0
    for index, shape in enumerate(shapes):
        end = begin + shape.size
        about = {"names": f"x{index}", "shape": shape.sizes, "tokens": shape.tokens}
        numbers.append(add(nodes, Input.declared({**about, "at": (begin, end)}), 0))
        begin = end
    number = add(nodes, layer, *numbers)
    return Graph(tuple(nodes), number)


def padded_graph(text: str, sample: tuple[int, ...]) -> Graph:
    nodes: list[Node] = [input_node(Shape(sample, padded=True), ORIGIN)]
    layer = build(text)
    number = add(nodes, type(layer).declared(layer.values), 0)
    return pad(Graph(tuple(nodes), number))


def inputs_for(graph: Graph) -> Tensor:
    x = torch.randn(ROWS, *graph.input.sizes)
    begin = 0
    for node in graph.layers:
        if isinstance(node.layer, Input):
            end = begin + node.shape.size
            if isinstance(tokens := node.shape.vocabulary, int):
                x[:, begin:end] = torch.randint(tokens, (ROWS, node.shape.size)).float()
            begin = end
    if graph.input.padded:
        for row, length in enumerate((4, 1, 2)):
            x[row, length:] = torch.nan
    return x


def source(graph: Graph, network: Network, stem: str) -> str:
    """The network as a function, with names that no other has."""
    made = NetworkInC(graph, network.named_tensors(), "inputs", "outputs")
    head = f"void {stem}_predict(const float *inputs, float *outputs, float *work)"
    sizes = f"{graph.input.size}, {graph.output.size}, {max(1, made.size)}"
    text = f"{made.weights}\n{made.functions}\n{head} {{\n(void)work;\n{made.calls}\n}}\n"
    own = "|".join(re.findall(r"static (?:void|const float) (\w+)", text)) or "nothing"
    return f"/* {sizes} */\n" + re.sub(rf"\b({own})\b(?=[\[(,)])", rf"{stem}_\1", text)


def randomized(graph: Graph) -> Network:
    network = Network(graph, 0)
    for tensor in network.named_tensors().values():
        tensor.copy_(0.3 + torch.rand(tensor.shape))
    network.parameters.copy_(0.7 * torch.randn(network.parameters.shape))
    return network.eval()


def test_each_layer_gives_in_c_what_it_gives_on_tensors(tmp_path: Path) -> None:
    tried = {case.values[1]: graph_of(case.values[1], case.values[2]) for case in LOWERED}
    tried |= {f"padded {text}": padded_graph(text, sample) for text, sample in PADDED}
    tried |= {f"own {layer!r}": behind_a_row(layer, samples) for layer, *samples in OWN}
    for text in NETWORKS:
        tried[text] = compile_source(SourceFile("a.net", text)).require().graph
    assert_same(tried, tmp_path)


@pytest.mark.slow
@given(many=st.lists(graphs() | graphs_with_shared_weights(), min_size=30, max_size=30))
@compiled(5)
def test_random_networks_give_in_c_what_they_give_on_tensors(many: list[Graph]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same({f"number {number}": graph for number, graph in enumerate(many)}, Path(folder))


def assert_same(graphs: Mapping[str, Graph], folder: Path) -> None:
    torch.manual_seed(0)
    networks = {name: randomized(graph) for name, graph in graphs.items()}
    wrong = []
    in_c = functions([*graphs.values()], [*networks.values()], folder)
    for (name, graph), function in zip(graphs.items(), in_c, strict=True):
        x = inputs_for(graph)
        wanted = networks[name].evaluate(x).reshape(ROWS, -1)
        found = function(x)
        atol = 5e-6 * max(1.0, float(wanted.nan_to_num().abs().max()))
        if not torch.allclose(found, wanted, rtol=2e-5, atol=atol, equal_nan=True):
            wrong.append(f"{name}: {(found - wanted).abs().max():.1e}")
    assert not wrong, "\n".join(wrong)


def functions(graphs: Sequence[Graph], networks: Sequence[Network], folder: Path) -> list[Compiled]:
    """All networks, in one library, as a compiler takes long to start."""
    pairs = zip(graphs, networks, strict=True)
    texts = [source(*pair, f"n{number}") for number, pair in enumerate(pairs)]
    body = "\n".join(texts)
    head = "#include <float.h>\n#include <math.h>\n#include <stdlib.h>\n#include <string.h>\n"
    called = used_functions(body, {**FUNCTIONS, **OF_OUTPUTS})
    declared = "".join(f"{one};\n" for one in re.findall(r"^void n\d+_predict\(.*?\)", body, re.M))
    compiled = library({"all.c": f"{head}{called}{declared}{body}"}, folder)
    found = []
    for number, text in enumerate(texts):
        sizes = re.match(r"/\* (\d+), (\d+), (\d+)", text)
        assert sizes
        header = "x_INPUTS = {}, x_OUTPUTS = {}, x_WORK = {}".format(*sizes.groups())
        found.append(Compiled(compiled, f"n{number}", header))
    return found


def test_a_layer_without_c_is_named_with_its_place() -> None:
    class Strange(ReLU):
        pass

    nodes = [input_node(Shape.of(3), ORIGIN)]
    number = add(nodes, Strange.declared({}), 0)
    with pytest.raises(Unsupported, match="Strange in line 1 has no counterpart in exported C"):
        NetworkInC(Graph(tuple(nodes), number), {}, "inputs", "outputs")
