"""The bound in C is written for the vectors of whatever processor it is compiled for."""

from __future__ import annotations

import platform

import numpy as np
import pytest

from tests.benchmarks.bound.loop import Loop
from tests.benchmarks.netlang_engine import Tensor
from tests.benchmarks.workloads import Workload, model1, model2

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
