"""What C for blocks cannot say of a lone sample is known by the prelude itself."""

from __future__ import annotations

import pytest

from netlang.lowering.c.generator.lone import can_be_alone
from netlang.lowering.c.kernels import BLOCKS, Routine


@pytest.mark.parametrize(
    ("forward", "can"),
    [
        ("y[0] = where(x[0] > 0, EXP_EACH(x[0]), all(0));", True),
        ("for (int i = most(a, b); i < up(n, 2); i++) y[i] = x[i] * drawn(s, key, i);", True),
        ("y[0] = sum_of(n, x);", False),
        ("sum_rows(N, n, x, y, 0);", False),  # calls what is written with vectors
        ("product(N, n, depth, x, n, 1, w, n, y, n, NULL, 0);", False),
        ("for (int lane = 0; lane < LANES; lane++) y[0][lane] = x[0][lane];", False),
    ],
)
def test_vectors_need_more_than_one_sample(forward: str, can: bool) -> None:
    assert can_be_alone(Routine(forward, ("",), layout=BLOCKS)) == can
