"""However many threads share a step, its bits are the same."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from netlang.catalogue.losses import MSE
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.lowering.c import tiling
from netlang.system.shipped import folder
from tests.benchmarks.workloads import Workload, recurrent, resnet8, tabular, transformer
from tests.engine.agreement import ADAM, random_samples
from tests.graphs import side_by_side

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]

BATCH, SAMPLES = 80, 120  # five slices, of which the last batch fills two and a half
# What is measured, in small, besides all models.
WORKLOADS = (
    *(resnet8(BATCH, size=8), recurrent(BATCH, steps=5), tabular(BATCH, width=40)),
    transformer(BATCH, depth=1, context=12),
)


@pytest.mark.parametrize("measuring", [False, True], ids=["apart", "meeting"])
def test_threads_change_no_bit_of_any_model(
    measuring: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All models whose slices meet within a step in one network, and all others in another."""
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 16)
    graphs = [*map(shipped, folder("models").glob("*.net")), *map(measured, WORKLOADS)]
    whole = side_by_side([one for one in graphs if measures(one) is measuring])
    samples = random_samples(whole, SAMPLES, torch.float32)
    alone, *others = (trained(whole, samples, threads) for threads in (1, 2, 3, 5))
    for found in others:
        assert all(torch.equal(*pair) for pair in zip(alone, found, strict=True))


def shipped(file: object) -> Graph:
    return compile_source(read(str(file))).require().graph


def measured(workload: Workload) -> Graph:
    source = SourceFile("measured.net", workload.text)
    return compile_source(source, workload.overrides).require().graph


def measures(graph: Graph) -> bool:
    return any(node.own_statistics for node in graph.nodes)


def trained(graph: Graph, samples: tuple[Tensor, Tensor], threads: int) -> list[Tensor]:
    """The weights and statistics that an epoch by so many threads comes to, and its outputs."""
    network = Network(graph, 0)
    optimizer, values = ADAM
    engine = NativeEngine(network, MSE(), optimizer.over(network, values), BATCH, 0)
    assert engine._emission.slices == 5
    engine._tuner.threads, engine._tuner.steps = threads, 2  # in one call
    engine._tuner.record = lambda steps, seconds: None
    outputs = [y for y, _ in engine.run(Batches(*samples, BATCH, 0), Cursor())]
    return [network.parameters, network.statistics, *outputs, *engine.evaluate(samples[0])]
