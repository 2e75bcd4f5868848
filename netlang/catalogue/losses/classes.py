"""Losses of classes: how probable the outputs find what is true."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.loss import Loss
from netlang.catalogue.targets import NO_CLASS
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class CrossEntropy(
    Loss,
    like=("BCE", "BinaryCrossEntropy", "BCELoss"),
    elsewhere={"BCELoss": {"eps": "1e-12"}, "BinaryCrossEntropy": {"eps": "1e-07"}},
):
    """-Σ [t log(y + ε) + (1 - t) log(1 - y + ε)]: summed over outputs, mean over samples.

    Binary cross-entropy of each output, a probability in [0, 1].  Source: paper (12)-(14).
    """

    eps: float = arg(default=1e-2, at_least=1e-12, doc="ε, which keeps the logarithms finite")

    tasks = ("classification", "labels")
    expects = "probabilities"
    examples = ("CrossEntropy", "CrossEntropy(eps=1e-6)")

    def bounds_for(self, outputs: int) -> tuple[float, float]:
        # The logarithms are of 1 + ε at most; 1 + 2ε leaves room for rounding.
        return -outputs * math.log1p(2 * self.eps), math.inf

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self._likelihood(y, t).sum() / len(y)  # of 0, that is 0 and not -0

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self._likelihood(y, t).reshape(len(y), -1).sum(1)

    def _likelihood(self, y: Tensor, t: Tensor) -> Tensor:
        """The logarithm of it, for each output."""
        y, t = y.clamp_max(1), self.as_values(y, t)  # rounding puts some probabilities above 1
        return t * (y + self.eps).log_() + (1 - t) * (1 - y + self.eps).log_()

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        y, t = y.clamp_max(1), self.as_values(y, t)
        # -t/(y + ε) + (1 - t)/(1 - y + ε), over one denominator:
        # (y - t + ε(1 - 2t)) / ((y + ε)(1 - y + ε))
        # y - t and 1 - y come first: they are exact where an output is next to its target.
        eps = self.eps
        numerator = (y - t).add_(torch.rsub(t, 1, alpha=2), alpha=eps)
        return numerator.div_((y + eps).mul_((1 - y).add_(eps)).mul_(len(y)))


class SoftmaxCrossEntropy(Loss, known_as=("SoftmaxLoss", "LogitsLoss", "CrossEntropyWithLogits")):
    """-Σ t log softmax(y): summed over outputs, mean over samples and their positions.

    For a network that ends without ``Softmax``: y are logits, any numbers, and t class numbers, or
    the classes' probabilities or weights. A position of class number -1 says nothing, and the mean
    is over the others.  Shape: y [N, *, classes], t [N, *] or that of y.  Source: Bishop 2006,
    (4.108); its gradient is softmax(y) Σt - t, where Σt is 1 for probabilities.
    """

    tasks = ("classification",)
    expects = "logits"
    probabilities_by = "softmax"
    bounds = (0, math.inf)
    skips = True
    examples = ("SoftmaxCrossEntropy",)

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self._likelihood(y, t).sum() / self._rows(y, t)

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self._by_sample(y, t) / self._rows(y, t, dim=1)

    def per_sample(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> Tensor:
        if weights is None:
            return self.value(y, t)
        return 0 - (self._by_sample(y, t) * weights.to(y)).sum() / self._rows(y, t)

    def _by_sample(self, y: Tensor, t: Tensor) -> Tensor:
        """The logarithm of the likelihood of each sample.  Shape: [N]."""
        return self._likelihood(y, t).reshape(len(y), -1).sum(1)

    def _likelihood(self, y: Tensor, t: Tensor) -> Tensor:
        """The logarithm of it, for each class or for that of each row."""
        t, logarithms = self._targets(y, t), torch.log_softmax(y, -1)
        if t.dim() == y.dim():
            return t * logarithms
        found = logarithms.gather(-1, t.clamp_min(0).unsqueeze(-1))
        return found.masked_fill_((t == NO_CLASS).unsqueeze(-1), 0) if t.dim() > 1 else found

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:  # (softmax(y) Σt - t) / rows
        rows = self._rows(y, t)
        t, probabilities = self._targets(y, t), torch.softmax(y, -1)
        if t.dim() == y.dim():
            return (probabilities * t.sum(-1, keepdim=True) - t) / rows
        at = t.clamp_min(0).unsqueeze(-1)
        found = probabilities.scatter_add_(-1, at, -torch.ones_like(at, dtype=y.dtype)) / rows
        return found.masked_fill_((t == NO_CLASS).unsqueeze(-1), 0) if t.dim() > 1 else found

    def _rows(self, y: Tensor, t: Tensor, dim: int = 0) -> Tensor | int:
        """How many rows of outputs have a target, at least 1: in all, or of each sample [N] from
        ``dim`` 1 on.
        """
        if t.dim() == y.dim() or t.dim() == 1:
            return math.prod(y.shape[dim:-1])
        return (t != NO_CLASS).flatten(dim).sum(-1).clamp_min(1)

    def probabilities(self, y: Tensor) -> Tensor:
        return torch.softmax(y, -1)

    def check(self, y: Tensor, t: Tensor) -> None:
        super().check(y, t)
        if y.dim() < 2:
            raise ValueError(f"{self.name} takes outputs of shape [N, classes], not {[*y.shape]}")
        if y.shape[-1] == 1:
            help = "take an output for each class, or Sigmoid and CrossEntropy"
            raise ValueError(f"{self.name} of one output is always 0: {help}")

    def _targets(self, y: Tensor, t: Tensor) -> Tensor:
        """Class numbers as they are if there are several classes; other targets as values."""
        return t.long() if t.dim() < y.dim() and y.shape[-1] > 1 else self.as_values(y, t)
