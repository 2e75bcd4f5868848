"""Stochastic gradient descent: against the gradient, or with momentum against a mean of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.contradiction import Contradiction
from netlang.catalogue.optimizers.decay import WeightDecay

if TYPE_CHECKING:
    from torch import Tensor


class SGD(
    WeightDecay,
    known_as=("GradientDescent", "GD"),
    like=("Momentum", "MomentumOptimizer"),
    elsewhere={"Momentum": {"momentum": "0.9"}, "MomentumOptimizer": {"momentum": "0.9"}},
):
    """w ← w - lr · dw; with momentum, dw is a running mean.

    With momentum μ, u ← μu + (1 - τ)dw, at first u = dw, and w ← w - lr · u; of Nesterov's,
    w ← w - lr · (dw + μu).

    Source: paper (15); Sutskever et al. 2013.
    """

    momentum: float = arg(
        default=0.0, at_least=0.0, below=1.0, doc="μ, how much of its velocity a step keeps"
    )
    dampening: float = arg(
        default=0.0, at_most=1.0, doc="τ, how much of the gradient momentum leaves out"
    )
    nesterov: bool = arg(default=False, doc="whether the gradient is as if after the next step")

    argument_order = ("lr", "momentum", "dampening", "weight_decay", "nesterov")
    switches = ("weight_decay", "momentum")
    usual_lr = (1e-6, 10)
    usual_most: ClassVar[Mapping[str, float]] = {"weight_decay": 0.1, "momentum": 0.999}
    follows_size = True

    def contradiction(self) -> Contradiction | None:
        if not self.nesterov or (self.momentum and not self.dampening):
            return None
        if self.momentum:
            problem, why = "has `dampening` beside `nesterov`", "Nesterov takes the whole gradient"
            return Contradiction("dampening", problem, why, "leave one of the two out")
        problem, why = "has `nesterov`, and no momentum", "looks ahead by momentum, which is 0"
        return Contradiction("nesterov", problem, why, "write `momentum=0.9` beside it")

    @property
    def state(self) -> Sequence[str]:
        return ("velocity",) if self.momentum else ()

    def step(self) -> None:
        dw = self.decayed()
        if self.momentum:
            dw = self._with_momentum(dw)
        self.steps += 1
        self.model.parameters.add_(dw, alpha=-self.lr)

    def _with_momentum(self, dw: Tensor) -> Tensor:
        (velocity,) = self.vectors()
        if self.steps == 0:
            velocity.copy_(dw)
        else:
            velocity.mul_(self.momentum).add_(dw, alpha=1 - self.dampening)
        return dw.add(velocity, alpha=self.momentum) if self.nesterov else velocity
