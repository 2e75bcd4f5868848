"""Lints of sequences speak where padding, or later steps, change what a layer gives; nowhere else.

Each layer of the catalogue that takes sequences is tried: what stands behind their ends is changed,
or what stands behind a step, and its outputs are looked at.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
import torch
from torch import Tensor

from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.layers.wiring import Wire
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph, Node, input_node
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.sight import Seen, mixing_padding, sees_ahead
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from tests.catalogue.layers.test_conformance import LAYERS, Samples, inputs, layer_of, shape_of
from tests.graphs import ORIGIN
from tests.together import together

IN_A_GRAPH = [case for case in LAYERS if not issubclass(case.values[0], Wire | RowPart)]
alone = together(
    ("item", "text", "samples"), [case for case in IN_A_GRAPH if len(case.values[2]) == 1]
)
TOKENS = 5


def graph_of(layer: Layer, *shapes: Shape) -> Graph:
    nodes = [input_node(shape, ORIGIN) for shape in shapes]
    sources = tuple(range(len(nodes)))
    given = layer.infer(*shapes)
    nodes.append(Node("tried", layer, sources, shapes, given, ORIGIN))
    return Graph(tuple(nodes), len(shapes))


def sequences(samples: Samples, padded: bool) -> Shape | None:
    """The shape of the only input, if it has two steps or more."""
    shape = shape_of(samples[0])
    several = len(shape.sample) > 0 and shape.sizes[0] > 1
    return replace(shape, padded=padded) if several else None


def otherwise(x: Tensor, shape: Shape) -> Tensor:
    """Other numbers, or other tokens."""
    if isinstance(tokens := shape.vocabulary, int):
        return (x + 1) % tokens
    return torch.randn_like(x) * 20


def of_steps(y: Tensor, shape: Shape, seen: Seen, steps: Tensor) -> Tensor:
    """Which numbers of ``y`` stand at steps before those of each sample, or at none.

    Shape: that of ``y``, bool.
    """
    kept = torch.ones_like(y, dtype=torch.bool)
    for dim in seen.along:
        places = torch.arange(y.shape[dim + 1]).view(-1, *[1] * (y.dim() - dim - 2))
        kept &= places < steps.view(-1, *[1] * (y.dim() - 1))
    return kept


@alone
def test_padding_changes_what_a_layer_makes_of_steps_where_a_lint_speaks_and_nowhere_else(
    item: type[Layer], text: str, samples: Samples
) -> None:
    torch.manual_seed(0)
    shape = sequences(samples, padded=True)
    if shape is None:
        return
    layer = layer_of(text, samples)
    if layer.sight(0, shape) is None:
        return  # steps are cut up, and what stands where is not said
    layer.parameters.normal_()
    graph = graph_of(layer, shape)
    seen = Seen.in_place(graph.output if graph.output.padded else shape).through(graph.nodes[1], 0)
    honours = layer.honours_lengths(shape)
    if honours:
        seen = Seen.in_place(graph.output) if graph.output.padded else Seen({})
    (x,), steps = inputs(samples), shape.sizes[0]
    changed = False
    for ends in (torch.arange(len(x)) % steps + 1, torch.ones(len(x)).long()):
        behind = torch.arange(steps) >= ends.unsqueeze(1)
        behind = behind.view(*behind.shape, *[1] * (x.dim() - 2))
        others = torch.where(behind, otherwise(x, shape), x)
        lengths = (ends,) if honours else ()
        y, moved = (layer.forward(one, *lengths) for one in (x, others))
        changed |= bool(((y != moved) & of_steps(y, graph.output, seen, ends)).any())
    assert bool([*mixing_padding(graph)]) == changed


@alone
def test_later_steps_change_what_a_layer_gives_where_a_lint_speaks_and_nowhere_else(
    item: type[Layer], text: str, samples: Samples
) -> None:
    torch.manual_seed(0)
    shape = sequences(samples, padded=False)
    if shape is None:
        return
    layer = layer_of(text, samples).eval()
    if layer.sight(0, shape) is None:
        return
    layer.parameters.normal_()
    graph = graph_of(layer, shape)
    seen = Seen.in_place(shape).through(graph.nodes[1], 0)
    (x,) = inputs(samples)
    changed = False
    for end in range(1, shape.sizes[0]):
        others = torch.cat([x[:, :end], otherwise(x[:, end:], shape)], 1)
        y, moved = layer.forward(x), layer.forward(others)
        ends = torch.full((len(x),), end)
        changed |= bool(((y != moved) & of_steps(y, graph.output, seen, ends)).any())
    assert (sees_ahead(graph) is not None) == changed


TEXT = "It was the best of times, it was the worst of times, it was the age of wisdom. " * 3


def told(net: str, folder: Path, context: int = 8) -> list[str]:
    (folder / "text.txt").write_text(TEXT)
    text = f'net = Embedding(_, 8) -> {net} -> Linear(_, _)\ndata = Text("text.txt", {context})'
    found = compile_source(SourceFile("a.net", text, folder / "a.net")).diagnostics
    assert {one.code for one in found} <= {"W0641"}, [one.title for one in found]
    return [one.title.split("`")[1] for one in found]


@pytest.mark.parametrize(
    ("net", "layer"),
    [
        ("GRU(_, 8)", ""),
        ("GRU(_, 8, num_layers=2, bidirectional=true)", "GRU"),
        ("Attention(8, 2, causal=true)", ""),
        ("Attention(8, 2, rotary=true)", "Attention"),
        ("[Identity, Attention(8, 2, rotary=true)] -> Add -> LayerNorm(8)", "Attention"),
        ('Permute([1, 0]) -> Conv1d(8, 8, 3, padding="same") -> ReLU -> Permute([1, 0])', "Conv1d"),
        ("Permute([1, 0]) -> Pad([2, 0]) -> Conv1d(8, 8, 3) -> ReLU -> Permute([1, 0])", ""),
        (
            "Permute([1, 0]) -> Pad([4, 0]) -> Conv1d(8, 8, 3, dilation=2) -> ReLU -> "
            "Permute([1, 0])",
            "",
        ),
        (
            "Permute([1, 0]) -> Conv1d(8, 8, 3, padding=2) -> ReLU -> Slice(0, 8, dim=2) -> "
            "Permute([1, 0])",
            "",
        ),
        (
            "Permute([1, 0]) -> Conv1d(8, 8, 3) -> ReLU -> Pad([2, 0]) -> Permute([1, 0])",
            "",
        ),
        (
            "Permute([1, 0]) -> Conv1d(8, 8, 3, padding=2) -> ReLU -> Slice(1, 8, dim=2) -> "
            "Permute([1, 0])",
            "Slice",
        ),
        ("Flatten -> Linear(_, 64) -> ReLU -> Reshape([8, 8])", "Linear"),
        ("Flatten -> ReLU -> Reshape([8, 8])", ""),
        ("Permute([1, 0]) -> Linear(8, 8) -> ReLU -> Permute([1, 0])", "Linear"),
        ("MixerBlock(8, 8, 8, 8)", "Linear"),
        ("Softmax(dim=1)", "Softmax"),
        ("Softmax", ""),
        ("LayerNorm([8, 8])", "LayerNorm"),
        ("TransformerBlock(8, 2, 16, causal=true)", ""),
        ("TransformerBlock(8, 2, 16, rotary=true)", "Attention"),
        ("[Identity, Permute([1, 0])] -> MatMul -> Softmax", "Softmax"),
    ],
)
def test_the_layer_is_named_by_which_a_network_sees_what_it_predicts(
    net: str, layer: str, tmp_path: Path
) -> None:
    assert told(net, tmp_path) == [layer] * bool(layer)


def test_a_long_context_is_looked_at_in_no_time(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT * 100)
    net = "Embedding(_, 8) -> TransformerBlock(8, 2, 16, causal=true) * 12 -> Linear(_, _)"
    text = f'net = {net}\ndata = Text("text.txt", 1024)'
    program = compile_source(SourceFile("a.net", text, tmp_path / "a.net")).require()
    begin = perf_counter()
    assert sees_ahead(program.graph) is None
    assert perf_counter() - begin < 1
