"""What all engines have in common: an engine trains a network in place, and evaluates it.

Its callers need not know whether it computes with tensors or in C.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.descent import UNCHANGED, Descent
from netlang.engine.network import Network

if TYPE_CHECKING:
    from torch import Tensor


class Engine(Protocol):
    """Trains ``network`` by ``loss`` and ``descent``, and evaluates what that has as its result."""

    name: str
    note: str  # why it is not the engine that was asked for; empty if it is
    threads: int  # that share a step, at most
    threads_matter: bool  # whether the bits of a step depend on their number
    network: Network
    loss: Loss
    descent: Descent
    optimizer: Optimizer  # that of the descent
    batch_size: int  # samples in each step, but for the last one of an epoch

    def gradients(self, batch: Batch) -> Tensor:
        """Set ``network.gradients`` to those of the batch; returns the outputs, with dropout on.

        Where the batch has weights, its loss is that of each sample times its weight, divided by
        the number of samples if it is a mean. A weight of 0 leaves a sample out of the gradients.
        The gradients of all parts of a batch add up to those of the whole batch.  Raises ValueError
        for a batch that does not fit the network or ``batch_size``.
        """
        ...

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        """Do the descent's step with ``network.gradients``, and with ``hyper`` for it alone.

        Raises TypeError or ValueError as ``Optimizer.check`` does.
        """
        ...

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Do ``gradients`` and ``update`` for each batch from ``start`` on: ``steps`` times, or to
        the end of the epoch. Yields the (outputs, targets) of many steps at a time.

        ``hyper`` is for all steps, or a list has one for each: ``[{"lr": 0.1}, {"lr": 0.05}]``.
        What it does not say is the optimizer's own, or what its schedule makes of that.
        Outputs are those of ``gradients``, in the epoch's order. Later steps do not change them.

        Raises ValueError for batches of another size, for less than one step, for a ``hyper`` of
        more or fewer steps, and for parts of batches, as their gradients would have to be added up
        before each update; TypeError or ValueError for a value that ``update`` refuses. All of this
        is checked before the first step.
        """
        ...

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        """Yield the outputs of the descent's result for ``inputs``, with dropout off, part by part.

        Raises ValueError for inputs that do not fit the network.
        """
        ...
