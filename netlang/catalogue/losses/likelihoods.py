"""Losses of distributions: outputs are their parameters, and a target is probable or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.reduced import ElementLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class GaussianNLL(ElementLoss, known_as=("GaussianNLLLoss",)):
    """(log v + (m - t)² / v) / 2, of a normal distribution with mean m and variance v.

    The network gives both for each number: ``[Linear(_, 1), Linear(_, 1) -> Softplus] -> Concat``.
    A variance below eps counts as eps, and has the gradient of eps, so that it can grow again.
    What is judged and predicted is the mean, between low and high, which are a deviation away from
    it.  Shape: y [N, *, 2 · numbers], the means first, t
    [N, *, numbers].  Source: Nix and Weigend 1994.
    """

    full: bool = arg(default=False, doc="whether to add the constant, log(2π) / 2")
    eps: float = arg(default=1e-6, above=0.0, doc="the least variance")

    argument_order = ("full", "eps")
    tasks = ("regression",)
    expects = "means and variances"
    ends_in = ("Softplus",)
    outputs_per_number = 2
    further = ("low", "high")  # a deviation below the mean, and one above it
    examples = ("GaussianNLL", "GaussianNLL(full=true, eps=1e-3)")

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        mean, variance = self._parameters(y)
        twice = variance.log() + (mean - t) ** 2 / variance
        return (twice + math.log(2 * math.pi)) / 2 if self.full else twice / 2

    def slope(self, y: Tensor, t: Tensor) -> Tensor:  # (m - t) / v, and (1 - (m - t)² / v) / 2v
        mean, variance = self._parameters(y)
        to_mean = (mean - t).div_(variance)
        to_variance = (1 / variance).sub_(to_mean.square()).div_(2)
        return torch.cat([to_mean, to_variance], -1)

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        slope = self.slope(y, self.as_values(y, t))
        return slope.mul_(2 / slope.numel()) if self.is_mean else slope  # a mean over numbers

    def prediction(self, y: Tensor) -> Tensor:
        return y.chunk(2, -1)[0]

    def further_of(self, y: Tensor) -> Sequence[Tensor]:
        mean, variance = self._parameters(y)
        return mean - variance.sqrt(), mean + variance.sqrt()

    def _parameters(self, y: Tensor) -> tuple[Tensor, Tensor]:
        mean, variance = y.chunk(2, -1)
        return mean, variance.clamp_min(self.eps)

    def as_values(self, y: Tensor, t: Tensor) -> Tensor:
        return t.to(y.dtype)


class PoissonNLL(
    ElementLoss,
    known_as=("PoissonNLLLoss", "Poisson"),
    elsewhere={"Poisson": {"log_input": "false", "eps": "1e-07"}},
):
    """exp(y) - t y, of a Poisson distribution with mean exp(y): for counts, such as 0, 1 or 17.

    Without log_input, the output is the mean itself, and must not be negative: y - t log(y + eps).
    Targets are counts as the data have them, and so is what is predicted.  Source: Cameron and
    Trivedi 1998.
    """

    log_input: bool = arg(default=True, doc="whether outputs are logarithms of the mean")
    full: bool = arg(default=False, doc="whether to add log t! as Stirling says, for t above 1")
    eps: float = arg(default=1e-8, above=0.0, doc="keeps the logarithm finite without log_input")

    argument_order = ("log_input", "full", "eps")
    tasks = ("regression",)
    ends_in = ("Softplus",)
    target_range = (0, math.inf)
    examples = ("PoissonNLL", "PoissonNLL(full=true)", "PoissonNLL(false)")

    @property
    def expects(self) -> str:  # type: ignore[override]
        return "logarithms" if self.log_input else "means"

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        found = y.exp() - t * y if self.log_input else y - t * (y + self.eps).log()
        if not self.full:
            return found
        above = t.clamp_min(1)
        stirling = above * above.log() - above + (2 * math.pi * above).log() / 2
        return found + stirling * (t > 1)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        return y.exp().sub_(t) if self.log_input else 1 - t / (y + self.eps)

    def prediction(self, y: Tensor) -> Tensor:
        return y.exp() if self.log_input else y

    def stands_by(self, outputs: int) -> str:
        return "exp" if self.log_input else ""
