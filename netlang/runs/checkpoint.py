"""A checkpoint keeps all that a training needs to go on after any step, to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlang.engine import Cursor, Engine
from netlang.runs.measurement import Sums
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Checkpoint(Record):
    """A training between two steps. It stays as it is while the training goes on.

    ``epoch`` is under way, or all its steps are done: then ``cursor``, which names the step that
    comes next, stands at the next epoch's first. ``sums`` are what the outputs of this epoch
    have come to, ``seconds`` is the time that its steps took, and ``train_seconds`` the time of the
    steps of all epochs before it.
    """

    epoch: int
    cursor: Cursor
    steps: int  # that the optimizer has taken
    tensors: Mapping[str, Tensor]  # by name: the network's vectors, and the optimizer's state
    sums: Sums
    seconds: float
    train_seconds: float


def tensors(engine: Engine) -> dict[str, Tensor]:
    """The tensors that training changes, by their names in a checkpoint."""
    network, optimizer = engine.network, engine.optimizer
    kept: dict[str, Any] = {"parameters": network.parameters, "statistics": network.statistics}
    return kept | dict(zip(optimizer.state, optimizer.vectors(), strict=True))
