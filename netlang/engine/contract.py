"""What an engine is: it trains a network in place, and evaluates it.

Its callers need to know no more, not even whether it computes with tensors or in C.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.network import Network

if TYPE_CHECKING:
    from torch import Tensor


UNCHANGED: Hyper = MappingProxyType({})  # all hyper-parameters are the optimizer's own


class Engine(Protocol):
    """Trains ``network`` for batches of one size, and evaluates it.

    ``note`` says why it is not the engine that was asked for; else it is empty.
    """

    name: str
    note: str
    network: Network
    loss: Loss
    optimizer: Optimizer
    batch_size: int  # samples in each batch, but for the last one of an epoch

    def gradients(self, batch: Batch) -> Tensor:
        """Set ``network.gradients`` for one step; returns the outputs, dropout included.

        The gradients of a part of a batch are its share: those of all parts add up to the whole
        batch's.  Raises ValueError for a batch that does not fit the network or this size.
        """
        ...

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        """Change the weights by what ``network.gradients`` says, with ``hyper`` for this step.

        Raises TypeError for what is no number among the optimizer's arguments.
        """
        ...

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Do what ``gradients`` and ``update`` do, for ``steps`` steps from ``start`` on or to the
        end of its epoch; yields the (outputs, targets) of many steps at a time.

        ``hyper`` is for all steps, or one for each, such as ``[{"lr": 0.1}, {"lr": 0.05}]``.
        Outputs are those of training, computed before each step, dropout included. They and their
        targets come in the epoch's order; later steps leave them as they are.  Raises ValueError
        for batches of another size, for less than one step, if ``hyper`` has more or fewer steps,
        and for parts of batches: their gradients have to be added up before each update. Raises
        TypeError or ValueError for any value that ``update`` refuses, before the first step.
        """
        ...

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        """The network's outputs for ``inputs``, dropout off, in parts that follow each other.

        Raises ValueError for inputs that do not fit the network.
        """
        ...
