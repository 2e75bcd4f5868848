"""Splits: their sizes, how classes are spread over them, and what they depend on."""

from __future__ import annotations

import inspect
import math
import time
from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netlang.catalogue.data.splits import (
    apportion,
    deal_groups,
    part_sizes,
    split,
    split_groups,
    split_ordered,
)
from netlang.catalogue.randomness import generator

PARTS = ("train", "test", "validation")


class Shares(NamedTuple):
    test: float
    validation: float


class Sizes(NamedTuple):
    train: int
    test: int
    validation: int


fractions = st.one_of(st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5, 2 / 3]), st.floats(0.001, 0.999))
shares = st.builds(Shares, fractions, st.one_of(st.just(0.0), fractions)).filter(
    lambda one: one.test + one.validation < 1
)
groups = st.lists(st.integers(1, 40), min_size=1, max_size=12)


def sizes(rows: int, shares: Shares) -> Sizes:
    return spread([rows], shares)[0]


def spread(groups: list[int], shares: Shares) -> list[Sizes]:
    return [Sizes(*one) for one in part_sizes(groups, *shares)]


def split_by(labels: torch.Tensor, shares: Shares, seed: int) -> list[torch.Tensor]:
    groups = [(labels == label).nonzero().flatten() for label in range(int(labels.max()) + 1)]
    return split(groups, *shares, generator(seed, "split"))


def due(rows: int, shares: Shares) -> dict[str, float]:
    """What each part's share of so many rows is."""
    train = 1 - shares.test - shares.validation
    return {
        "train": train * rows,
        "validation": shares.validation * rows,
        "test": shares.test * rows,
    }


def off(rows: int, shares: Shares, counts: Sizes) -> dict[str, float]:
    """By how much each part differs from its share."""
    return {part: abs(getattr(counts, part) - of) for part, of in due(rows, shares).items()}


@given(st.integers(1, 10**6), shares)
def test_parts_add_up_to_all_rows_and_are_within_one_of_their_shares(
    rows: int, shares: Shares
) -> None:
    counts = sizes(rows, shares)
    assert counts.train + counts.validation + counts.test == rows
    assert min(counts.train, counts.validation, counts.test) >= 0
    assert max(off(rows, shares, counts).values()) <= 1 + 1e-6


@given(groups, shares)
def test_groups_add_up_to_the_parts_and_to_their_own_rows(
    groups: list[int], shares: Shares
) -> None:
    counts, whole = spread(groups, shares), sizes(sum(groups), shares)
    for part in PARTS:
        assert sum(getattr(one, part) for one in counts) == getattr(whole, part)
        assert all(getattr(one, part) >= 0 for one in counts)
    for rows, one in zip(groups, counts, strict=True):
        assert one.train + one.validation + one.test == rows


@given(groups, shares)
def test_no_group_is_a_row_off_its_share_to_test_on(groups: list[int], shares: Shares) -> None:
    for rows, one in zip(groups, spread(groups, shares), strict=True):
        assert off(rows, shares, one)["test"] < 1 + 1e-9


@given(groups, shares)
def test_no_group_is_more_than_a_row_off_another_share_where_that_is_possible(
    groups: list[int], shares: Shares
) -> None:
    counts = spread(groups, shares)
    least = most = 0  # to validate on, such that no group is more than one off
    for rows, one in zip(groups, counts, strict=True):
        possible = [
            validation
            for validation in range(rows - one.test + 1)
            if max(
                off(
                    rows, shares, Sizes(rows - one.test - validation, one.test, validation)
                ).values()
            )
            <= 1 - 1e-9
        ]
        if not possible:
            return
        least, most = least + possible[0], most + possible[-1]
    if least <= sizes(sum(groups), shares).validation <= most:
        for rows, one in zip(groups, counts, strict=True):
            assert max(off(rows, shares, one).values()) <= 1 + 1e-6


@given(groups, shares)
def test_what_is_tested_on_does_not_depend_on_what_is_validated_on(
    groups: list[int], shares: Shares
) -> None:
    without = spread(groups, Shares(shares.test, 0.0))
    assert [one.test for one in spread(groups, shares)] == [one.test for one in without]
    assert not any(one.validation for one in without)


@given(st.lists(st.floats(0, 9), min_size=1, max_size=9), st.floats(0, 1))
def test_what_is_apportioned_sums_to_the_total_and_is_next_to_its_quota(
    quotas: list[float], rounding: float
) -> None:
    total = int(sum(quotas) + rounding)
    counts = apportion(total, quotas, [10] * len(quotas), [0.0] * len(quotas))
    assert sum(counts) == total
    raised = [q - int(q) for q, count in zip(quotas, counts, strict=True) if count > q]
    others = [q - int(q) for q, count in zip(quotas, counts, strict=True) if count <= q]
    assert all(abs(count - q) <= 1 for q, count in zip(quotas, counts, strict=True))
    assert not raised or not others or min(raised) >= max(others)


@pytest.mark.parametrize(
    ("classes", "rows", "test", "expected"),
    [
        (30, 7, 0.2, (168, 42)),
        (100, 3, 0.2, (240, 60)),
        (100, 2, 0.2, (160, 40)),
        (100, 1, 0.2, (80, 20)),
        (3, 50, 0.4, (90, 60)),
        (2, 1, 0.5, (1, 1)),
    ],
)
def test_the_share_holds_over_all_rows_however_small_their_classes(
    classes: int, rows: int, test: float, expected: tuple[int, int]
) -> None:
    shares = Shares(test, 0.0)
    whole = sizes(classes * rows, shares)
    assert (whole.train, whole.test) == expected
    counts = {one.test for one in spread([rows] * classes, shares)}
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("validation", [0.0, 0.1, 0.25])
def test_each_row_is_in_one_part_and_parts_are_as_large_as_said(validation: float) -> None:
    shares = Shares(0.3, validation)
    labels = torch.tensor([0, 1, 2, 1, 0, 4, 4, 4, 4, 0] + [3] * 21)
    parts = dict(zip(PARTS, split_by(labels, shares, 7), strict=True))
    assert sorted(torch.cat(list(parts.values())).tolist()) == list(range(31))
    whole = sizes(31, shares)
    for part, rows in parts.items():
        assert len(rows) == getattr(whole, part)
        assert all(a < b for a, b in pairwise(rows.tolist()))


def test_the_seed_alone_decides_and_the_share_to_validate_on_changes_no_test_row() -> None:
    labels = torch.arange(70) // 7
    first = split_by(labels, Shares(0.25, 0.0), 3)
    torch.manual_seed(1)
    again = split_by(labels, Shares(0.25, 0.0), 3)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    for validation in (0.1, 0.3, 0.7):
        assert torch.equal(split_by(labels, Shares(0.25, validation), 3)[1], first[1])
    assert not torch.equal(split_by(labels, Shares(0.25, 0.0), 4)[1], first[1])


def test_which_classes_get_a_row_more_is_drawn_and_not_their_order() -> None:
    labels = torch.arange(40) // 2
    tested = Counter[int]()
    for seed in range(40):
        tested.update((split_by(labels, Shares(0.2, 0.0), seed)[1] // 2).tolist())
    assert sum(tested.values()) == 40 * 8
    assert len(tested) == 20
    assert max(tested.values()) < 32


def test_the_text_of_the_functions_needs_nothing_but_torch_and_math() -> None:
    known: dict[str, Any] = {"torch": torch, "math": math}
    exec("\n\n".join(map(inspect.getsource, (apportion, part_sizes, split))), known)
    rows = [torch.arange(0, 20), torch.arange(20, 31)]
    parts = split(rows, 0.3, 0.1, generator(7, "split"))
    copied = known["split"](rows, 0.3, 0.1, generator(7, "split"))
    assert all(torch.equal(one, other) for one, other in zip(parts, copied, strict=True))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), shares, st.integers(0, 9))
def test_no_further_group_would_bring_a_part_nearer_to_its_share(
    groups: list[int], shares: Shares, seed: int
) -> None:
    rows = [f"g{number}" for number, size in enumerate(groups) for _ in range(size)]
    train, test, validation = split_groups(rows, *shares, seed)
    assert sorted([*train, *test, *validation]) == [*range(len(rows))]
    left = Counter(rows)
    for part, share in ((test, shares.test), (validation, shares.validation)):
        has = {rows[row] for row in part}
        others = [size for group, size in left.items() if group not in has]
        off = abs(len(part) - share * len(rows))
        assert not share or not left or part
        if share and len(part) != min(left.values(), default=0):
            further = [abs(len(part) + size - share * len(rows)) for size in others]
            assert off <= min(further, default=off) + 1e-9
        left = Counter({group: size for group, size in left.items() if group not in has})
    assert left == Counter(rows[row] for row in train)


@pytest.mark.parametrize("seed", range(8))
def test_a_giant_group_is_learnt_from(seed: int) -> None:
    rows = ["giant"] * 900 + [f"small {number}" for number in range(400)]
    train, test, validation = split_groups(rows, 0.2, 0.05, seed)
    assert (len(train), len(test), len(validation)) == (975, 260, 65)
    assert {*train} > {*range(900)}


def test_a_hundred_thousand_groups_are_divided_in_a_moment() -> None:
    rows = [f"g{number}" for number in range(100_000)]
    began = time.process_time()
    assert len(split_groups(rows, 0.4, 0.2, 0)[1]) == 40_000
    assert len(deal_groups(rows, 1000, 3, 0.0, 0)[1]) == 100
    assert time.process_time() - began < 2.5


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), shares)
def test_rows_of_equal_keys_are_in_one_part_and_parts_are_in_order(
    numbers: list[int], shares: Shares
) -> None:
    keys = [float(number) for number in numbers]
    train, test, validation = split_ordered(keys, *shares)
    parts = [{keys[row] for row in part} for part in (train, validation, test)]
    assert sorted([*train, *test, *validation]) == [*range(len(keys))]
    found = [part for part in parts if part]
    assert all(max(one) < min(other) for one, other in pairwise(found))
    wanted = sizes(len(keys), shares)
    counts = Counter(keys)
    assert abs(len(test) - wanted.test) <= max(counts.values())
    if len(counts) == len(keys) and wanted.train:
        assert (len(train), len(test), len(validation)) == wanted
