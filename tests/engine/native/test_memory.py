"""What a thread is said to work in is what its C has."""

from __future__ import annotations

import ctypes

import pytest

from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.passes import compile_source
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.pieces import most_held
from netlang.language.source import SourceFile
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.generator.room import room
from netlang.lowering.c.tiling import tile

pytestmark = pytest.mark.usefixtures("compiler")

NETWORKS = {
    "linear": ("Linear(30, 99) -> ReLU -> Dropout(0.2) -> Linear(99, 2)", "30"),
    "recurrent": ("GRU(8, 48) -> Linear(48, 8)", "20, 8"),
    "norm": ("LocalResponseNorm(5) -> Flatten -> Linear(_, 2)", "3, 16, 16"),
    "attention": ("Attention(32, 4) -> LayerNorm(32) -> Linear(32, 8)", "24, 32"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("net", "sizes"), NETWORKS.values(), ids=NETWORKS)
def test_the_room_of_a_thread_is_what_its_c_has(net: str, sizes: str) -> None:
    graph = compile_source(SourceFile("a.net", f"net = {net}\ninput = [{sizes}]\n")).require().graph
    plan, network = Plan(graph), Network(graph, 0)
    parts = tile(graph, 32, plan.calls_blas, plan.is_in_blocks, plan.measures)
    engine = NativeEngine(network, MSE(), SGD.over(network, {}), 32, 0)
    size = engine._code._functions.work_size
    size.restype = ctypes.c_size_t
    said = 4 * room(plan, parts.chunk, most_held(graph))
    assert 0.9 < said / size() < 1.25
