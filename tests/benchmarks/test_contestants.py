"""All contestants do the same mathematics as netlang; those that are not installed are skipped."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.benchmarks.bound import bound
from tests.benchmarks.bound.peak import Peak
from tests.benchmarks.bound.products import Products
from tests.benchmarks.contestants import (
    BOUND,
    BY_NAME,
    CONTESTANTS,
    PREDICTORS,
    CannotTake,
    Contestant,
    Trainer,
)
from tests.benchmarks.netlang_engine import OnTensors, Tensor
from tests.benchmarks.pieces import PIECE
from tests.benchmarks.speedup import measured
from tests.benchmarks.workloads import (
    Floats,
    Workload,
    classifier,
    lenet,
    model1,
    model2,
    recurrent,
    residual,
    resnet8,
    tabular,
    transformer,
)

pytestmark = pytest.mark.slow  # as each of them compiles or traces a training

SMALL = (
    model1(20),
    model2(20),
    model2(1),
    classifier(8, inputs=12, width=8, depth=2),
    residual(8, width=8, depth=2),
)
SMALL_OF_ALL_KINDS = (
    lenet(4),
    resnet8(4, width=4, size=8),
    recurrent(4, width=5, steps=6),
    transformer(3, width=8, depth=2, context=5),
    tabular(8, width=6),
)
STEPS = 3
contestants = pytest.mark.parametrize("contestant", CONTESTANTS, ids=lambda one: one.name)


@pytest.fixture(autouse=True)
def _quickly_and_leaving_no_trace() -> Iterator[None]:
    """Compiled steps are run by Python, as compiling takes seconds, and threads would only wait."""
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    torch.set_num_threads(1)
    with warnings.catch_warnings(), torch.compiler.set_stance("force_eager"):
        warnings.simplefilter("ignore")  # those of others
        yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)


def made(contestant: Contestant, workload: Workload) -> Trainer:
    """Skips the test where the contestant does not train that."""
    skip_if_missing(contestant)
    if not contestant.takes(workload):
        pytest.skip(f"{contestant.name} does not train {workload.name}")
    try:
        trainer = contestant.trainer(workload)
    except CannotTake as reason:
        pytest.skip(str(reason))
    if isinstance(trainer, Products | Peak):
        pytest.skip("products alone learn nothing")
    return trainer


def skip_if_missing(contestant: Contestant) -> None:
    if contestant.missing:
        pytest.skip(f"{contestant.name} needs {', '.join(contestant.missing)}")


@contestants
@pytest.mark.parametrize("workload", SMALL, ids=lambda workload: workload.key)
def test_some_steps_without_dropout_lead_from_the_same_weights_to_the_same(
    contestant: Contestant, workload: Workload
) -> None:
    workload = workload.without_dropout().one_step()
    trainer, ours = made(contestant, workload), Tensor(workload)
    ours.train(STEPS)
    trainer.train(STEPS)
    for found, expected, start in zip(
        trainer.weights(), ours.weights(), workload.weights(), strict=True
    ):
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-5
        assert np.abs(found - start).max() > 1e-4


@contestants
@pytest.mark.parametrize("workload", SMALL_OF_ALL_KINDS, ids=lambda workload: workload.key)
def test_some_steps_of_networks_of_all_kinds_lead_to_the_same(
    contestant: Contestant, workload: Workload
) -> None:
    """By SGD: Adam makes steps of rounding where a gradient is 0, as that of a key's bias is."""
    workload = replace(workload.without_dropout().one_step(), optimizer="SGD")
    trainer, ours = made(contestant, workload), Tensor(workload)
    ours.train(STEPS)
    trainer.train(STEPS)
    steps = [
        (found - start, expected - start)
        for found, expected, start in zip(
            trainer.weights(), ours.weights(), workload.weights(), strict=True
        )
    ]
    largest = max(np.abs(expected).max() for _, expected in steps)
    assert largest > 1e-4
    for found, expected in steps:
        assert np.abs(found - expected).max() < 2e-3 * largest


@pytest.mark.parametrize("contestant", PREDICTORS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "workload",
    [
        replace(SMALL[1], samples=2 * PIECE + 1),
        *(replace(one, samples=1) for one in (SMALL[1], *SMALL_OF_ALL_KINDS)),
    ],
    ids=lambda workload: f"{workload.twin}/{workload.samples}",
)
def test_all_predict_the_same(contestant: Contestant, workload: Workload) -> None:
    skip_if_missing(contestant)
    if not contestant.takes(workload):
        pytest.skip(f"{contestant.name} does not predict that")
    expected = OnTensors(workload).predict()
    found = contestant.predictor(workload).predict()
    assert found.reshape(expected.shape) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.usefixtures("compiler")
def test_threads_are_measured_beside_one() -> None:
    contestants = [BY_NAME[name] for name in ("native", "fused", "channels last")]
    workload = SMALL[1].one_step()
    found = measured(workload, threads=2, rounds=1, seconds=0, contestants=contestants)
    assert found.names == ["native", "fused"]
    assert found.same_bits == {"native"}


@contestants
@pytest.mark.parametrize(
    "workload",
    [model1(10), model2(10)],
    ids=lambda workload: workload.key,
)
def test_with_dropout_and_shuffling_everyone_learns(
    contestant: Contestant, workload: Workload
) -> None:
    trainer = made(contestant, workload)
    torch.manual_seed(0)  # of which PyTorch's order of samples and its dropout are drawn
    trainer.train(15)
    assert accuracy(workload, trainer.weights()) > 0.9


def accuracy(workload: Workload, weights: list[Floats]) -> float:
    ours = Tensor(workload)
    for (weight, _), found in zip(ours.network.param(), weights, strict=True):
        weight.copy_(torch.from_numpy(found))
    outputs = torch.cat([*ours.engine.evaluate(ours.batches.inputs)])
    return float((outputs.argmax(1) == ours.batches.targets).float().mean())


def test_the_c_loop_draws_its_masks() -> None:
    skip_if_missing(BOUND)
    with_masks, without = (
        bound(one.one_step()) for one in (model2(20), model2(20).without_dropout())
    )
    for trainer in (with_masks, without):
        trainer.train(1)
    assert any(
        not np.array_equal(one, other)
        for one, other in zip(with_masks.weights(), without.weights(), strict=True)
    )
