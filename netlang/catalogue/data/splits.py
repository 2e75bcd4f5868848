"""Which rows of a table are to learn from, to validate on and to test on.

Shares hold over all rows, and over each class as nearly as whole rows allow.
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
    """The shares of all rows that are set aside, each below 1."""

    test: float
    validation: float


class Sizes(Record):
    """How many rows there are of each part."""

    train: int
    validation: int
    test: int


def sizes(rows: int, shares: Shares) -> Sizes:
    """Of so many rows in all, how many each part has: within one of its share."""
    test, share = round(shares.test * rows), shares.validation * rows
    # A half is rounded the way that leaves within one of what is due to learn from.
    validation = math.ceil(share - 0.5) if test > shares.test * rows else math.floor(share + 0.5)
    validation = min(validation, rows - test)
    return Sizes(rows - test - validation, validation, test)


def spread(groups: Sequence[int], shares: Shares) -> list[Sizes]:
    """How many of each group's rows each part has; in sum, those of ``sizes``.

    To test on, no group has one more or less than its share; nor has another part, if those to
    test on leave that possible. They do not depend on the validation's share. Groups that are
    equally near to another row get it in their order.
    """
    whole = sizes(sum(groups), shares)
    quotas = [shares.test * rows for rows in groups]
    tests = apportion(whole.test, quotas, groups, [0.0] * len(groups))
    # What is off a share there is made up for by the other two parts, half and half.
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
    """Whole numbers next to their quotas, from 0 to ``most``, that sum to ``total``.

    The largest remainders are rounded up, but first those that else are more than one from a share
    that is ``off`` from the quota, on either side.
    """
    counts = [min(max(math.floor(q), 0), m) for q, m in zip(quotas, most, strict=True)]
    while missing := total - sum(counts):
        step = 1 if missing > 0 else -1
        gaps = [step * (q - count) for q, count in zip(quotas, counts, strict=True)]
        open = [i for i, count in enumerate(counts) if 0 <= count + step <= most[i]]
        open = sorted(open, key=lambda i: _urgency(gaps[i], off[i]), reverse=True)
        for i in open[: abs(missing)]:
            counts[i] += step
    return counts


def _urgency(gap: float, off: float) -> tuple[float, float]:
    """How much less there is beyond one from the shares after a step than without; and the gap."""
    return max(gap + off - 1, 0) - max(off - gap, 0), gap


def split(labels: Tensor, shares: Shares, seed: int) -> list[Tensor]:
    """The rows to learn from, to validate on and to test on, each in ascending order.

    ``labels`` [N] has the class of each row, from 0; of rows without classes, all are of one.
    """
    groups = torch.split(labels.argsort(stable=True), labels.bincount().tolist())
    source = generator(seed, "split")
    shuffled = [rows[torch.randperm(len(rows), generator=source)] for rows in groups]
    # In the order of the classes, it would be the first that get one row more than others.
    shuffled = [shuffled[i] for i in torch.randperm(len(groups), generator=source)]
    parts: tuple[list[Tensor], ...] = ([], [], [])
    counts = spread([len(rows) for rows in shuffled], shares)
    for rows, count in zip(shuffled, counts, strict=True):
        # The test rows stay the same, whatever share is set aside for validation.
        pieces = torch.split(rows, [count.test, count.validation, count.train])
        for part, piece in zip(parts, reversed(pieces), strict=True):
            part.append(piece)
    return [torch.cat(part).sort().values for part in parts]
