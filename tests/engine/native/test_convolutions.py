"""Convolutions train in C as on tensors, whatever their windows, channels and groups are."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.shapes import Shape, ShapeError
from netlang.language.source import SourceFile
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.lowerings import Unsupported
from tests.catalogue.layers.test_conformance import build, layer_of
from tests.engine.agreement import ADAM, apart, apart_in_one, random_samples, train
from tests.graphs import behind_linears, chain
from tests.random_examples import compiled

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]  # as C is compiled

DESCENT = (SGD, {"lr": 1e-5})  # as losses are sums over whole pictures

Case = tuple[str, tuple[int, ...]]  # what a file says, and a sample that fits it

CASES: list[Case] = [
    ("Conv2d(7, 9, 3, padding=1)", (7, 5, 6)),
    ("Conv2d(6, 8, [2, 3], stride=3, groups=2)", (6, 7, 8)),
    ("Conv2d(5, 10, 3, padding=1, dilation=2, groups=5, bias=false)", (5, 7, 4)),
    ("Conv2d(9, 3, 1, stride=2)", (9, 4, 5)),
    ("ConvTranspose2d(11, 4, 3, stride=2, padding=1, output_padding=1)", (11, 3, 4)),
    ("Conv2d(2, 5, [1, 4], padding=[2, 5])", (2, 3, 4)),  # windows that see nothing
    ("Conv2d(1, 16, 7, padding=6)", (1, 2, 3)),
    ("Conv2d(3, 2, 2, stride=[5, 4], padding=1)", (3, 9, 6)),  # places that no window sees
    ("Conv2d(4, 6, 1)", (4, 1, 1)),
    ("Conv2d(64, 9, 3, padding=1)", (64, 2, 2)),  # whose sums are more than stay in the cache
    ("Conv1d(3, 11, 7, stride=2, padding=3)", (3, 40)),
    ('Conv1d(2, 7, 4, padding="same", dilation=3)', (2, 17)),
    ("ConvTranspose2d(6, 9, [2, 5], dilation=[3, 1], groups=3, bias=false)", (6, 3, 2)),
    ("ConvTranspose2d(2, 17, 1, stride=3, padding=0)", (2, 2, 3)),
    ("Conv2d(16, 17, 3, padding=1)", (16, 5, 4)),
    ("Conv2d(32, 34, 3, padding=[2, 0], groups=2, bias=false)", (32, 2, 5)),
    ("Conv2d(64, 66, 3, padding=1)", (64, 2, 6)),
    ("ConvTranspose2d(20, 16, 3, padding=1)", (20, 3, 1)),
    ("Conv2d(16, 18, 3)", (16, 5, 6)),
    ("Conv2d(72, 8, 3, padding=1)", (72, 1, 17)),  # more channels and tiles than go together
    ("Conv2d(16, 16, 3, padding=1)", (16, 9, 5)),
]


def test_tiles_of_all_sizes_agree() -> None:
    assert_agreement(CASES, batch=20, count=43)


@pytest.mark.parametrize("number", [1e30, math.inf, math.nan], ids=str)
def test_a_place_takes_nothing_of_what_its_window_does_not_see(number: float) -> None:
    """Winograd's transform adds up what several places see, and each drops the others' part."""
    layer = layer_of("Conv2d(8, 9, 3, padding=1)", ((8, 9, 7),))
    network = Network(chain(layer, start=(8, 9, 7)), 0)
    engine = NativeEngine(network, MSE(), SGD.over(network, {}), 16, 0)
    inputs = torch.randn(16, 8, 9, 7)
    found = torch.cat([*engine.evaluate(inputs)])
    row, column = torch.randint(1, 8, ()), torch.randint(1, 6, ())
    inputs[:, :, row, column] = number
    others = torch.cat([*engine.evaluate(inputs)])
    sees = torch.zeros(9, 7, dtype=torch.bool)
    sees[row - 1 : row + 2, column - 1 : column + 2] = True
    assert torch.equal(others[..., ~sees], found[..., ~sees])
    assert not torch.isclose(others[..., sees], found[..., sees]).any()


def test_a_window_beside_the_picture_sees_zeros() -> None:
    case: Case = ("Conv2d(2, 3, 1, stride=[1, 90000], padding=[0, 40000])", (2, 3, 4))
    assert apart(graph_of(*case), MSE(), optimizer=DESCENT, batch=3, count=5) < 1e-9


@pytest.mark.parametrize(
    ("text", "sample"),
    [
        ("ConvTranspose2d(1, 1, [1_000_000, 1])", (1, 1, 1)),
        ("Conv2d(1, 1, 1000)", (1, 1000, 1000)),
        ("Conv2d(1, 1, 1)", (1, 100_000, 1)),
        ("Conv1d(1, 1, 50_000)", (1, 50_000)),
    ],
)
def test_more_taps_or_rows_than_a_stack_holds_are_left_to_tensors(
    text: str, sample: tuple[int, ...]
) -> None:
    with pytest.raises(Unsupported, match="has no counterpart in C"):
        Plan(graph_of(text, sample))


SHARED = """
input = [20]
shared seen = Conv2d(4, 4, 3, padding=1)
net = Linear(20, 4 * 5 * 5) -> Unflatten([4, 5, 5])
   -> [seen -> ReLU -> seen, Conv2d(4, 4, 1), Identity] -> Add
   -> [seen, ConvTranspose2d(4, 4, 3, padding=1)] -> Concat(1)
   -> [Conv2d(8, 3, 2, stride=2), Slice(0, 3, dim=1) -> MaxPool2d(2)] -> Add
   -> Flatten -> Linear(_, 3)
"""


def test_readers_that_share_weights_add_up_their_gradients() -> None:
    graph = compile_source(SourceFile("a.net", SHARED)).require().graph
    assert apart(graph, MSE(), optimizer=DESCENT, batch=40, count=43) < 1e-9


NORMED = """
input = [12]
net = Linear(12, 16 * 13 * 7) -> Unflatten([16, 13, 7])
   -> Conv2d(16, 18, 3, padding=[1, 2]) -> BatchNorm(18)
   -> ConvTranspose2d(18, 40, 3, bias=false) -> BatchNorm(40) -> ReLU
   -> Conv2d(40, 32, 3, padding=1, groups=2) -> BatchNorm(32)
   -> GlobalAvgPool -> Linear(_, 3)
"""


def test_gradients_of_weights_ahead_of_norms_agree() -> None:
    graph = compile_source(SourceFile("a.net", NORMED)).require().graph
    assert apart(graph, MSE(), optimizer=DESCENT, batch=34, count=44) < 1e-9


BESIDE_ZEROS = """
input = [16, 8, 9]
net = [Conv2d(16, 16, 3, padding=1, bias=false) -> BatchNorm(16),
       ConvTranspose2d(16, 16, 3, padding=1, bias=false) -> BatchNorm(16)] -> Add
   -> GlobalAvgPool -> Linear(_, 3)
"""


def test_weights_that_meet_zeros_alone_stay_as_they_are() -> None:
    """Adam would make whole steps of roundings. Upper rows of windows see the last row of a picture
    nowhere, and their right columns its first one; a transposed convolution puts them there.
    """
    graph = compile_source(SourceFile("a.net", BESIDE_ZEROS)).require().graph
    inputs, targets = random_samples(graph, 20, torch.float32)
    inputs[:, 3, :-1] = 0
    inputs[:, 5, :, 1:] = 0
    start = Network(graph, 0).parameters
    trained, *_ = train(NativeEngine, graph, MSE(), ADAM, (inputs, targets), 20, epochs=3)
    size, norm = 16 * 16 * 9, 2 * 16
    stays = trained == start
    conv, transposed = (stays[at : at + size].view(16, 16, 3, 3) for at in (0, size + norm))
    for found, row, column in (conv.transpose(0, 1), 0, 2), (transposed, 2, 0):
        expected = torch.zeros_like(found)
        expected[3, :, row] = expected[5, :, :, column] = True
        assert torch.equal(found, expected)


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    name, axes = draw(st.sampled_from([("Conv1d", 1), ("Conv2d", 2), ("ConvTranspose2d", 2)]))

    def sizes(least: int, most: int) -> list[int]:
        return [draw(st.integers(least, most)) for _ in range(axes)]

    groups = draw(st.sampled_from([1, 1, 2, 3]))
    by_threes = axes == 2 and draw(st.booleans())  # and of so many channels, by Winograd
    few = 16 if by_threes else 1
    channels = [groups * draw(st.integers(few, few + 5)) for _ in range(2)]
    sample = (channels[0], *sizes(1, 7))
    said = {
        "stride": 1 if by_threes else sizes(1, 3),
        "padding": sizes(0, 2 if by_threes else 3),
        "dilation": 1 if by_threes else sizes(1, 2),
        "groups": groups,
        "bias": str(draw(st.booleans())).lower(),
    }
    if name == "ConvTranspose2d" and not by_threes:
        said["output_padding"] = sizes(0, 1)
    kernel = 3 if by_threes else sizes(1, 4)
    arguments = ", ".join(f"{one}={value}" for one, value in said.items())
    text = f"{name}({channels[0]}, {channels[1]}, {kernel}, {arguments})"
    try:
        build(text).infer(Shape(sample))  # type: ignore[union-attr]
    except ShapeError:
        assume(False)
    return text, sample


@compiled(4)
@given(st.lists(convolutions(), min_size=4, max_size=8), st.integers(1, 20), st.integers(1, 40))
def test_any_convolutions_agree(drawn: list[Case], batch: int, count: int) -> None:
    assert_agreement(drawn, batch, count)


def assert_agreement(cases: list[Case], batch: int, count: int) -> None:
    """Side by side in one network, as C takes about as long to be compiled for one as for many."""
    graphs = [graph_of(*case) for case in cases]
    found = apart_in_one(graphs, DESCENT, batch=batch, count=count)
    assert all(one < 1e-9 for one in found), [*zip(cases, found, strict=True)]


def graph_of(text: str, sample: tuple[int, ...]) -> Graph:
    return behind_linears(layer_of(text, (sample,)), (sample,))
