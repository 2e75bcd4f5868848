"""What two lists have in common, for each of the means by which it is found."""

from __future__ import annotations

import itertools
import random

import pytest

from netlang.system import matching
from netlang.system.matching import Matcher


@pytest.mark.parametrize("compared", [0, 30, 250_000])
def test_what_two_lists_have_in_common_is_in_both_and_in_order(
    compared: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_COMPARED", compared)
    for seed in range(40):
        draw = random.Random(seed)
        before = [draw.choice("abcdef") * draw.randint(1, 3) for _ in range(30)]
        after = [text for text in before if draw.random() < 0.8]
        blocks = Matcher(before, after).get_matching_blocks()
        assert all(before[i : i + n] == after[j : j + n] for i, j, n in blocks)
        for one, next_one in itertools.pairwise(blocks):
            assert one.a + one.size <= next_one.a
            assert one.b + one.size <= next_one.b


def test_equal_ends_and_texts_that_both_have_once_are_matched_whatever_the_length() -> None:
    repeated = ["same", "other"] * 2000
    before = ["head", *repeated, "once", *repeated, "tail"]
    after = ["head", *repeated[1:], "once", *repeated[:-1], "tail"]
    matched = {
        (i + k, j + k) for i, j, n in Matcher(before, after).get_matching_blocks() for k in range(n)
    }
    for text in ("head", "once", "tail"):
        assert (before.index(text), after.index(text)) in matched


def test_of_texts_that_both_have_once_as_many_are_matched_as_stand_in_one_order() -> None:
    for seed in range(40):
        draw = random.Random(seed)
        before, after = (draw.sample("abcdefgh", 8) for _ in range(2))
        matched = sum(n for _, _, n in Matcher(["x", *before], ["y", *after]).get_matching_blocks())
        rows = (row for n in range(9) for row in itertools.combinations(before, n))
        assert matched == max(len(row) for row in rows if sorted(row, key=after.index) == [*row])


def test_a_text_that_moved_behind_the_others_is_the_only_one_without_a_partner() -> None:
    before = ["dropout", "linear", "relu", "head"]
    blocks = Matcher(before, [*before[1:], before[0]]).get_matching_blocks()
    assert [(i, j, n) for i, j, n in blocks if n] == [(1, 0, 3)]
