"""Layers of pictures train in C as on tensors, whatever their windows, borders and readers are."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from netlang.catalogue.clipping import Norm
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph, input_node
from netlang.compiler.passes import compile_source
from netlang.engine import TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.shapes import Shape, ShapeError
from netlang.language.source import SourceFile
from tests.catalogue.layers.test_conformance import build
from tests.engine.agreement import apart, apart_in_one
from tests.graphs import ORIGIN, add, behind_linears, dense
from tests.random_examples import compiled

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]  # as C is compiled

DESCENT = (SGD, {"lr": 1e-2})
# However long the gradients of a random network are, its weights stay near their first values: what
# grows without bounds has roundings of any size.
BOUND = Norm.declared({"max_norm": 1.0})

# Every value has several readers, in rows and in blocks; weights are shared.
BRANCHES = """
input = [12]
shared norm = GroupNorm(2, 4)
shared slopes = PReLU(4)
shrunk = [MaxPool2d(2), AvgPool2d(2), Pad(1) -> MaxPool2d(2, stride=3, padding=1)] -> Add
grown = [Upsample(scale_factor=2), Upsample(scale_factor=2, mode="bilinear")] -> Add
gates = [Identity, AdaptiveAvgPool2d(1)] -> Mul
net = Linear(12, 4 * 6 * 6) -> Unflatten([4, 6, 6])
   -> [norm -> slopes, Softmax(1), Scale(4, dim=1)] -> Add
   -> shrunk -> [norm -> slopes, Dropout2d(0.3), gates] -> Add
   -> grown -> [MaxPool2d(2), AvgPool2d(2)] -> Concat(1) -> GLU(1)
   -> [GlobalAvgPool, Flatten] -> Concat(1) -> Linear(_, 3)
"""


@pytest.mark.parametrize(("batch", "count"), [(5, 11), (40, 43)])
def test_a_network_of_pictures_with_many_branches_agrees(batch: int, count: int) -> None:
    graph = compile_source(SourceFile("a.net", BRANCHES)).require().graph
    assert apart(graph, MSE(), optimizer=DESCENT, clipping=BOUND, batch=batch, count=count) < 1e-9


def made(text: str) -> Layer:
    found = build(text)
    assert isinstance(found, Layer)
    return found.declared(found.values)


ARGUMENTS = {
    "stride": st.integers(1, 3),
    "padding": st.integers(0, 1),
    "ceil_mode": st.booleans(),
}
OF_MAX = {**ARGUMENTS, "dilation": st.integers(1, 2)}
OF_MEAN = {**ARGUMENTS, "count_include_pad": st.booleans()}


@st.composite
def layers(draw: st.DrawFn) -> tuple[str, tuple[int, ...]]:
    """What a file says, and a sample that fits it."""
    axes = draw(st.sampled_from([1, 2]))
    sample = (draw(st.sampled_from([1, 2, 4])), *(draw(st.integers(3, 7)) for _ in range(axes)))

    def sizes(least: int, most: int, count: int = axes) -> list[int]:
        return [draw(st.integers(least, most)) for _ in range(count)]

    name = draw(st.sampled_from(["MaxPool", "AvgPool", "Adaptive", "Pad", "Upsample", "Norm"]))
    match name:
        case "MaxPool" | "AvgPool":
            known = OF_MAX if name == "MaxPool" else OF_MEAN
            given = draw(st.fixed_dictionaries({}, optional=known))
            said = "".join(f", {one}={str(value).lower()}" for one, value in given.items())
            text = f"{name}{axes}d({sizes(1, 3)}{said})"
        case "Adaptive":
            text = f"AdaptiveAvgPool2d({sizes(1, 8, 2)})"
        case "Pad":
            mode = draw(st.sampled_from(["constant", "reflect", "replicate", "circular"]))
            text = f'Pad({sizes(0, 2, 2 * axes)}, mode="{mode}", value={draw(st.integers(0, 1))})'
        case "Upsample":
            mode = draw(st.sampled_from(["nearest", "linear" if axes == 1 else "bilinear"]))
            corners = str(mode != "nearest" and draw(st.booleans())).lower()
            text = f'Upsample({sizes(1, 9)}, mode="{mode}", align_corners={corners})'
        case _:
            text = f"LocalResponseNorm({draw(st.integers(1, 5))}, alpha=0.5)"
    try:
        made(text).infer(Shape(sample))
    except ShapeError:
        assume(False)
    return text, sample


@compiled(4)
@given(st.lists(layers(), min_size=4, max_size=10), st.integers(1, 20), st.integers(1, 40))
def test_any_windows_and_borders_agree(
    drawn: list[tuple[str, tuple[int, ...]]], batch: int, count: int
) -> None:
    graphs = [behind_linears(made(text), (sample,)) for text, sample in drawn]
    found = apart_in_one(graphs, DESCENT, batch=batch, count=count, clipping=BOUND)
    assert all(one < 1e-9 for one in found), [*zip(drawn, found, strict=True)]


# Behind each other. Maxima come first, as roundings would decide between what copies make equal.
FIRST = "MaxPool2d(2)", "MaxPool2d(3, stride=2, padding=1)", "ReLU", "GLU(1)", "Permute([0, 2, 1])"
THEN = (
    *("Conv2d({c}, 4, 3, padding=1)", "Conv2d({c}, {c}, 2, groups={c})", "Conv2d({c}, 2, 1)"),
    *("ConvTranspose2d({c}, 2, 3, stride=2)", "Upsample(scale_factor=2)", "Pad([1, 0, 2, 1])"),
    *("AvgPool2d(2)", "AdaptiveAvgPool2d(2)", "Permute([0, 2, 1])", "Slice(0, 1)", "GLU(1)"),
    *("PReLU({c})", "SiLU", "GroupNorm(1, {c})", "LocalResponseNorm(2)", "Scale({c}, dim=1)"),
    *("Softmax(1)", "LogSoftmax(2)", "Softmax(3)", "Dropout2d(0.2)", "Dropout(0.2)", "Tanh"),
)


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[str], Graph]:
    """What a file says, and the graph: some layers lie in a residual branch."""
    sample = (draw(st.sampled_from([2, 4])), draw(st.integers(3, 6)), draw(st.integers(3, 6)))
    nodes = [input_node(Shape.of(3), ORIGIN)]
    add(nodes, dense(3, math.prod(sample)), 0)
    last = add(nodes, made(f"Unflatten({[*sample]})"), 1)
    texts = [draw(st.sampled_from(FIRST))]
    texts += draw(st.lists(st.sampled_from(THEN), min_size=1, max_size=4))
    for text in texts:
        shape = nodes[last].shape
        layer = made(text.format(c=shape.sizes[0]))
        try:
            layer.infer(shape)
        except ShapeError:
            assume(False)
        before, last = last, add(nodes, layer, last)
        if nodes[last].shape == shape and draw(st.booleans()):
            last = add(nodes, made("Add"), before, last)
    return texts, Graph(tuple(nodes), last)


@compiled(4)
@given(st.lists(chains(), min_size=2, max_size=4), st.integers(1, 20), st.integers(1, 40))
def test_layers_of_pictures_behind_each_other_agree(
    drawn: list[tuple[list[str], Graph]], batch: int, count: int
) -> None:
    graphs = [graph for _, graph in drawn]
    found = apart_in_one(graphs, DESCENT, batch=batch, count=count, clipping=BOUND)
    assert all(one < 1e-9 for one in found), [*zip(drawn, found, strict=True)]


def test_sums_over_large_pictures_keep_the_places_of_floats() -> None:
    """Added up one after the other, 65536 numbers leave two places of seven."""
    text = """
input = [1, 256, 256]
means = [GlobalAvgPool, AdaptiveAvgPool2d(1) -> Flatten]
net = Conv2d(1, 1, 1) -> [means -> Add, InstanceNorm(1) -> MaxPool2d(256) -> Flatten] -> Add
"""
    graph = compile_source(SourceFile("a.net", text)).require().graph
    noise = torch.randn(2, 1, 256, 256, generator=torch.Generator().manual_seed(0))
    inputs = 100.3 + noise / 10
    answers = []
    for kind, dtype in (NativeEngine, torch.float32), (TensorEngine, torch.float64):
        network = Network(graph, 0).to(dtype)
        network.parameters.copy_(torch.tensor([1.0, 0.0]))
        engine = kind(network, MSE(), SGD.over(network, {"lr": 0.1}), 2, 0)
        answers.append(torch.cat([*engine.evaluate(inputs.to(dtype))]))
    assert (answers[0] - answers[1]).abs().max() < 1e-3
