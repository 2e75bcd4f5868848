"""Which part of a batch a process has: some of the slices that an engine cuts each batch into.

An engine sums the gradients of slices as a tree: neighbours first, then the sums of neighbours. So
processes that have a block of 2, 4 or 8 of them each can go on with its sums, to the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from netlang.engine.batches import Batch
from netlang.engine.contract import Engine
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

# What slices measured of their samples, [slices, bytes] each, gets that of all slices of the batch.
BringTogether = Callable[[Sequence["Tensor"]], None]


class Share(Record):
    """``count`` samples of a batch, from number ``begin`` of it on, which fill its ``slices``.

    Where there are none, the inputs and numbers are those of any sample of the batch, and so is
    the target at ``begin``: layers that measure a batch go through it for what others measured.
    Shape: numbers [n], inputs [n, *], weights [n] if there are any; targets [m, *] those of the
    whole batch, or else of these samples, if ``begin`` is 0.
    """

    slices: range
    begin: int
    count: int
    numbers: Tensor
    inputs: Tensor
    targets: Tensor
    weights: Tensor | None
    epoch: int
    whole_size: int

    @classmethod
    def of(cls, batch: Batch, slices: int) -> Share:
        """All slices of a batch, or of a part of it that knows nothing of its other targets."""
        samples = batch.numbers, batch.inputs, batch.targets, batch.weights
        return cls(range(slices), 0, len(batch.inputs), *samples, batch.epoch, batch.whole_size)


def alone(measured: Sequence[Tensor]) -> None:
    """All slices are here."""


class SharableEngine(Engine, Protocol):
    """An engine whose batches are cut into ``slices`` of ``slice_samples``; the last ones may have
    fewer, or none. What it yields to evaluate has ``evaluated_at_once`` samples, but for the last
    of it. The bits of each depend on no more than the ``evaluated_together`` that it is one of.
    """

    slices: int
    slice_samples: int
    evaluated_at_once: int
    evaluated_together: int

    def share_gradients(
        self, share: Share, bring_together: BringTogether, gradients: Tensor
    ) -> Tensor:
        """Set ``gradients`` to those of some slices, summed as a tree. Returns their outputs.

        Those of the network may change, too.
        """
        ...


def tree_sum(parts: Sequence[Tensor]) -> Tensor:
    """The sum of ``parts``, neighbours first; it changes them, and is the first."""
    apart = 1
    while apart < len(parts):
        for place in range(0, len(parts) - apart, 2 * apart):
            parts[place].add_(parts[place + apart])
        apart *= 2
    return parts[0]
