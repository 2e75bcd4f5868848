"""A table's rows are split into those for training, for validation and for the test.

Shares hold for all rows, and for each class as nearly as whole rows allow. What changes here has to
change in its twin, the text for exported files in netlang/lowering/pytorch/csv_file.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.randomness import generator
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Shares(Record):
    """The shares of the rows that are set aside, each below 1."""

    test: float
    validation: float


class Sizes(Record):
    """How many rows each part has."""

    train: int
    validation: int
    test: int


def sizes(rows: int, shares: Shares) -> Sizes:
    """How many of ``rows`` each part has: within one of its share."""
    test, share = round(shares.test * rows), shares.validation * rows
    # A half is rounded so that the rows for training stay within one of their share.
    validation = math.ceil(share - 0.5) if test > shares.test * rows else math.floor(share + 0.5)
    validation = min(validation, rows - test)
    return Sizes(rows - test - validation, validation, test)


def spread(groups: Sequence[int], shares: Shares) -> list[Sizes]:
    """How many rows of each group each part has; the sums are those of ``sizes``.

    A group's rows for the test are less than one from its share; so are those of the other parts,
    if the test leaves that possible. The test's rows do not depend on the share of validation.
    If groups have equal claims to a row, the first one gets it.
    """
    whole = sizes(sum(groups), shares)
    quotas = [shares.test * rows for rows in groups]
    tests = apportion(whole.test, quotas, groups, [0.0] * len(groups))
    # The other two parts make up for the test's distance from its share, half and half.
    halves = [(test - quota) / 2 for test, quota in zip(tests, quotas, strict=True)]
    quotas = [shares.validation * rows - half for rows, half in zip(groups, halves, strict=True)]
    left = [rows - test for rows, test in zip(groups, tests, strict=True)]
    validations = apportion(whole.validation, quotas, left, [abs(half) for half in halves])
    return [
        Sizes(rows - validation, validation, test)
        for rows, validation, test in zip(left, validations, tests, strict=True)
    ]


def apportion(
    total: int, quotas: Sequence[float], most: Sequence[int], off: Sequence[float]
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
        open = [i for i, count in enumerate(counts) if 0 <= count + sign <= most[i]]
        open = sorted(open, key=lambda i: _urgency(gaps[i], off[i]), reverse=True)
        for i in open[: abs(missing)]:
            counts[i] += sign
    return counts


def _urgency(gap: float, off: float) -> tuple[float, float]:
    """How much a number that is ``gap`` below its quota needs one more row.

    It is ``gap + off`` away from one of its shares, and with the row ``1 + off - gap`` from the
    other. How much the row takes off what is beyond 1 counts first, and then the gap.
    """
    return max(gap + off - 1, 0) - max(off - gap, 0), gap


def split(labels: Tensor, shares: Shares, seed: int) -> list[Tensor]:
    """The rows for training, for validation and for the test, each in ascending order.

    ``labels`` [N] are the classes of the rows, from 0; rows without classes are all of class 0.
    """
    groups = torch.split(labels.argsort(stable=True), labels.bincount().tolist())
    source = generator(seed, "split")
    shuffled = [rows[torch.randperm(len(rows), generator=source, device="cpu")] for rows in groups]
    # In the order of the classes, the first ones would always get one row more than others.
    shuffled = [shuffled[i] for i in torch.randperm(len(groups), generator=source, device="cpu")]
    counts = spread([len(rows) for rows in shuffled], shares)
    # The test rows stay the same, whatever share is set aside for validation.
    pieces = [
        torch.split(rows, [count.test, count.validation, count.train])
        for rows, count in zip(shuffled, counts, strict=True)
    ]
    test, validation, train = (torch.cat(part).sort().values for part in zip(*pieces, strict=True))
    return [train, validation, test]
