"""Lion takes steps of one size, in the direction of a running mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.catalogue.optimizers.optimizer import LR_WORDS


class Lion(WeightDecay):
    """Each weight moves by lr, against the sign of a mean; weights decay as in AdamW.

    w ← w - lr λ w,  w ← w - lr · sign(β₁m + (1 - β₁)dw),  m ← β₂m + (1 - β₂)dw.

    Source: Chen et al. 2023.
    """

    lr: float = arg(default=1e-4, above=0.0, doc="learning rate", known_as=LR_WORDS)
    beta1: float = arg(default=0.9, at_least=0.0, below=1.0, doc="β₁, of the mean in a step")
    beta2: float = arg(default=0.99, at_least=0.0, below=1.0, doc="β₂, decay of the mean")

    argument_order = ("lr", "beta1", "beta2", "weight_decay")
    usual_lr = (1e-7, 0.1)  # each step moves each weight by as much
    usual_most: ClassVar[Mapping[str, float]] = {"weight_decay": 10}  # beside a small rate

    @property
    def state(self) -> Sequence[str]:
        return ("m",)

    @property
    def decoupled(self) -> bool:
        return True

    def step(self) -> None:
        dw = self.decayed()
        (m,) = self.vectors()
        self.steps += 1
        towards = m.mul(self.beta1).add_(dw, alpha=1 - self.beta1)
        self.model.parameters.add_(towards.sign_(), alpha=-self.lr)
        m.lerp_(dw, 1 - self.beta2)
