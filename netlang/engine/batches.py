"""Which samples each step takes: their order, the batches, and each process's part of a batch.

The seed, the cursor, the rank and the number of processes decide it, and nothing else. So a run can
go on at any cursor, and processes share a batch without talking to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from netlang.catalogue.randomness import permutation
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

    Fitted = tuple[Tensor, Tensor]


class Cursor(NamedTuple):
    """The step that comes next: ``epoch`` counts from 1, its ``step`` from 0."""

    epoch: int = 1
    step: int = 0


class Batch(Record):
    """What one process takes of a step.

    Shape: samples [n] int64, inputs [n, *], targets [n, *]. n may be 0.
    """

    samples: Tensor  # their numbers in the data set
    inputs: Tensor
    targets: Tensor
    epoch: int
    whole: int  # samples in the whole batch, which all processes take together


class Batches:
    """Batches of ``size`` samples, of which this process, one of ``world``, takes part ``rank``.

    Shape: inputs [N, *], targets [N, *].  The last batch of an epoch may be smaller.  Raises
    ValueError if there is no sample, not one target for each, or no such size or part.
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor,
        size: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        if not len(inputs):
            raise ValueError("batches are made of one sample at least")
        if len(targets) != len(inputs):
            raise ValueError(f"{len(inputs)} samples have no {len(targets)} targets")
        if size < 1:
            raise ValueError(f"a batch has one sample at least, not {size}")
        if not 0 <= rank < world:
            raise ValueError(f"there is no process {rank} among {world}, counted from 0")
        self.inputs, self.targets = inputs, targets
        self.size, self.seed, self.rank, self.world = size, seed, rank, world
        self.steps = -(-len(inputs) // size)  # of an epoch
        self._order: tuple[int, Tensor] | None = None  # the last epoch that was asked for
        self._fitted: tuple[object, Fitted, Fitted] | None = None

    def __contains__(self, cursor: Cursor) -> bool:
        """Whether there is such a step: of epochs there is no end."""
        return cursor.epoch >= 1 and 0 <= cursor.step < self.steps

    def samples(self, cursor: Cursor, steps: int | None = None) -> Tensor:
        """The numbers of all samples that the next ``steps`` take, whichever process has them.

        There are no more than the epoch has left, and None stands for all of these.
        Shape: [n], int64.  Raises ValueError if the epoch has no such step, or for no steps.
        """
        if steps is not None and steps < 1:
            raise ValueError(f"samples are for one step at least, not {steps}")
        if cursor not in self:
            raise ValueError(f"epochs count from 1 and have {self.steps} steps, not {cursor}")
        if self._order is None or self._order[0] != cursor.epoch:
            order = permutation(len(self.inputs), self.seed, cursor.epoch)
            self._order = cursor.epoch, order
        begin = cursor.step * self.size
        end = None if steps is None else begin + steps * self.size
        return self._order[1][begin:end]

    def batch(self, cursor: Cursor) -> Batch:
        """This process's part of the next step.  Raises ValueError as ``samples`` does."""
        whole = self.samples(cursor, 1)
        begin, end = (len(whole) * rank // self.world for rank in (self.rank, self.rank + 1))
        samples = whole[begin:end]
        inputs, targets = self.inputs[samples], self.targets[samples]
        return Batch(samples, inputs, targets, cursor.epoch, len(whole))

    def fitted(self, asked: object, fit: Callable[[Tensor, Tensor], Fitted]) -> Fitted:
        """What ``fit`` makes of all inputs and targets.

        It is made once, until ``asked`` or the samples change. So checks, and moves to another
        device, cost nothing from the second epoch on.
        """
        tensors = self.inputs, self.targets
        if any(one.is_inference() for one in tensors):  # torch counts no changes of these
            return fit(*tensors)
        known = asked, *((id(one), one._version) for one in tensors)
        if self._fitted is None or self._fitted[0] != known:
            self._fitted = known, tensors, fit(*tensors)  # held, so that no other gets their id
        return self._fitted[2]

    def rest(self, cursor: Cursor) -> Iterator[Batch]:
        """This process's parts of all steps that the epoch has left."""
        for step in range(cursor.step, self.steps):
            yield self.batch(Cursor(cursor.epoch, step))

    def after(self, cursor: Cursor, steps: int = 1) -> Cursor:
        """Where the cursor stands once so many ``steps`` are done."""
        epochs, step = divmod(cursor.step + steps, self.steps)
        return Cursor(cursor.epoch + epochs, step)
