"""Lengths that are texts of C are computed as C computes them."""

from __future__ import annotations

import pytest

from netlang.lowering.c.generator.lengths import estimated
from tests.together import together


@together(
    ("length", "numbers"),
    [
        ("7 - 2 * 3 + 9 / 2 % 3", 2),
        ("N == 20 && !(N > 20) ? 1 : N < 5 || N >= 20 ? 2 : 3", 1),
        ("N != 20 ? 1 : N <= 5 ? 2 : 3", 3),
        ("BLOCKS * LANES", 32),
        ("PAD(PAD(3) + N)", 48),
        ("IS_FEW(N) ? 1 : PAD(N)", 32),
        ("SUMS(2, 9)", 20),
    ],
)
def test_a_length_is_what_it_is_in_c(length: str, numbers: int) -> None:
    assert estimated(length, samples=20) == numbers


@pytest.mark.parametrize(
    "length", ["", "N +", "N 3", "UNHEARD_OF", "PAD(1, 2)", "sizeof(x)", "1 / 0"]
)
def test_of_what_cannot_be_read_nothing_is_told(length: str) -> None:
    assert estimated(length, samples=20) is None
