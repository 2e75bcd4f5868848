"""Which rows of a table are to learn from, to validate on and to test on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.lazy import torch
from netlang.randomness import generator
from netlang.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Shares(Record):
    """The shares of all rows that are set aside, each below 1."""

    test: float
    validation: float


def sizes(groups: Sequence[int], shares: Shares) -> list[tuple[int, int, int]]:
    """Of groups of so many rows: how many are to learn from, to validate on and to test on."""
    return [_sizes(rows, shares) for rows in groups]


def split(groups: Sequence[Sequence[int]], shares: Shares, seed: int) -> list[Tensor]:
    """The rows to learn from, to validate on and to test on, each in ascending order.

    ``groups`` has the rows of each class, or one group of all.
    """
    source = generator(seed, "split")
    parts: tuple[list[Tensor], ...] = ([], [], [])
    counts = sizes([len(group) for group in groups], shares)
    for group, (train, validation, test) in zip(groups, counts, strict=True):
        shuffled = torch.tensor(group)[torch.randperm(len(group), generator=source)]
        # The test rows stay the same, whatever share is set aside for validation.
        pieces = torch.split(shuffled, [test, validation, train])
        for part, piece in zip(parts, reversed(pieces), strict=True):
            part.append(piece)
    return [torch.cat(part).sort().values for part in parts]


def _sizes(rows: int, shares: Shares) -> tuple[int, int, int]:
    test, validation = round(shares.test * rows), round(shares.validation * rows)
    return max(rows - test - validation, 0), validation, test
