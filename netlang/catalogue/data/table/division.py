"""A division says which rows of a table are to learn from, to test on and to validate on.

Rows are drawn at random, of each class its share; or whole groups of rows are; or the last rows by
the order of a column are set aside. Each of several folds may be the test in its turn.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from netlang.catalogue.data.splits import (
    deal,
    deal_groups,
    part_sizes,
    split,
    split_groups,
    split_ordered,
)
from netlang.catalogue.randomness import generator, places
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Division(Record):
    """How so many ``rows``, numbered from 0, are divided: by the shares ``test`` and
    ``validation``.

    ``groups`` has the group of each of them, and ``keys`` what they are ordered by, where that is
    asked for. Of so many ``folds``, ``fold``, from 0, is the test.
    """

    rows: int
    test: float
    validation: float
    groups: list[str] | None = None
    keys: list[float] | None = None
    folds: int = 0
    fold: int = 0

    def sizes(self, seed: int) -> tuple[int, int, int]:
        """How many rows are to learn from, to test on and to validate on, without torch."""
        if (parts := self._without_classes(seed)) is not None:
            train, test, validation = map(len, parts)
            return train, test, validation
        count = self.rows
        if self.folds:
            tests = len(range(self.fold, count, self.folds))
            ((train, _, validation),) = part_sizes([count - tests], 0, self.validation)
            return train, tests, validation
        ((train, test, validation),) = part_sizes([count], self.test, self.validation)
        return train, test, validation

    def parts(self, seed: int, labels: Tensor | None) -> list[Tensor]:
        """The rows to learn from, to test on and to validate on, each part in ascending order.

        ``labels`` has the class of each row of the table, if there are classes.  Shape: [N] int64.
        """
        found = self._without_classes(seed)
        if found is None:
            return self._drawn(seed, labels)
        return [torch.tensor(part, dtype=torch.int64, device="cpu") for part in found]

    def part_of(self, rows: Tensor, seed: int) -> Tensor:
        """The part of some ``rows``, without the others: 0 to learn from, 1 to test on, and 2 to
        validate on. Parts have their share of all rows, and of each class about that.

        Shape: [N] int64 -> [N] int64.
        """
        _, test, validation = self.sizes(seed)
        at = places(rows, self.rows, seed, "split")
        tested = at < test
        if self.folds:
            tested = at % self.folds == self.fold
            # Its place among the rows that the fold leaves
            at = at - (at + self.folds - 1 - self.fold) // self.folds + test
        return torch.where(tested, 1, torch.where(at < test + validation, 2, 0))

    def _without_classes(self, seed: int) -> list[list[int]] | None:
        """The parts, where groups or an order say what they are; None where rows are drawn."""
        if self.groups is None and self.keys is None:
            return None
        if seed not in self._known:
            self._known[seed] = self._by_column(seed)
        return self._known[seed]

    @cached_property
    def _known(self) -> dict[int, list[list[int]]]:
        """The parts by their seed: the sizes are asked for before the rows."""
        return {}

    def _by_column(self, seed: int) -> list[list[int]]:
        if self.groups is None:
            assert self.keys is not None
            return split_ordered(self.keys, self.test, self.validation)
        if self.folds:
            return deal_groups(self.groups, self.folds, self.fold, self.validation, seed)
        return split_groups(self.groups, self.test, self.validation, seed)

    def _drawn(self, seed: int, labels: Tensor | None) -> list[Tensor]:
        groups = [torch.arange(self.rows, device="cpu")]
        if labels is not None:
            groups = [*torch.split(labels.argsort(stable=True), labels.bincount().tolist())]
        source = generator(seed, "split")
        if self.folds:
            return deal(groups, self.folds, self.fold, self.validation, source)
        return split(groups, self.test, self.validation, source)
