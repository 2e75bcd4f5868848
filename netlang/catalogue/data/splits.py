"""A table's rows are split into those to learn from, to test on and to validate on.

The shares of the parts hold for all rows, and for each class as nearly as whole rows allow. An
exported file has copies of these functions, so they use nothing but each other, torch and Python's
own modules, and a formatter leaves them as they are with its usual lines of 88 characters.
"""

from __future__ import annotations

import bisect
import hashlib
import heapq
import math
from collections import Counter

from netlang.system.lazy import torch


def split(
    groups: list[torch.Tensor], test: float, validation: float, source: torch.Generator
) -> list[torch.Tensor]:
    """The rows to learn from, to test on and to validate on, each part in ascending order.

    Each of the ``groups`` [N] holds the rows of a class; ``test`` and ``validation`` are shares.
    """

    def order(count: int) -> torch.Tensor:
        return torch.randperm(count, generator=source, device="cpu")

    shuffled = [rows[order(len(rows))] for rows in groups]
    # In the order of the classes, the first ones would always get one row more than others.
    shuffled = [shuffled[i] for i in order(len(groups))]
    sizes = part_sizes([len(rows) for rows in shuffled], test, validation)
    # The test comes first: its rows stay the same, whatever share is set aside for validation.
    pieces = [
        torch.split(rows, [tests, validations, trains])
        for rows, (trains, tests, validations) in zip(shuffled, sizes, strict=True)
    ]
    tested, validated, trained = (
        torch.cat(part).sort().values for part in zip(*pieces, strict=True)
    )
    return [trained, tested, validated]


def part_sizes(
    groups: list[int],
    test: float,
    validation: float,
) -> list[tuple[int, int, int]]:
    """How many rows of each group are to learn from, to test on and to validate on.

    A part is within one row of its share. In a group, the test is less than one row from its share,
    and so are the other parts if the test leaves that possible. The test's rows do not depend on
    the share of validation. If groups have equal claims to a row, the first one gets it.
    """
    rows = sum(groups)
    tested, share = round(test * rows), validation * rows
    # A half is rounded so that the rows to learn from stay within one of their share.
    test_is_larger = tested > test * rows
    validated = math.ceil(share - 0.5) if test_is_larger else math.floor(share + 0.5)
    quotas = [test * size for size in groups]
    tests = apportion(tested, quotas, groups, [0.0] * len(groups))
    # The other two parts make up for the test's distance from its share, half and half.
    halves = [(count - quota) / 2 for count, quota in zip(tests, quotas, strict=True)]
    quotas = [validation * n - half for n, half in zip(groups, halves, strict=True)]
    left = [size - count for size, count in zip(groups, tests, strict=True)]
    off = [abs(half) for half in halves]
    validations = apportion(min(validated, rows - tested), quotas, left, off)
    trains = [size - count for size, count in zip(left, validations, strict=True)]
    return list(zip(trains, tests, validations, strict=True))


def apportion(
    total: int,
    quotas: list[float],
    most: list[int],
    off: list[float],
) -> list[int]:
    """Whole numbers from 0 to ``most``, each next to its quota, whose sum is ``total``.

    Each quota is rounded down, and what is missing goes to the largest remainders. Some quotas lie
    between two shares, at a distance of ``off`` from each. If a number would be more than 1 away
    from one of these shares, it gets its row first.
    """
    counts = [min(max(math.floor(q), 0), m) for q, m in zip(quotas, most, strict=True)]
    while missing := total - sum(counts):
        sign = 1 if missing > 0 else -1
        gaps = [sign * (q - count) for q, count in zip(quotas, counts, strict=True)]
        # A number is gap + off away from one share, and with the row 1 + off - gap from the other.
        # How much the row takes off what is beyond 1 counts first, and then the gap.
        pairs = zip(gaps, off, strict=True)
        urgency = [(max(gap + o - 1, 0) - max(o - gap, 0), gap) for gap, o in pairs]
        free = [i for i, count in enumerate(counts) if 0 <= count + sign <= most[i]]
        free.sort(key=lambda i: urgency[i], reverse=True)
        for i in free[: abs(missing)]:
            counts[i] += sign
    return counts


def deal(
    groups: list[torch.Tensor],
    folds: int,
    fold: int,
    validation: float,
    source: torch.Generator,
) -> list[torch.Tensor]:
    """As ``split``, with the rows of one of so many ``folds``, counted from 0, to test on.

    The folds are within one row of each other in size, and in what they have of each class. The
    share of ``validation`` is one of the rows that the fold leaves.
    """

    def order(count: int) -> torch.Tensor:
        return torch.randperm(count, generator=source, device="cpu")

    shuffled = [rows[order(len(rows))] for rows in groups]
    # One after the other, as cards are dealt: the next class goes on where this one ends.
    ends = torch.tensor([0, *map(len, shuffled)], device="cpu").cumsum(0).tolist()
    dealt = [
        (torch.arange(len(rows), device="cpu") + end) % folds == fold
        for rows, end in zip(shuffled, ends, strict=False)
    ]
    tested = torch.cat([rows[its] for rows, its in zip(shuffled, dealt, strict=True)])
    rest = [rows[~its] for rows, its in zip(shuffled, dealt, strict=True)]
    sizes = part_sizes([len(rows) for rows in rest], 0, validation)
    pieces = [
        torch.split(rows, [validations, trains])
        for rows, (trains, _, validations) in zip(rest, sizes, strict=True)
    ]
    validated, trained = (torch.cat(part) for part in zip(*pieces, strict=True))
    return [rows.sort().values for rows in (trained, tested, validated)]


def split_groups(
    groups: list[str],
    test: float,
    validation: float,
    seed: int,
) -> list[list[int]]:
    """As ``split``, with all rows of a group in one part; ``groups`` has the group of each row.

    Groups come in an order that depends on their names and the seed. Each goes to a part that it
    brings nearer to its share, the test first; so no further group would bring a part nearer.
    Where all groups are too large for a part that is asked for, it has the smallest.
    """
    sizes, part_of = Counter(groups), {}
    left = in_hashed_order(groups, seed) if test or validation else []
    for part, share in ((1, test), (2, validation)):
        lacks, others = share * len(groups), []
        for group in left:
            if 2 * lacks > sizes[group]:
                part_of[group] = part
                lacks -= sizes[group]
            else:
                others.append(group)
        if share and others and len(others) == len(left):
            smallest = min(others, key=sizes.__getitem__)
            part_of[smallest] = part
            others.remove(smallest)
        left = others
    rows: list[list[int]] = [[], [], []]
    for row, group in enumerate(groups):
        rows[part_of.get(group, 0)].append(row)
    return rows


def deal_groups(
    groups: list[str],
    folds: int,
    fold: int,
    validation: float,
    seed: int,
) -> list[list[int]]:
    """As ``deal``, with all rows of a group in one fold, and in one part.

    The largest group comes first, and each goes to the fold that is smallest by then.
    """
    sizes, fold_of = Counter(groups), {}
    dealt = [(0, one) for one in range(folds)]  # each with its rows, the smallest first
    for group in sorted(in_hashed_order(groups, seed), key=lambda group: -sizes[group]):
        rows, fold_of[group] = dealt[0]
        heapq.heapreplace(dealt, (rows + sizes[group], fold_of[group]))
    tested = [row for row, group in enumerate(groups) if fold_of[group] == fold]
    rest = [row for row, group in enumerate(groups) if fold_of[group] != fold]
    parts = split_groups([groups[row] for row in rest], 0, validation, seed)
    trained, _, validated = ([rest[row] for row in part] for part in parts)
    return [trained, tested, validated]


def split_ordered(
    keys: list[float],
    test: float,
    validation: float,
) -> list[list[int]]:
    """As ``split``, with the last rows by their ``keys`` to test on, and those before to validate.

    Rows of equal keys are in one part, so a part is as near to its share as that leaves possible.
    """
    order = sorted(range(len(keys)), key=keys.__getitem__)
    count = len(order)
    ((trains, tests, validations),) = part_sizes([count], test, validation)
    starts = [i for i in range(1, count) if keys[order[i - 1]] != keys[order[i]]]
    last = next_to(count - tests, starts, count) if tests else count
    starts = [i for i in starts if i < last]
    first = next_to(trains, starts, last) if validations else last
    return [sorted(order[:first]), sorted(order[last:]), sorted(order[first:last])]


def next_to(wanted: int, numbers: list[int], none: int) -> int:
    """The one of ascending ``numbers`` that is next to the one ``wanted``; ``none`` if there is
    none.
    """
    at = bisect.bisect_left(numbers, wanted)
    near = numbers[max(0, at - 1) : at + 1]
    return min(near, key=lambda one: abs(one - wanted), default=none)


def in_hashed_order(groups: list[str], seed: int) -> list[str]:
    """The names of the groups, each once, in an order that depends on them and the seed."""
    return sorted(
        set(groups),
        key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).digest(),
    )
