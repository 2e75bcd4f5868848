"""Which samples each step takes: their order, the batches, and each process's part of a batch.

This depends on the seed, the cursor, the rank and the number of processes alone. So a run can go on
at any cursor, and processes share a batch without talking to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from netlang.catalogue.augment import Seen
from netlang.catalogue.randomness import permutation
from netlang.engine.augmenting import Augmenting
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_Converted = TypeVar("_Converted")


class Cursor(NamedTuple):
    """The step that comes next: ``epoch`` counts from 1, its ``step`` from 0."""

    epoch: int = 1
    step: int = 0


class Batch(Record):
    """The samples of a step, or one process's part of them, as the epoch sees them.

    Shape: numbers [n] int64, inputs [n, *], targets [n, *], weights [n] if there are any. n may
    be 0.
    """

    numbers: Tensor  # of its samples in the data set
    inputs: Tensor
    targets: Tensor
    epoch: int
    whole_size: int  # samples in the whole batch, which all processes take together
    weights: Tensor | None = None  # how much each sample counts in the loss


class Batches:
    """All samples, in batches of ``size``; the last batch of an epoch may be smaller.

    ``augmenting`` changes the samples of each epoch; without it, they are taken as they are.
    Where ``world`` processes share each batch, this one takes part number ``rank``. ``weights`` say
    how much each sample counts in the loss; without them, all count the same.

    Shape: inputs [N, *], targets [N, *], weights [N].  Raises ValueError for no samples, for more
    or fewer targets or weights than inputs, and for a size or a rank that is out of range.
    """

    def __init__(
        self,
        inputs: Tensor,
        targets: Tensor,
        size: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
        weights: Tensor | None = None,
        augmenting: Augmenting | None = None,
    ) -> None:
        if not len(inputs):
            raise ValueError("batches are made of one sample at least")
        if len(targets) != len(inputs):
            raise ValueError(f"{len(inputs)} samples have no {len(targets)} targets")
        if weights is not None and len(weights) != len(inputs):
            raise ValueError(f"{len(inputs)} samples have no {len(weights)} weights")
        if size < 1:
            raise ValueError(f"a batch has one sample at least, not {size}")
        if not 0 <= rank < world:
            raise ValueError(f"there is no process {rank} among {world}, counted from 0")
        self.inputs, self.targets, self.weights = inputs, targets, weights
        self.size, self.seed, self.rank, self.world = size, seed, rank, world
        self.augmenting = augmenting
        self.count = len(inputs)  # of samples in an epoch
        self.steps = -(-len(inputs) // size)  # of an epoch
        self._permutation: tuple[int, Tensor] | None = None  # of the last epoch, and its number
        self._converted: tuple[object, object, Any] | None = None

    def __contains__(self, cursor: Cursor) -> bool:
        """Whether there is a step at ``cursor``; epochs go on without end."""
        return cursor.epoch >= 1 and 0 <= cursor.step < self.steps

    def order(self, cursor: Cursor, steps: int | None = None) -> Tensor:
        """The numbers of the samples that the next ``steps`` take, whichever process has them.

        The order stops at the end of the epoch, and goes up to it without ``steps``.
        Shape: [n], int64.  Raises ValueError for a cursor that is not in it, and for no steps.
        """
        self.check(cursor, steps)
        if self._permutation is None or self._permutation[0] != cursor.epoch:
            order = permutation(len(self.inputs), self.seed, cursor.epoch)
            self._permutation = cursor.epoch, order
        begin = cursor.step * self.size
        end = None if steps is None else begin + steps * self.size
        return self._permutation[1][begin:end]

    def check(self, cursor: Cursor, steps: int | None) -> None:
        """Raises ValueError for a cursor that is not in it, and for no steps."""
        if steps is not None and steps < 1:
            raise ValueError(f"samples are for one step at least, not {steps}")
        if cursor not in self:
            raise ValueError(f"epochs count from 1 and have {self.steps} steps, not {cursor}")

    @property
    def lays_out(self) -> bool:
        """Whether ``seen`` makes samples of its own, instead of taking some of those that are."""
        return self.augmenting is not None

    def windows(
        self, start: Cursor, steps: int | None = None
    ) -> Iterator[tuple[Batches, Cursor, int | None]]:
        """The batches that an engine runs one after the other, where each begins, and how many
        steps it has: all that are in memory, or a window of a file at a time.
        """
        yield self, start, steps

    def batch(self, cursor: Cursor) -> Batch:
        """This process's part of the batch at ``cursor``.  Raises ValueError as ``order`` does."""
        whole = self.order(cursor, 1)
        begin, end = (len(whole) * rank // self.world for rank in (self.rank, self.rank + 1))
        numbers = whole[begin:end]
        seen = self.seen(self.inputs, self.targets, numbers, cursor.epoch)
        weights = None if self.weights is None else self.weights[numbers]
        return Batch(numbers, seen.inputs, seen.of_loss, cursor.epoch, len(whole), weights)

    def seen(self, inputs: Tensor, targets: Tensor, numbers: Tensor, epoch: int) -> Seen:
        """The samples of these ``numbers`` as an epoch sees them, where ``inputs`` and ``targets``
        are all of them, as an engine takes them.
        """
        if self.augmenting is None:
            return Seen(inputs[numbers], targets[numbers])
        return self.augmenting.seen(inputs, targets, numbers, epoch)

    def weights_at(self, cursor: Cursor, steps: int) -> Tensor | None:
        """How much each sample counts that the next ``steps`` take, if there are weights.

        Shape: [n].  Raises ValueError as ``order`` does.
        """
        return None if self.weights is None else self.weights[self.order(cursor, steps)]

    def converted(self, key: object, convert: Callable[..., _Converted]) -> _Converted:
        """What ``convert`` makes of all inputs, targets, and weights if there are any.

        It is called again only for another ``key``, or after the samples were changed. So checks,
        and moves to another device, cost nothing from the second epoch on.
        """
        tensors = [self.inputs, self.targets]
        if self.weights is not None:
            tensors.append(self.weights)
        if any(one.is_inference() for one in tensors):  # torch counts no changes of these
            return convert(*tensors)
        known = key, *((id(one), one._version) for one in tensors)
        if self._converted is None or self._converted[0] != known:
            # The tensors are held, so that no other gets their id.
            self._converted = known, tensors, convert(*tensors)
        converted: _Converted = self._converted[2]
        return converted

    def rest(self, cursor: Cursor) -> Iterator[Batch]:
        """Yield this process's parts of all batches that the epoch has left."""
        for step in range(cursor.step, self.steps):
            yield self.batch(Cursor(cursor.epoch, step))

    def after(self, cursor: Cursor, steps: int = 1) -> Cursor:
        """Where ``cursor`` is after so many ``steps``."""
        epochs, step = divmod(cursor.step + steps, self.steps)
        return Cursor(cursor.epoch + epochs, step)
