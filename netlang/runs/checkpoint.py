"""A checkpoint keeps all that a training needs to go on after any step, to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlang.compiler.ir import Program
from netlang.engine import Cursor, Engine
from netlang.engine.network import Network
from netlang.runs.measurement import Sums
from netlang.runs.stopping import BestEpoch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Checkpoint(Record):
    """A training between two steps. It stays as it is while the training goes on.

    ``cursor`` names the step that comes next. ``epoch`` is not measured yet: some of its steps are
    left, or none, and then the cursor stands at the first step of the epoch after it. ``sums`` come
    from the outputs of this epoch, and ``epoch_seconds`` is the time that its steps took.
    ``earlier_seconds`` is the time of all steps before it, and ``metrics`` are those of the epoch
    before.
    """

    program: Mapping[str, str]  # as ``identity_of`` gives it
    engine: str  # the name of the one that trained
    epoch: int
    cursor: Cursor
    steps: int  # that the optimizer has taken
    tensors: Mapping[str, Tensor]  # by name: the network's vectors, and the optimizer's state
    sums: Sums
    epoch_seconds: float
    earlier_seconds: float
    metrics: Mapping[str, float]
    best: BestEpoch | None = None  # of those before, if the program has a stopping rule

    def __repr__(self) -> str:
        """Where it is in the training alone, as its tensors would fill the screen."""
        return f"Checkpoint(epoch={self.epoch}, cursor={self.cursor})"

    def check(self, program: Program, engine: Engine) -> None:
        """Raise ValueError if it is of another program than the one that ``engine`` trains, or of
        another engine, whose bits would be others.
        """
        if engine.name != self.engine:
            why = f", and would be {engine.note}" if engine.note else ""
            raise ValueError(f"the checkpoint needs the backend {self.engine!r}{why}")
        identity = identity_of(program)
        differ = [name for name, text in identity.items() if self.program.get(name) != text]
        own = changing_tensors(engine)
        differ += [name for name in own if _form(self.tensors, name) != _form(own, name)]
        if self.best:
            kept, weights = self.best.tensors, weights_of(engine.network)
            differ += [name for name in weights if _form(kept, name) != _form(weights, name)]
        if differ:
            names = ", ".join(differ)
            raise ValueError(f"the checkpoint is of another program: these differ: {names}")


def identity_of(program: Program) -> dict[str, str]:
    """All that decides the bits of a training, as texts by name: the graph, and each setting.

    The number of epochs does not, and neither do the numbers among the optimizer's arguments, which
    may change from one step to the next.
    """
    assert program.optimizer
    assert program.data
    nodes = [(node.layer, node.inputs, node.shares, node.shape) for node in program.graph.nodes]
    values = program.optimizer.values
    fixed = {
        one.name: values[one.name]
        for one in program.optimizer.arguments
        if one.type.python not in (int, float)
    }
    named = {
        **{name: value for name, value in program.settings.items() if name != "epochs"},
        "graph": (nodes, program.graph.result),
        "batch": program.batch_size,
        "optimizer": (program.optimizer.name, fixed),
    }
    for number, file in enumerate(program.data.files, 1):
        named[f"data file {number} ({file.path.name})"] = file.sha256
    return {name: repr(value) for name, value in named.items()}


def changing_tensors(engine: Engine) -> dict[str, Tensor]:
    """The tensors that training changes, by their names in a checkpoint."""
    optimizer, kept = engine.optimizer, weights_of(engine.network)
    return kept | dict(zip(optimizer.state, optimizer.vectors(), strict=True))


def weights_of(network: Network) -> dict[str, Any]:
    """The tensors that decide what a trained network computes, by their names in a checkpoint."""
    return {"parameters": network.parameters, "statistics": network.statistics}


def _form(named: Mapping[str, Tensor], name: str) -> object:
    """The shape and dtype of a tensor; None if it is not there."""
    return (named[name].shape, named[name].dtype) if name in named else None
