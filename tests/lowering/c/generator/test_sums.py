"""C sums the slices that a process has, however many processes there are."""

from __future__ import annotations

import pytest

from netlang.lowering.c.generator.sums import loops, tree


def test_a_sum_takes_neighbours_first() -> None:
    assert tree(5).replace(" * next", "") == "(((of[0] + of[1]) + (of[2] + of[3])) + of[4])"


@pytest.mark.parametrize("slices", range(1, 18))
def test_there_is_a_loop_for_each_share_of_slices(slices: int) -> None:
    blocks = [1, 2, 4, 8, 16, 32]
    shares = {min(block, slices - at) for block in blocks for at in range(0, slices, block)}
    text = loops(slices)
    for share in shares:
        assert f"case {share}:\n" in text
    assert text.count("case ") == len(shares)
