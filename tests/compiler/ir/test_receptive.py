"""How much of the input an output depends on, against what its gradient says."""

from __future__ import annotations

import pytest
import torch

from netlang.compiler.ir import Graph
from netlang.compiler.ir.receptive import receptive_fields
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile


def graph_of(net: str, shape: str = "[1, 40, 40]") -> Graph:
    return compile_source(SourceFile("a.net", f"net = {net}\ninput = {shape}")).require().graph


def fields(net: str, shape: str = "[1, 40, 40]") -> list[str]:
    return [str(one or "") for one in receptive_fields(graph_of(net, shape))]


@pytest.mark.parametrize(
    "net",
    [
        "Conv2d(_, 2, 5)",
        "Conv2d(_, 2, 3, stride=2) -> ReLU -> Conv2d(_, 2, 3, dilation=3) -> AvgPool2d(2)",
        "Conv2d(_, 2, [1, 5]) -> AvgPool2d(2) -> Conv2d(_, 2, [3, 1])",
        "[Conv2d(_, 2, 3, padding=1), Conv2d(_, 2, 5, padding=2)] -> Add -> AvgPool2d(3)",
        "AvgPool2d(2) -> ConvTranspose2d(_, 2, 4, stride=2) -> Conv2d(_, 1, 3)",
        'AvgPool2d(2) -> Conv2d(_, 2, 3) -> Upsample(scale_factor=2, mode="bilinear")',
        "Conv2d(_, 2, 3, padding=1) -> Pad(2) -> AvgPool2d(2)",
    ],
)
def test_an_output_has_gradients_at_no_more_of_the_input_than_it_sees(net: str) -> None:
    graph = graph_of(net)
    field = receptive_fields(graph)[graph.result]
    assert field
    network = Network(graph, seed=0).to(torch.float64)
    network.parameters.fill_(1.0)
    reach = []
    for move in range(3):  # outputs between two others may see less
        y = network.forward(torch.ones(1, 1, 40, 40, dtype=torch.float64))
        dy = torch.zeros_like(y)
        dy[0, 0, y.shape[2] // 2 + move, y.shape[3] // 2 + move] = 1
        places = network.backward(dy)[0, 0].nonzero()
        reach.append((places.max(0).values - places.min(0).values + 1).tolist())
    assert field.as_json()["size"] == [max(rows) for rows in zip(*reach, strict=True)]


def test_fields_grow_with_every_window_until_places_are_gone() -> None:
    net = "Conv2d(_, 2, 5, stride=2) -> ReLU -> MaxPool2d(2) -> Flatten -> Linear(_, 3)"
    assert fields(net) == ["1 x 1 / 1", "5 x 5 / 2", "5 x 5 / 2", "7 x 7 / 4", "", ""]


def test_a_sequence_has_one_axis_and_strides_may_be_shares() -> None:
    assert fields("MaxPool1d(2) -> Upsample(scale_factor=4)", "[3, 8]") == [
        "1 / 1",
        "2 / 2",
        "2 / 0.5",
    ]
    graph = graph_of("MaxPool1d(2) -> Upsample(scale_factor=4)", "[3, 8]")
    (*_, last) = receptive_fields(graph)
    assert last
    assert last.as_json() == {"size": [2], "stride": [0.5]}


def test_axes_may_differ() -> None:
    assert fields("Conv2d(_, 2, [3, 1], stride=[2, 1])")[-1] == "3 x 1 / 2 x 1"


def test_the_mean_of_a_channel_sees_all_of_it() -> None:
    assert fields("GlobalAvgPool -> Linear(_, 2)") == ["1 x 1 / 1", "40 x 40 / 40", ""]


def test_numbers_that_are_only_put_in_order_have_places_of_their_own() -> None:
    net = "Unflatten([1, 8, 8]) -> Conv2d(_, 2, 3) -> Flatten"
    assert fields(net, "[64]") == ["", "1 x 1 / 1", "3 x 3 / 1", ""]


def test_what_all_numbers_have_made_has_no_places() -> None:
    net = "Linear(64, 64) -> Unflatten([1, 8, 8]) -> Conv2d(_, 2, 3)"
    assert fields(net, "[64]") == ["", "", "", ""]


def test_a_network_without_windows_has_no_fields() -> None:
    assert fields("ReLU -> Flatten") == ["", "", ""]
