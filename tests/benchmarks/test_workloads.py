"""What the benchmark trains is what its `.net` files say."""

from __future__ import annotations

import numpy as np
import pytest

from netlang.catalogue.layers import Dropout, Linear
from tests.benchmarks.netlang_engine import program
from tests.benchmarks.scaling import SWEEPS
from tests.benchmarks.workloads import LEARNING_RATE, WORKLOADS, Workload, model1, model2

ALL = [*WORKLOADS, *(sweep.workload(sweep.values[0]) for sweep in SWEEPS)]


@pytest.mark.parametrize("workload", ALL, ids=lambda workload: workload.key)
def test_a_workload_is_described_as_its_file_says(workload: Workload) -> None:
    compiled = program(workload)
    layers = [node.layer for node in compiled.graph.nodes if isinstance(node.layer, Linear)]
    assert [(layer.out_features, layer.in_features) for layer in layers] == workload.shapes
    assert compiled.batch_size == workload.batch
    assert compiled.loss
    assert compiled.optimizer
    assert compiled.optimizer.name == workload.optimizer
    assert compiled.optimizer.values["lr"] == LEARNING_RATE
    assert workload.samples % workload.batch == 0


@pytest.mark.parametrize(("workload", "dropouts"), [(model1(10), 1), (model2(10), 2)])
def test_dropout_can_be_turned_off(workload: Workload, dropouts: int) -> None:
    for made, p in ((workload, 0.5), (workload.without_dropout(), 0.0)):
        layers = [node.layer for node in program(made).graph.layers]
        assert [layer.p for layer in layers if isinstance(layer, Dropout)] == [p] * dropouts


def test_data_and_first_weights_are_the_same_each_time() -> None:
    one, other = model2(10), model2(10)
    for draws in zip(one.weights(), other.weights(), strict=True):
        assert np.array_equal(*draws)
    (inputs, labels), (inputs_again, labels_again) = one.data(), other.data()
    assert np.array_equal(inputs, inputs_again)
    assert np.array_equal(labels, labels_again)
