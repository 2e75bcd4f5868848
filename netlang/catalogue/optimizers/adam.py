"""Adam and its kin: steps are scaled by running means of the gradient and of its square."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers.optimizer import LR_WORDS, Optimizer
from netlang.system.lazy import torch


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.

    m ← β₁m + (1 - β₁)dw,  v ← β₂v + (1 - β₂)dw²,
    w ← w - lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε),  t = 1, 2, …

    Source: paper (22)-(26); Kingma and Ba 2015.
    """

    lr: float = arg(default=1e-3, above=0.0, doc="learning rate", known_as=LR_WORDS)
    beta1: float = arg(default=0.9, at_least=0.0, below=1.0, doc="β₁, decay of the mean")
    beta2: float = arg(default=0.999, at_least=0.0, below=1.0, doc="β₂, decay of the square")
    eps: float = arg(
        default=1e-8, above=0.0, doc="ε, which keeps the quotient finite", known_as=("epsilon",)
    )

    state = ("m", "v")

    def step(self) -> None:
        weights, dw = self.model.parameters, self.model.gradients
        m, v = self.vectors()
        self.steps += 1
        m.lerp_(dw, 1 - self.beta1)
        v.mul_(self.beta2).addcmul_(dw, dw, value=1 - self.beta2)
        # Both corrections are numbers, so they go into the step's size and into ε.
        correction = math.sqrt(1 - self.beta2**self.steps)
        # Both are kept within the range of the dtype: 16 bits hold no 1e-8, and a quotient of two
        # zeros would be NaN.
        held = torch.finfo(v.dtype)
        root = torch.sqrt(v).add_(max(self.eps * correction, held.tiny))
        size = min(self.lr * correction / (1 - self.beta1**self.steps), held.max)
        weights.addcdiv_(m, root, value=-size)
