"""A table's rows are split into those to learn from, to test on and to validate on.

The shares of the parts hold for all rows, and for each class as nearly as whole rows allow. An
exported file has copies of these functions, so they use nothing but each other, torch and math, and
a formatter leaves them as they are with its usual lines of 88 characters.
"""

from __future__ import annotations

import math

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
