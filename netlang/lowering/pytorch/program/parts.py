"""What all definitions of a file go by: a program that trains, and its parts in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.compiler.ir import Program
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.augment import AS_INPUTS
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition, TorchLoss
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.program.steps import Steps
from netlang.system.record import Record


class Parts(Record):
    """``loss``, ``data`` and ``steps`` are what those of the ``program`` are in PyTorch."""

    program: Program
    model: Model
    loss: TorchLoss
    data: TorchData
    steps: Steps

    @property
    def taken(self) -> str:
        """What ``train_epoch`` takes behind the optimizer."""
        return "".join(f"{name}, " for name in self.steps.takes)

    def weights(self, name: str) -> str:
        """The weights of samples behind their targets, by that name, where samples have some."""
        return f", {name}" if self.data.weighted else ""

    def load_data(self, augment: Sequence[TorchDefinition]) -> TorchDefinition:
        """The definition of ``load_data``.  Raises Unsupported if it cannot say how it scales
        inputs, which some that ``augment`` them ask for.
        """
        if not any(AS_INPUTS in one.uses or one == AS_INPUTS for one in augment):
            return self.data.definition
        if self.data.scaling is None:
            what = "what comes in at the edges of standardised pictures"
            raise Unsupported(f"{what} has no counterpart in PyTorch yet for these data")
        return self.data.scaling
