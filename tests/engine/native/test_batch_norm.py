"""Batch normalization in C: means and variances over a whole batch, whose slices meet."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.averages import EMA
from netlang.catalogue.layers import Add, BatchNorm, Dropout, Flatten, Tanh
from netlang.catalogue.losses import MSE
from netlang.catalogue.modules import Layer
from netlang.catalogue.optimizers import SGD, Adam
from netlang.compiler.ir import Graph, input_node
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.descent import Descent
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.shapes import Shape
from netlang.lowering.c import tiling
from tests.engine.agreement import ADAM, apart_in_one, both, difference, random_samples, train
from tests.engine.native.own import Neighbours
from tests.graphs import ORIGIN, add, chain, dense

# The gradient of a bias before a norm is 0 but for rounding, which Adam would blow up.
DESCENT = (SGD, {"lr": 1e-4, "momentum": 0.9})

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiler")]


def norm(features: int, **arguments: float | bool) -> Layer:
    return BatchNorm.declared({"num_features": features, **arguments})


def frozen() -> Graph:
    graph = chain(dense(5, 9), norm(9), norm(9), dense(9, 2), start=(5,))
    nodes = [*graph.nodes]
    nodes[2] = nodes[2].replace(frozen=True)
    return Graph(tuple(nodes), graph.result)


def branched() -> Graph:
    """Two norms that share weights and statistics, and read one value that others read, too."""
    nodes = [input_node(Shape((3, 5)), ORIGIN)]
    value = add(nodes, Neighbours.declared({}), add(nodes, dense(5, 7), 0))
    one = add(nodes, norm(3), value)
    other = add(nodes, norm(3), add(nodes, Tanh.declared({}), value), shares=one)
    joined = add(nodes, Add.declared({}), value, one, other)
    result = add(nodes, dense(7, 2), joined)
    return Graph(tuple(nodes), result)


GRAPHS = {
    "rows": chain(dense(5, 9), norm(9), Tanh.declared({}), dense(9, 2), start=(5,)),
    "first": chain(norm(5), dense(5, 2), start=(5,)),
    "last": chain(dense(5, 3), norm(3), start=(5,)),
    "several numbers of a channel": chain(
        dense(5, 9),
        norm(3),
        Tanh.declared({}),
        norm(3),
        Flatten.declared({}),
        dense(27, 2),
        start=(3, 5),
    ),
    "with other numbers": chain(
        dense(5, 9), norm(9, eps=1e-3, momentum=0.3, affine=False), dense(9, 2), start=(5,)
    ),
    "without weights": chain(dense(5, 9), norm(3, affine=False), dense(9, 2), start=(3, 5)),
    "draws": chain(dense(5, 9), norm(9), Dropout.declared({"p": 0.3}), dense(9, 2), start=(5,)),
    "branched": branched(),
}


@pytest.fixture(params=[False, True], ids=["whole", "in slices"])
def sliced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param:
        monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
        monkeypatch.setattr(tiling, "_SMALL_SLICE", 4)
    return bool(request.param)


@pytest.mark.usefixtures("sliced")
def test_it_trains_as_on_tensors() -> None:
    """The last batch has fewer samples, and of its slices some have none."""
    for batch, count in ((35, 75), (3, 8)):
        found = dict(
            zip(
                GRAPHS,
                apart_in_one([*GRAPHS.values()], optimizer=DESCENT, batch=batch, count=count),
                strict=True,
            )
        )
        assert all(one < 1e-9 for one in found.values()), found


def test_a_frozen_one_keeps_its_statistics() -> None:
    assert difference(*both(frozen(), MSE(), DESCENT, count=10)) < 1e-9


def test_a_large_mean_costs_no_digits() -> None:
    graph = chain(norm(2), dense(6, 1), start=(2, 6))
    inputs, targets = random_samples(graph, 64, torch.float32)
    samples = 1000 + inputs / 8, targets
    exact = train(TensorEngine, graph, MSE(), ADAM, tuple(one.double() for one in samples), 64, 2)
    on_tensors, in_c = (
        difference(train(kind, graph, MSE(), ADAM, samples, 64, 2), exact)
        for kind in (TensorEngine, NativeEngine)
    )
    assert in_c < 1.5 * on_tensors


def test_a_batch_with_one_number_of_a_channel_is_refused() -> None:
    graph = GRAPHS["rows"]
    samples = random_samples(graph, 7, torch.float32)
    for kind in (TensorEngine, NativeEngine):
        network = Network(graph, 0)
        engine = kind(network, MSE(), Adam.over(network, ADAM[1]), 3, 0)
        with pytest.raises(ValueError, match="is trained on at least"):
            list(engine.run(Batches(*samples, 3, 0), Cursor()))


def test_an_average_takes_in_the_statistics() -> None:
    graph, results = GRAPHS["several numbers of a channel"], []
    samples = random_samples(graph, 20, torch.float64)
    for kind in (TensorEngine, NativeEngine):
        network = Network(graph, 0)
        network.to(torch.float64)
        descent = Descent(network, DESCENT[0].over(network, DESCENT[1]), average=EMA(0.8))
        engine = kind(network, MSE(), descent, 8, 0)
        for epoch in (1, 2):
            list(engine.run(Batches(*samples, 8, 0), Cursor(epoch)))
        evaluated = torch.cat([*engine.evaluate(samples[0])])
        results.append((descent.result.statistics, descent.result.parameters, evaluated))
    assert difference(*results) < 1e-9
