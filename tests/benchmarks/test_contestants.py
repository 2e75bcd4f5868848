"""All contestants do the same mathematics as netlang; those that are not installed are skipped."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from tests.benchmarks.bound import bound
from tests.benchmarks.bound.products import Products
from tests.benchmarks.contestants import BOUND, CONTESTANTS, Contestant
from tests.benchmarks.netlang_engine import Tensor
from tests.benchmarks.workloads import Floats, Workload, classifier, model1, model2, residual

pytestmark = pytest.mark.slow  # as each of them compiles or traces a training

SMALL = (
    model1(20),
    model2(20),
    model2(1),
    classifier(8, inputs=12, width=8, depth=2),
    residual(8, width=8, depth=2),
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


def skip_if_missing(contestant: Contestant) -> None:
    if contestant.missing:
        pytest.skip(f"{contestant.name} needs {', '.join(contestant.missing)}")


@contestants
@pytest.mark.parametrize("workload", SMALL, ids=lambda workload: workload.key)
def test_some_steps_without_dropout_lead_from_the_same_weights_to_the_same(
    contestant: Contestant, workload: Workload
) -> None:
    skip_if_missing(contestant)
    workload = workload.without_dropout().one_step()
    trainer, ours = contestant.trainer(workload), Tensor(workload)
    if isinstance(trainer, Products):
        pytest.skip("matrix products alone learn nothing")
    ours.train(STEPS)
    trainer.train(STEPS)
    for found, expected, start in zip(
        trainer.weights(), ours.weights(), workload.weights(), strict=True
    ):
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() < 1e-5
        assert np.abs(found - start).max() > 1e-4


@contestants
@pytest.mark.parametrize(
    "workload",
    [model1(10), model2(10)],
    ids=lambda workload: workload.key,
)
def test_with_dropout_and_shuffling_everyone_learns(
    contestant: Contestant, workload: Workload
) -> None:
    skip_if_missing(contestant)
    trainer = contestant.trainer(workload)
    if isinstance(trainer, Products):
        pytest.skip("matrix products alone learn nothing")
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
