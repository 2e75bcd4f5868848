"""Muon turns the step of each matrix into one whose singular values are all near 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import PlacedWeight
from netlang.catalogue.optimizers.adam import AdamW
from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.catalogue.optimizers.portion import Portion
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_A, _B, _C = 3.4445, -4.7750, 2.0315  # of the polynomial: steepest at 0


class Muon(WeightDecay):
    """Matrices move by an orthogonal matrix near the mean of their gradients; others as in AdamW.

    M ← μM + (1 - μ)dW, and after Nesterov M' = (1 - μ)dW + μM. Of M' = UΣVᵀ, O is nearly UVᵀ: a few
    times X ← aX + (bXXᵀ + c(XXᵀ)²)X. Then W ← W - lr λ W - lr √max(1, rows/columns) · O, or with
    ``"match_rms_adamw"`` lr · 0.2 √max(rows, columns) · O. Kernels of convolutions are no
    matrices; of a stack of matrices, such as those of members, each is one.

    Source: Jordan et al. 2024; Liu et al. 2025.
    """

    weight_decay: float = arg(
        default=0.1, at_least=0.0, doc="λ, how fast weights decay", known_as=("wd",)
    )
    momentum: float = arg(default=0.95, at_least=0.0, below=1.0, doc="μ, decay of the mean")
    nesterov: bool = arg(default=True, doc="whether the mean is as if after the next step")
    eps: float = arg(default=1e-7, above=0.0, doc="the least size by which a step is divided")
    ns_steps: Size = arg(default=5, at_most=99, doc="how often the polynomial is applied")
    adjust_lr_fn: str | None = arg(
        default=None,
        choices=("original", "match_rms_adamw"),
        doc="how the shape of a matrix changes its rate; by default, as the original",
    )
    adam_lr: float = arg(default=3e-4, above=0.0, doc="learning rate of AdamW for all but matrices")

    argument_order = (
        *("lr", "weight_decay", "momentum", "nesterov", "eps", "ns_steps", "adjust_lr_fn"),
        "adam_lr",
    )
    rates = ("lr", "adam_lr")
    usual_most: ClassVar[Mapping[str, float]] = {"weight_decay": 2}
    usual_lr = (1e-6, 0.3)  # a step is about as long as this in each direction of a matrix
    _others: tuple[AdamW, Portion] | None = None

    @property
    def decoupled(self) -> bool:
        return True

    @property
    def state(self) -> Sequence[str]:
        return ("m", *(f"{name} of others" for name in AdamW.declared({}).state))

    def vectors(self) -> list[Tensor]:
        """The mean, as long as the weights, and the vectors of AdamW for its own."""
        weights = self.model.parameters
        with torch.inference_mode(False):
            kept = vars(self).get("m")
            self.m = torch.zeros_like(weights) if kept is None else kept.to(weights)
        others, portion = self._adam()
        with portion.taken():
            return [self.m, *others.vectors()]

    def step(self) -> None:
        (m, *_), (others, portion) = self.vectors(), self._adam()
        others.lr, others.weight_decay, others.steps = self.adam_lr, self.weight_decay, self.steps
        with portion.taken():
            others.step()
        self.steps += 1
        for at, one in self._matrices():
            if not one.layer.frozen:
                decays = one.weight.decay or self.decay_biases
                vectors = self.model.parameters, self.model.gradients, m
                shape = -1, *one.weight.shape[-2:]
                for own, dw, mean in zip(*(v[at].view(shape) for v in vectors), strict=True):
                    self._move(own, dw, mean, decays)

    def _move(self, w: Tensor, dw: Tensor, m: Tensor, decays: bool) -> None:
        m.lerp_(dw, 1 - self.momentum)
        step = self._orthogonal(dw.lerp(m, self.momentum) if self.nesterov else m)
        if decays:
            w.mul_(1 - self.lr * self.weight_decay)
        w.add_(step, alpha=-self.lr * self._factor(*w.shape))

    def _orthogonal(self, x: Tensor) -> Tensor:
        """Nearly the orthogonal matrix that is nearest to ``x``, in 16 bits.

        Newton's and Schulz's iteration: each singular value s becomes as + bs³ + cs⁵, near 1.
        """
        is_tall = x.shape[0] > x.shape[1]
        x = x.bfloat16().T if is_tall else x.bfloat16()
        x = x / x.norm().clamp(min=self.eps)  # no singular value is above 1
        for _ in range(self.ns_steps):
            square = x @ x.T
            x = torch.addmm(x, torch.addmm(square, square, square, beta=_B, alpha=_C), x, beta=_A)
        return x.T if is_tall else x

    def _factor(self, rows: int, columns: int) -> float:
        if self.adjust_lr_fn == "match_rms_adamw":
            return 0.2 * math.sqrt(max(rows, columns))
        return math.sqrt(max(1, rows / columns))

    def _matrices(self) -> Iterator[tuple[slice, PlacedWeight]]:
        """The matrices, and stacks of them, and where each lies in the weights."""
        at = 0
        for one in self.model.placed_weights():
            if one.weight.is_matrix:
                yield slice(at, at + one.weight.size), one
            at += one.weight.size

    def _adam(self) -> tuple[AdamW, Portion]:
        """AdamW, and its portion of the weights, all but matrices."""
        if self._others is None:
            placed = [one for one in self.model.placed_weights() if not one.weight.is_matrix]
            portion = Portion(self.model, placed)
            self._others = AdamW.over(portion, {"decay_biases": self.decay_biases}), portion
        return self._others
