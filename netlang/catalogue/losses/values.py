"""Losses of values: how far each output is from its own target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.reduced import ElementLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class MSE(ElementLoss, known_as=("MSELoss", "LossMSE", "MeanSquaredError")):
    """(y - t)².

    Source: paper section VI, whose gradient is 2(y - t).
    """

    tasks = ("classification", "regression", "labels")
    usual_for = ("regression",)
    bounds = (0, math.inf)
    examples = ("MSE", 'MSE(reduction="sum")')

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).square_()

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).mul_(2)


LossMSE = MSE  # its name in the paper


class MAE(ElementLoss, known_as=("L1Loss", "MeanAbsoluteError")):
    """|y - t|: an outlier pulls no harder than any other sample, and outputs become medians.

    Source: Laplace 1774.
    """

    tasks = ("regression",)
    usual_for = ("regression",)
    bounds = (0, math.inf)
    examples = ("MAE",)

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).abs_()

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).sign_()


class Huber(
    ElementLoss,
    known_as=("HuberLoss",),
    order_elsewhere={"HuberLoss": ("reduction", "delta")},
):
    """(y - t)² / 2 where |y - t| is at most delta, and delta (|y - t| - delta / 2) beyond.

    Source: Huber 1964.
    """

    delta: float = arg(default=1.0, above=0.0, doc="where squares end and lines begin")

    argument_order = ("delta",)
    tasks = ("regression",)
    usual_for = ("regression",)
    bounds = (0, math.inf)
    examples = ("Huber", "Huber(0.3)", 'Huber(reduction="sum")')

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        far = (y - t).abs()
        near = far.clamp(max=self.delta)
        return near * (far - near / 2)  # no square of what is far, which may overflow

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).clamp_(-self.delta, self.delta)


class SmoothL1(ElementLoss, known_as=("SmoothL1Loss",)):
    """(y - t)² / (2 beta) where |y - t| is below beta, and |y - t| - beta / 2 beyond.

    ``Huber`` over beta; with beta = 0, ``MAE``.  Source: Girshick 2015.
    """

    beta: float = arg(default=1.0, at_least=0.0, doc="where squares end and lines begin")

    argument_order = ("beta",)
    tasks = ("regression",)
    bounds = (0, math.inf)
    examples = ("SmoothL1", "SmoothL1(0.3)", "SmoothL1(0)")

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        far = (y - t).abs()
        if not self.beta:
            return far
        near = far.clamp(max=self.beta)
        return near / self.beta * (far - near / 2)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        if not self.beta:
            return (y - t).sign_()
        return (y - t).clamp_(-self.beta, self.beta).div_(self.beta)


class LogCosh(ElementLoss, known_as=("LogCoshLoss", "Logcosh")):
    """log cosh(y - t): a square near 0, and |y - t| - log 2 far from it, smooth everywhere.

    Source: Keras; its derivative is tanh(y - t).
    """

    tasks = ("regression",)
    bounds = (0, math.inf)
    examples = ("LogCosh",)

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        d = (y - t).abs()
        near = torch.log1p(2 * torch.sinh(d.clamp(max=1) / 2) ** 2)  # exact where d is small
        far = d + torch.log1p(torch.exp(-2 * d)) - math.log(2)  # and this where cosh would overflow
        return torch.where(d < 1, near, far)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        return (y - t).tanh_()


class Quantile(ElementLoss, known_as=("QuantileLoss", "PinballLoss", "Pinball")):
    """q (t - y) where y is too low, and (1 - q)(y - t) where it is too high.

    What is learned is the number that t is below in a share q of all cases: with q = 0.5, the
    median. A list ``q = [0.1, 0.5, 0.9]`` takes an output for each of its quantiles; what is judged
    and predicted is the one nearest to 0.5.  Shape: y [N, *, quantiles · numbers], those of the
    first quantile first, t [N, *, numbers].  Source: Koenker and Bassett 1978.
    """

    q: float | tuple[float, ...] = arg(
        default=0.5,
        above=0.0,
        below=1.0,
        doc="the share of targets below the output; of a list, an output for each",
        known_as=("quantile", "quantiles", "tau"),
        like=("alpha",),
    )

    argument_order = ("q",)
    tasks = ("regression",)
    bounds = (0, math.inf)
    examples = ("Quantile", "Quantile(0.9)", "Quantile([0.1, 0.5, 0.9])")

    @property
    def outputs_per_number(self) -> int:  # type: ignore[override]
        return len(self.q) if isinstance(self.q, tuple) else 1

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        below, q = t - y, self._shares(y)
        return torch.maximum(q * below, (q - 1) * below)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        below, q = t - y, self._shares(y)
        return (below < 0) * (1 - q) - (below > 0) * q

    def as_values(self, y: Tensor, t: Tensor) -> Tensor:
        return torch.cat([t.to(y.dtype)] * self.outputs_per_number, -1)

    def prediction(self, y: Tensor) -> Tensor:
        q = self.q
        if not isinstance(q, tuple):
            return y
        middle = min(range(len(q)), key=lambda index: abs(q[index] - 0.5))
        return y.chunk(len(q), -1)[middle]

    @property
    def further(self) -> Sequence[str]:  # type: ignore[override]
        return [f"q{q:g}" for q in self.q] if isinstance(self.q, tuple) else ()

    def further_of(self, y: Tensor) -> Sequence[Tensor]:
        return y.chunk(len(self.q), -1) if isinstance(self.q, tuple) else ()

    def _shares(self, y: Tensor) -> Tensor:
        """The quantile of each output in a row."""
        q = torch.tensor(self.q, dtype=y.dtype, device=y.device).reshape(-1)
        return q.repeat_interleave(y.shape[-1] // len(q))
