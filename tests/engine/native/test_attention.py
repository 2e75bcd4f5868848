"""What mixes the steps of sequences agrees in C: attention in all its forms, padded or not."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.losses import MSE, SoftmaxCrossEntropy
from netlang.catalogue.optimizers import SGD, Adam
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.pad import pad
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering.c import tiling
from tests.engine.agreement import apart_in_one, difference, random_samples, train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("compiler"),
]  # as they are compiled in C

STEEP = (SGD, {"lr": 1e-3})  # which shows how long a gradient is, as Adam does not

FORMS = {
    "several vectors of queries": "input = [37, 3]\nnet = Linear(_, 6) -> Attention(6, 2)",
    "kept scores": """
        input = [19, 3]
        net = Linear(_, 10) -> Attention(10, 2, causal=true, num_kv_heads=1)""",
    "wide heads": "input = [5, 3]\nnet = Linear(_, 40) -> Attention(40, 1)",
    "dropped scores": """
        input = [19, 3]
        net = Linear(_, 8) -> Attention(8, 4, dropout=0.3, causal=true, num_kv_heads=2)""",
    "a causal memory that is longer": """
        input = [20, 3]
        net = [Slice(0, 7) -> Linear(_, 6), Linear(_, 4) -> ReLU]
           -> Attention(6, 3, kdim=4, causal=true, dropout=0.2, rotary=true)""",
    "shared weights, of itself and of a memory": """
        input = [9, 4]
        shared one = Attention(4, 2)
        net = Linear(_, 4) -> [one, Slice(2, 3)] -> one -> one""",
    "steps of rows": "input = [4, 3, 5]\nnet = Linear(_, 5) -> [Mean, Max, Last] -> Add",
}
PADDED = [
    "Linear(3, 10) -> Attention(10, 1, causal=true, rotary=true) -> Mean -> Linear(_, 2)",
    "Linear(3, 4) -> LayerNorm(_) -> Attention(4, 1, dropout=0.2) -> Max -> Linear(_, 2)",
    "Linear(3, 4) -> [Slice(0, 2), Identity] -> Attention(4, 2) -> Last -> Linear(_, 2)",
]


def graph_of(text: str, padded: bool = False) -> Graph:
    graph = compile_source(SourceFile("a.net", text)).require().graph
    if not padded:
        return graph
    first, *others = graph.nodes
    shape = Shape(first.shape.sample, padded=True)
    return pad(graph.replace(nodes=(first.replace(shape=shape), *others)))


def test_attention_agrees_in_all_its_forms() -> None:
    graphs = [graph_of(text) for text in FORMS.values()]
    frozen = graph_of("input = [9, 4]\nnet = Linear(_, 4) -> Attention(4, 2) -> Linear(_, 3)")
    nodes = (*frozen.nodes[:2], frozen.nodes[2].replace(frozen=True), *frozen.nodes[3:])
    graphs.append(frozen.replace(nodes=nodes))
    found = apart_in_one(graphs, STEEP, batch=3, count=8)
    assert all(one < 1e-9 for one in found), dict(zip([*FORMS, "frozen"], found, strict=True))


@pytest.mark.parametrize("net", PADDED)
def test_padded_sequences_agree(net: str) -> None:
    graph = graph_of(f"input = [19, 3]\nnet = {net}", padded=True)
    inputs, targets = random_samples(graph, 8, torch.float64)
    for row, length in enumerate((19, 1, 0, 17, 2, 9, 16, 18)):
        inputs[row, length:] = torch.nan
    native, tensor = (
        train(kind, graph, MSE(), STEEP, (inputs, targets), 3, epochs=3)
        for kind in (NativeEngine, TensorEngine)
    )
    assert difference(native, tensor) < 1e-9


@pytest.mark.parametrize("steps", [16, 40])  # whose scores are kept, and computed anew
def test_where_all_values_are_the_same_the_largest_scores_have_no_gradient(steps: int) -> None:
    """As probabilities, which then come to no change of the output, add up to 1."""
    network = Network(graph_of(f"input = [{steps}, 4]\nnet = Attention(4, 1)"), 0)
    network.to(torch.float32)
    attention = network.modules[1]
    attention.q_weight.mul_(60)
    attention.k_weight.mul_(60)
    attention.v_weight.zero_()
    attention.v_bias.fill_(1.0)
    inputs, targets = random_samples(network.graph, 2, torch.float32)
    q, k = inputs @ attention.q_weight.T, inputs @ attention.k_weight.T
    assert (q @ k.mT / 2).abs().max() > 1000
    engine = NativeEngine(network, MSE(), SGD.over(network, {"lr": 0.0}), 2, 0)
    engine.gradients(Batches(inputs, targets, 2, 0).batch(Cursor()))
    assert attention.q_weight_grad.abs().max() < 1e-6


TRANSFORMER = """
    width = 16
    net = Embedding(11, width) -> PositionalEmbedding(20, width)
       -> TransformerBlock(width, num_heads=4, causal=true, dropout=0.1) * 2
       -> LayerNorm(_) -> Linear(_, 11)
    input = [20]
"""


def test_a_transformer_agrees_with_the_same_bits_on_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of class numbers, one for each place, in slices of a few samples."""
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    graph = graph_of(TRANSFORMER)
    inputs, _ = random_samples(graph, 11, torch.float64)
    targets = torch.randint(11, (11, 20), generator=torch.Generator().manual_seed(2))
    loss, descent, samples = SoftmaxCrossEntropy(), (Adam, {"lr": 1e-2}), (inputs, targets)
    results = []
    for threads in (1, 2, 3):
        network = Network(graph, 0)
        network.to(torch.float64)
        engine = NativeEngine(network, loss, Adam.over(network, descent[1]), 6, 0)
        engine._tuner.threads = threads
        monkeypatch.setattr(engine._tuner, "record", lambda steps, seconds: None)
        batches = Batches(*samples, 6, 0)
        for epoch in (1, 2, 3):
            outputs = [y for y, _ in engine.run(batches, Cursor(epoch))]
        evaluated = torch.cat([*engine.evaluate(inputs)])
        results.append((network.parameters, torch.cat(outputs), evaluated))
    assert difference(results[0], train(TensorEngine, graph, loss, descent, samples, 6, 3)) < 1e-9
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))
