"""Stochastic gradient descent: against the gradient."""

from __future__ import annotations

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers.optimizer import LR_WORDS, Optimizer


class SGD(Optimizer, known_as=("GradientDescent", "GD")):
    """w ← w - lr · dw.  Source: paper (15)."""

    lr: float = arg(default=1e-3, above=0.0, doc="learning rate", known_as=LR_WORDS)

    def step(self) -> None:
        self.steps += 1
        self.model.parameters.add_(self.model.gradients, alpha=-self.lr)
