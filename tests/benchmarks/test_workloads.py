"""What the benchmark trains is what its `.net` files say."""

from __future__ import annotations

import numpy as np
import pytest

from netlang.catalogue.layers import BatchNorm, Dropout
from tests.benchmarks.netlang_engine import program
from tests.benchmarks.scaling import SWEEPS
from tests.benchmarks.workloads import LEARNING_RATE, WORKLOADS, Workload, model1, model2

ALL = [*WORKLOADS, *(sweep.workload(sweep.values[0]) for sweep in SWEEPS)]


@pytest.mark.parametrize("workload", ALL, ids=lambda workload: workload.key)
def test_a_workload_is_described_as_its_file_says(workload: Workload) -> None:
    compiled = program(workload)
    nodes = compiled.graph.layers
    declared = [node.layer.declared_weights().values() for node in nodes]
    shapes = [weight.shape for weights in declared for weight in weights]
    assert shapes == [one.shape for one in workload.parameters]
    assert compiled.graph.input.sizes == workload.input
    assert compiled.graph.output.sizes[-1] == workload.classes
    norms = [node.layer.num_features for node in nodes if isinstance(node.layer, BatchNorm)]
    assert tuple(norms) == workload.batch_norms
    dropped = [n.shape.last for n in nodes if isinstance(n.layer, Dropout) and n.layer.p]
    assert tuple(dropped) == workload.dropouts
    assert compiled.batch_size == workload.batch
    assert compiled.loss
    assert compiled.optimizer
    assert workload.samples % workload.batch == 0


@pytest.mark.parametrize("workload", ALL, ids=lambda workload: workload.key)
def test_files_have_the_optimizer_that_they_are_measured_with(workload: Workload) -> None:
    assert LEARNING_RATE == 1e-3
    assert f"\noptimizer = {workload.optimizer}(lr=1e-3)\n" in workload.text


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
