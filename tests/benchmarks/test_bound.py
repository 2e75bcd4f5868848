"""The bound in C is written for the vectors of whatever processor it is compiled for."""

from __future__ import annotations

import platform

import numpy as np
import pytest

from tests.benchmarks.bound.loop import Loop
from tests.benchmarks.bound.peak import multiply_adds_of_a_step
from tests.benchmarks.netlang_engine import Tensor
from tests.benchmarks.workloads import Workload, lenet, model1, model2, recurrent, transformer

STRICT = ("-Wall", "-Wextra", "-Werror")

pytestmark = [
    pytest.mark.usefixtures("compiler"),
    pytest.mark.skipif(
        platform.machine() not in ("x86_64", "AMD64"), reason="the flags are those of x86"
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["-mtune=native", "-mno-avx512f", "-mno-avx"])
@pytest.mark.parametrize(
    "workload",
    [model1(20), model2(10), model1(1), model2(1)],
    ids=lambda workload: workload.key,
)
def test_it_learns_the_same_without_a_warning_on_any_vectors(workload: Workload, flag: str) -> None:
    workload = workload.without_dropout().one_step()
    loop, ours = Loop(workload, flag, *STRICT), Tensor(workload)
    for trainer in (loop, ours):
        trainer.train(3)
    for found, expected in zip(loop.weights(), ours.weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_products_of_a_step_are_counted() -> None:
    """But for the gradients of the network's own inputs, and of scores that are hidden."""
    convolutions, linear = (28 * 28 * 6 * 25, 10 * 10 * 16 * 150), (400 * 120, 120 * 84, 84 * 10)
    in_all = 3 * sum((*convolutions, *linear)) - convolutions[0]
    assert multiply_adds_of_a_step(lenet(64)) == 64 * in_all
    gates = 50 * 3 * 64
    assert multiply_adds_of_a_step(recurrent(1)) == 2 * gates * 8 + 3 * (gates * 64 + 64 * 10)
    places, width = 5, 8
    scores = places * (places + 1) * width
    block = places * (4 * width * width + 8 * width * width) + scores
    of_both = 2 * block + places * width * 65
    assert multiply_adds_of_a_step(transformer(1, width, depth=2, context=places)) == 3 * of_both
