"""Training samples as each epoch sees them: a file's augmentations change them in its order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from netlang.catalogue.augment import Augmentation, AugmentedData, Draws, Seen
from netlang.catalogue.data import Split, Text
from netlang.compiler.ir import Program
from netlang.engine.threads import torch_threads
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


_PIECE = 1 << 18  # numbers that are changed at a time, so that a processor's cache holds them


class Augmenting(Record):
    """Changes samples by ``steps``, one after the other, for a training from a ``seed``."""

    steps: Sequence[Augmentation]
    data: AugmentedData
    seed: int

    @classmethod
    def of(cls, program: Program, split: Split) -> Augmenting | None:
        """How ``program`` changes the training samples of ``split``; None where it does not."""
        found = program.description
        if not program.augment or found is None:
            return None
        outputs = program.graph.output.sizes
        stride = program.data.stride_in("train") if isinstance(program.data, Text) else 0
        inputs = split.train.inputs
        data = AugmentedData(
            found,
            len(inputs),
            outputs,
            cache(lambda number: _as_inputs(number, split)),
            cache(lambda: _means(inputs)),
            stride,
        )
        return cls(program.augment, data, program.seed)

    def seen(self, inputs: Tensor, targets: Tensor, numbers: Tensor, epoch: int) -> Seen:
        """The samples of these ``numbers`` as an epoch sees them.

        Shape: inputs and targets [N, *] of all samples; numbers [n] int64.
        """
        size = max(1, _PIECE // max(1, inputs[:1].numel()))
        pieces = torch.split(numbers.to(inputs.device), size)
        found = [self._seen(inputs, targets, one, epoch, len(self.steps)) for one in pieces]
        return found[0] if len(found) == 1 else _joined(found)

    def _seen(
        self, inputs: Tensor, targets: Tensor, numbers: Tensor, epoch: int, places: int
    ) -> Seen:
        """The same behind so many of the steps alone."""
        found = Seen(inputs.index_select(0, numbers), targets.index_select(0, numbers))
        for place, step in enumerate(self.steps[:places]):

            def others(some: Tensor, before: int = place) -> Seen:
                return self._seen(inputs, targets, some, epoch, before)

            key = self.seed, epoch, place
            found = step.apply(found, Draws(*key, numbers, inputs.dtype, self.data, others))
        return found


def _joined(pieces: Sequence[Seen]) -> Seen:
    inputs, targets = (
        torch.cat([getattr(one, name) for one in pieces]) for name in ("inputs", "targets")
    )
    mixed = [one.mixed for one in pieces if one.mixed is not None]
    return Seen(inputs, targets, torch.cat(mixed) if mixed else None)


def _as_inputs(number: float, split: Split) -> Tensor:
    """The inputs of a sample all of whose numbers are this one.  Shape: that of a sample."""
    numbers = torch.full_like(split.train.inputs[:1], number, dtype=torch.float64)
    return (split.pipeline.to_inputs(numbers) if split.pipeline else numbers)[0]


def _means(inputs: Tensor) -> Tensor:
    """The mean of each feature, of each channel of pictures [C, H, W], or of all numbers of samples
    [H, W]; padding does not count.  Shape: one that is computed with a sample's.
    """
    with torch_threads(1):  # as a sum's bits depend on their number
        if inputs.dim() == 3 and inputs.isnan().any():  # sequences of features
            return inputs.nanmean((0, 1))
        dims = [dim for dim in range(inputs.dim()) if dim != 1 or inputs.dim() == 3]
        means: Tensor = inputs.nanmean(dims, keepdim=True)
        return means[0]
