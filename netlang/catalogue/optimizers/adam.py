"""Adam and its kin: steps are scaled by running means of the gradient and of its square."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.catalogue.optimizers.optimizer import LR_WORDS, above_zero, at_most
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_LEAST = 2**-24  # the least by which a number below 1 is known to be below it, in 32 bits
_NO_STEPS = 0, 1.0  # of how many steps the momenta have been multiplied, and their product


class RunningMeans(WeightDecay, abstract=True):
    """An optimizer that keeps running means of the gradient and of its square:

    m ← β₁m + (1 - β₁)dw,  v ← β₂v + (1 - β₂)dw².
    """

    beta1: float = arg(default=0.9, at_least=0.0, below=1.0, doc="β₁, decay of the mean")
    beta2: float = arg(default=0.999, at_least=0.0, below=1.0, doc="β₂, decay of the square")
    eps: float = arg(
        default=1e-8, above=0.0, doc="ε, which keeps the quotient finite", known_as=("epsilon",)
    )

    argument_order: ClassVar[Sequence[str]] = ("lr", "beta1", "beta2", "eps", "weight_decay")
    usual_lr = (1e-6, 0.3)  # a step moves a weight by about as much
    usual_most: ClassVar[Mapping[str, float]] = {"weight_decay": 2}

    @property
    def state(self) -> Sequence[str]:
        return ("m", "v")

    def means(self) -> tuple[Tensor, Tensor, Tensor]:
        """Begin a step: the weights decay, and m and v take the gradient in. Returns all three: the
        gradient dw, m and v.
        """
        dw = self.decayed()
        m, v, *_ = self.vectors()
        self.steps += 1
        m.lerp_(dw, 1 - self.beta1)
        v.mul_(self.beta2).addcmul_(dw, dw, value=1 - self.beta2)
        return dw, m, v

    @property
    def correction(self) -> float:
        """√(1 - β₂ᵗ): v began with 0, and so √v is too small by this factor."""
        return math.sqrt(1 - self.beta2**self.steps)

    def root(self, v: Tensor, correction: float) -> Tensor:
        """√v + ε √(1 - β₂ᵗ), by which a step is divided. The correction of √v is a number, and so
        goes into ε and into the step's size.
        """
        return torch.sqrt(v).add_(above_zero(self.eps * correction, v))


class Adam(RunningMeans):
    """Steps scaled by running means of the gradient and of its square.

    m ← β₁m + (1 - β₁)dw,  v ← β₂v + (1 - β₂)dw²,
    w ← w - lr · m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε),  t = 1, 2, …

    With ``amsgrad``, the largest v so far stands for v in the last line.

    Source: paper (22)-(26); Kingma and Ba 2015; Reddi et al. 2018.
    """

    amsgrad: bool = arg(default=False, doc="whether v in a quotient never falls")

    argument_order = ("lr", "beta1", "beta2", "eps", "weight_decay", "amsgrad")
    decoupled_by = "AdamW"

    @property
    def state(self) -> Sequence[str]:
        return ("m", "v", "largest") if self.amsgrad else ("m", "v")

    def step(self) -> None:
        _, m, v = self.means()
        if self.amsgrad:
            largest = self.vectors()[2]
            v = torch.maximum(largest, v, out=largest)
        correction = self.correction
        size = self.lr * correction / (1 - self.beta1**self.steps)
        self.model.parameters.addcdiv_(m, self.root(v, correction), value=-at_most(size, v))


class AdamW(Adam):
    """Adam, with weight decay that is no part of the gradient: first w ← w - lr λ w.

    Source: Loshchilov and Hutter 2019.
    """

    weight_decay: float = arg(
        default=0.01, at_least=0.0, doc="λ, how fast weights decay", known_as=("wd",)
    )

    @property
    def decoupled(self) -> bool:
        return True


class _Either(RunningMeans, abstract=True):
    """An optimizer whose weights decay as a file says: by the gradient, or apart from it."""

    decoupled_weight_decay: bool = arg(
        default=False, doc="whether weights decay as in AdamW, and not by the gradient"
    )

    decoupled_by = "decoupled_weight_decay"

    @property
    def decoupled(self) -> bool:
        return self.decoupled_weight_decay


class NAdam(
    _Either,
    known_as=("Nadam",),
    elsewhere={"Nadam": {"lr": "0.001", "eps": "1e-07"}},
):
    """Adam with Nesterov's momentum: the mean is taken as if after the next step.

    μₜ = β₁(1 - 0.96^(tψ)/2),  Mₜ = μ₁μ₂⋯μₜ,
    w ← w - lr · (m μₜ₊₁/(1 - Mₜ₊₁) + dw (1 - μₜ)/(1 - Mₜ)) / (√(v/(1 - β₂ᵗ)) + ε).

    Source: Dozat 2016.
    """

    lr: float = arg(default=2e-3, above=0.0, doc="learning rate", known_as=LR_WORDS)
    momentum_decay: float = arg(
        default=4e-3, at_least=0.0, doc="ψ, how fast μ comes near β₁", known_as=("schedule_decay",)
    )

    argument_order = ("lr", "beta1", "beta2", "eps", "weight_decay", "momentum_decay")
    _multiplied = _NO_STEPS

    def step(self) -> None:
        dw, m, v = self.means()
        of_gradient, of_mean = self.sizes()
        weights, root = self.model.parameters, self.root(v, self.correction)
        weights.addcdiv_(dw, root, value=-at_most(of_gradient, v))
        weights.addcdiv_(m, root, value=-at_most(of_mean, v))

    def sizes(self) -> tuple[float, float]:
        """What dw and m are multiplied with in a step, before they are divided by the root."""
        now, then = self._momentum(self.steps), self._momentum(self.steps + 1)
        product, size = self._product(), self.lr * self.correction
        of_gradient = size * (1 - now) / max(1 - product, _LEAST)
        return of_gradient, size * then / max(1 - product * then, _LEAST)

    def _product(self) -> float:
        """Mₜ, multiplied in torch's default dtype, as torch keeps it."""
        done, product = self._multiplied if self._multiplied[0] <= self.steps else _NO_STEPS
        for t in range(done + 1, self.steps + 1):  # one more, but where a training goes on
            if not product:  # too small for its dtype, and stays so
                break
            product = (torch.tensor(product, device="cpu") * self._momentum(t)).item()
        self._multiplied = self.steps, product
        return product

    def _momentum(self, t: int) -> float:
        return self.beta1 * (1 - 0.5 * math.pow(0.96, t * self.momentum_decay))


class RAdam(_Either):
    """Adam whose steps are scaled by √v only when v knows enough of the gradient's variance.

    ρ∞ = 2/(1 - β₂) - 1,  ρ = ρ∞ - 2tβ₂ᵗ/(1 - β₂ᵗ),  and w ← w - lr · m/(1 - β₁ᵗ) while ρ ≤ 5; then
    w ← w - lr · m/(1 - β₁ᵗ) · √(1 - β₂ᵗ)/(√v + ε) · √((ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ)).

    Source: Liu et al. 2020.
    """

    argument_order = ("lr", "beta1", "beta2", "eps", "weight_decay")

    def step(self) -> None:
        _, m, v = self.means()
        size, weights = self.lr / (1 - self.beta1**self.steps), self.model.parameters
        if rectified := self.rectification():
            size *= rectified * self.correction
            root = torch.sqrt(v).add_(above_zero(self.eps, v))
            weights.addcdiv_(m, root, value=-at_most(size, v))
        else:
            weights.add_(m, alpha=-at_most(size, v))

    def rectification(self) -> float:
        """By how much the variance of a step is too large; 0 while it is not known."""
        power = self.beta2**self.steps
        last = 2 / (1 - self.beta2) - 1
        now = last - 2 * self.steps * power / (1 - power)
        if now <= 5:
            return 0.0
        return math.sqrt((now - 4) * (now - 2) * last / ((last - 4) * (last - 2) * now))
