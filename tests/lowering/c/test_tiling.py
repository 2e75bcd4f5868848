"""How a batch is tiled for C."""

from __future__ import annotations

import pytest

from netlang.catalogue.layers import GRU, Max, MaxPool2d
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph
from netlang.language.shapes import Shape
from netlang.lowering.c import lowers
from netlang.lowering.c.generator.losses import Losses
from netlang.lowering.c.generator.passes import Passes
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.tiling import tile
from netlang.lowering.lowerings import Unsupported
from tests.graphs import chain, dense


@pytest.mark.parametrize(
    ("graph", "batch"),
    [
        (chain(dense(50_000, 50_000), start=(50_000,)), 1),
        (chain(dense(2, 1000), start=(2,)), 3_000_000),
    ],
    ids=["weights", "outputs of a batch"],
)
def test_more_numbers_than_c_counts_are_refused(graph: Graph, batch: int) -> None:
    with pytest.raises(Unsupported, match="the network or its batch is too large for the C"):
        tile(graph, batch, calls_blas=False)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(Max(dim=1), (1 << 24, 1)), (MaxPool2d.declared({"kernel_size": 2}), (1, 1 << 12, 1 << 12))],
    ids=repr,
)
def test_more_places_than_a_float_tells_apart_are_refused(
    layer: Layer, shape: tuple[int, ...]
) -> None:
    lowers.lowered(layer, Shape(shape))
    *outer, last = shape
    more = Shape((*outer, last + 1)) if len(outer) > 1 else Shape((outer[0] + 1, last))
    with pytest.raises(Unsupported, match="has no counterpart in C yet"):
        lowers.lowered(layer, more)


def test_blocks_count_as_whole() -> None:
    graph = chain(dense(1, 200), start=(1_000_000, 1))
    tile(graph, batch=1, calls_blas=False)
    with pytest.raises(Unsupported, match="too large for the C"):
        tile(graph, batch=1, calls_blas=False, in_blocks=True)


def test_what_a_layer_keeps_counts() -> None:
    """Of a GRU, that is more than four numbers for each of its outputs."""
    gru = GRU.declared({"input_size": 1, "hidden_size": 6_000})
    graph = chain(gru, start=(100_000, 1))
    parts = tile(graph, batch=1, calls_blas=False)
    with pytest.raises(Unsupported, match="too large for the C"):
        Passes(Plan(graph), parts.chunk, Losses(MSE(), graph.output))


def test_numbers_that_c_counts_are_tiled() -> None:
    parts = tile(chain(dense(2, 1000), start=(2,)), 1_000_000, calls_blas=False)
    assert parts.slices * parts.chunks * parts.chunk >= 1_000_000
