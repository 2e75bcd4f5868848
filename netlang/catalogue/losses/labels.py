"""Losses of labels: each output says by itself how probable something is, or of one class of two.

Behind ``Softmax`` they take classes, too, each as a label that excludes the others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.reduced import ElementLoss, ReducedLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class CrossEntropy(ReducedLoss):
    """-Σ [t log(y + ε) + (1 - t) log(1 - y + ε)]: summed over outputs, mean over samples.

    Binary cross-entropy of each output, a probability in [0, 1].  Source: paper (12)-(14).
    """

    eps: float = arg(default=1e-2, at_least=1e-12, doc="ε, which keeps the logarithms finite")

    argument_order = ("eps",)
    tasks = ("classification", "labels")
    usual_for = ("classification", "labels", "one output")
    expects = "probabilities"
    examples = ("CrossEntropy", "CrossEntropy(eps=1e-6)", 'CrossEntropy(reduction="sum")')

    def bounds_for(self, outputs: int) -> tuple[float, float]:
        # The logarithms are of 1 + ε at most; 1 + 2ε leaves room for rounding.
        return -outputs * math.log1p(2 * self.eps), math.inf

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self._likelihood(y, t).sum() / self._samples(y)  # of 0, that is 0 and not -0

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self._likelihood(y, t).reshape(len(y), -1).sum(1)

    def _samples(self, y: Tensor) -> int:
        return len(y) if self.is_mean else 1

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
        return numerator.div_((y + eps).mul_((1 - y).add_(eps)).mul_(self._samples(y)))


class BinaryCrossEntropy(
    ElementLoss, known_as=("BCELoss", "BCE", "BinaryCrossentropy", "binary_crossentropy")
):
    """-t log y - (1 - t) log(1 - y), where an output is a probability in [0, 1].

    A logarithm below -100 counts as -100, and a gradient's denominator y(1 - y) as at least 1e-12,
    as in PyTorch.  Source: Good 1952.
    """

    tasks = ("classification", "labels")
    expects = "probabilities"
    bounds = (0, math.inf)
    examples = ("BinaryCrossEntropy", 'BinaryCrossEntropy(reduction="sum")')

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        y = y.clamp_max(1)  # rounding puts some probabilities above 1
        likelihood = t * y.log().clamp_min(-100) + (1 - t) * torch.log1p(-y).clamp_min(-100)
        return 0 - likelihood

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        y = y.clamp_max(1)
        return (y - t).div_((1 - y).mul_(y).clamp_min_(1e-12))


class SigmoidCrossEntropy(
    ElementLoss,
    known_as=(
        "BCEWithLogitsLoss",
        "BCEWithLogits",
        "SigmoidCrossEntropyWithLogits",
        "BinaryCrossEntropyWithLogits",
    ),
):
    """-w t log σ(y) - (1 - t) log(1 - σ(y)), where σ is the sigmoid and w is pos_weight.

    For a network that ends without ``Sigmoid``: y is a logit, any number, of a label, or with one
    output of the second of two classes.  Source: Bishop 2006, (4.90).
    """

    pos_weight: float | tuple[float, ...] = arg(
        default=1.0,
        at_least=0.0,
        doc="how much more a target of 1 counts than one of 0; of a list, that of each output",
    )

    argument_order = ("pos_weight",)
    tasks = ("classification", "labels")
    usual_for = ("labels", "one output")
    expects = "logits"
    bounds = (0, math.inf)
    examples = (
        "SigmoidCrossEntropy",
        "SigmoidCrossEntropy(2.5)",
        "SigmoidCrossEntropy([0.5, 1, 3])",
    )

    @property
    def weighs_classes(self) -> bool:
        return self.pos_weight != 1

    def misfit(self, outputs: int) -> tuple[str, str] | None:
        if not isinstance(self.pos_weight, tuple) or len(self.pos_weight) == outputs:
            return None
        counts = f"has {len(self.pos_weight)} weights, and there are {outputs} outputs"
        return "pos_weight", counts

    def element(self, y: Tensor, t: Tensor) -> Tensor:
        unlikely = torch.log1p(torch.exp(-y.abs())) + (-y).clamp_min(0)  # -log σ(y)
        return self._weights(y, t) * unlikely + (1 - t) * y

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        # (1 - t) σ(y) - w t σ(-y): neither sigmoid is taken from 1, which would round it away.
        return (1 - t).mul_(torch.sigmoid(y)).sub_(self._weight(y) * t * torch.sigmoid(-y))

    def prediction(self, y: Tensor) -> Tensor:
        return torch.sigmoid(y)

    def stands_by(self, outputs: int) -> str:
        return "sigmoid"

    def _weights(self, y: Tensor, t: Tensor) -> Tensor | float:
        """How much -log σ(y) counts: 1 where t is 0, and the weight where it is 1."""
        return 1 if self.pos_weight == 1 else 1 + (self._weight(y) - 1) * t

    def _weight(self, y: Tensor) -> Tensor | float:
        if not isinstance(self.pos_weight, tuple):
            return self.pos_weight
        return torch.tensor(self.pos_weight, dtype=y.dtype, device=y.device)
