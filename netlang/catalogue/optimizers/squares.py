"""Steps that are scaled by the squares of all gradients so far."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.catalogue.optimizers.optimizer import LR_WORDS, above_zero, at_most
from netlang.system.lazy import torch


class RMSprop(WeightDecay, known_as=("RMSProp",)):
    """Steps scaled by the root of the running mean of squares.

    s ← αs + (1 - α)dw²,  w ← w - lr · dw / (√s + ε);
    with ``centered``, a running mean a of the gradient makes it √(s - a²), a deviation, and with
    momentum μ, u ← μu + dw / (√s + ε) and w ← w - lr · u.

    Source: Hinton 2012, lecture 6e; Graves 2013.
    """

    lr: float = arg(default=1e-2, above=0.0, doc="learning rate", known_as=LR_WORDS)
    alpha: float = arg(
        default=0.99, at_least=0.0, below=1.0, doc="α, decay of the square", known_as=("rho",)
    )
    eps: float = arg(
        default=1e-8, above=0.0, doc="ε, which keeps the quotient finite", like=("epsilon",)
    )
    momentum: float = arg(
        default=0.0, at_least=0.0, below=1.0, doc="μ, how much of its velocity a step keeps"
    )
    centered: bool = arg(default=False, doc="whether by the deviation, without the mean")

    argument_order = ("lr", "alpha", "eps", "weight_decay", "momentum", "centered")
    switches = ("weight_decay", "momentum")
    usual_lr = (1e-6, 0.3)  # EfficientNet's is 0.256
    usual_most: ClassVar[Mapping[str, float]] = {"weight_decay": 0.1, "momentum": 0.999}

    @property
    def state(self) -> Sequence[str]:
        own = {"velocity": self.momentum, "mean": self.centered}
        return ("squares", *(name for name, is_kept in own.items() if is_kept))

    def step(self) -> None:
        dw, weights = self.decayed(), self.model.parameters
        kept = dict(zip(self.state, self.vectors(), strict=True))
        self.steps += 1
        squares = kept["squares"].mul_(self.alpha).addcmul_(dw, dw, value=1 - self.alpha)
        if self.centered:
            mean = kept["mean"].lerp_(dw, 1 - self.alpha)
            squares = torch.addcmul(squares, mean, mean, value=-1).clamp_min_(0)
            squares.nan_to_num_(nan=math.inf, posinf=math.inf)  # both were too large for the dtype
        root = torch.sqrt(squares).add_(above_zero(self.eps, squares))
        if self.momentum:
            velocity = kept["velocity"].mul_(self.momentum).addcdiv_(dw, root)
            weights.add_(velocity, alpha=-self.lr)
        else:
            weights.addcdiv_(dw, root, value=-at_most(self.lr, root))


class Adagrad(WeightDecay):
    """Steps scaled by the root of the sum of all squares.

    s ← s + dw²,  w ← w - lr/(1 + (t - 1)η) · dw / (√s + ε),  t = 1, 2, …

    Source: Duchi, Hazan and Singer 2011.
    """

    lr: float = arg(default=1e-2, above=0.0, doc="learning rate", known_as=LR_WORDS)
    lr_decay: float = arg(default=0.0, at_least=0.0, doc="η, how fast the rate falls")
    initial_accumulator_value: float = arg(default=0.0, at_least=0.0, doc="s before the first step")
    eps: float = arg(
        default=1e-10, above=0.0, doc="ε, which keeps the quotient finite", like=("epsilon",)
    )

    argument_order = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")
    usual_lr = (1e-4, 1)

    @property
    def state(self) -> Sequence[str]:
        return ("squares",)

    def step(self) -> None:
        dw = self.decayed()
        (squares,) = self.vectors()  # without those before the first step
        squares.addcmul_(dw, dw)
        root = torch.sqrt(squares + self.initial_accumulator_value).add_(
            above_zero(self.eps, squares)
        )
        size = self.lr / (1 + self.steps * self.lr_decay)
        self.steps += 1
        self.model.parameters.addcdiv_(dw, root, value=-at_most(size, root))


class Adadelta(WeightDecay):
    """Steps as large as the steps before them, whatever the size of the gradients.

    s ← ρs + (1 - ρ)dw²,  Δ = dw · √(r + ε) / √(s + ε),  r ← ρr + (1 - ρ)Δ²,  w ← w - lr · Δ.

    Source: Zeiler 2012.
    """

    lr: float = arg(default=1.0, above=0.0, doc="learning rate", known_as=LR_WORDS)
    rho: float = arg(default=0.9, at_least=0.0, below=1.0, doc="ρ, decay of both means")
    eps: float = arg(default=1e-6, above=0.0, doc="ε, by which steps begin", known_as=("epsilon",))

    argument_order = ("lr", "rho", "eps", "weight_decay")
    usual_lr = (0.01, 100)

    @property
    def state(self) -> Sequence[str]:
        return ("squares", "moves")

    def step(self) -> None:
        dw = self.decayed()
        squares, moves = self.vectors()
        self.steps += 1
        eps = above_zero(self.eps, squares)
        squares.mul_(self.rho).addcmul_(dw, dw, value=1 - self.rho)
        move = torch.sqrt(moves + eps).div_(torch.sqrt(squares + eps)).mul_(dw)
        moves.mul_(self.rho).addcmul_(move, move, value=1 - self.rho)
        self.model.parameters.add_(move, alpha=-self.lr)
