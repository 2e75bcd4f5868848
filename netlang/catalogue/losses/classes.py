"""Losses of the probability of the class that each sample, or each position in it, has."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.class_loss import ClassLoss, of_two, times
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class LikelihoodLoss(ClassLoss, abstract=True):
    """-Σ t w log p, with the logarithm of a probability p and a weight w for each class: the mean
    is over the weights of the rows.
    """

    @abstractmethod
    def logarithms(self, y: Tensor) -> Tensor:
        """log p of each output."""

    def desired(self, y: Tensor, t: Tensor) -> Tensor:
        """Class numbers, or where more than that counts how much each class does."""
        return t if self.weight is None and t.dim() < y.dim() else self.weighted_values(y, t)

    def row(self, y: Tensor, t: Tensor) -> Tensor:
        logarithms, t = self.logarithms(y), self.desired(y, t)
        if t.dim() == y.dim():
            return 0 - times(t, logarithms).sum(-1)
        return 0 - logarithms.gather(-1, t.unsqueeze(-1)).squeeze(-1)

    def counts(self, y: Tensor, t: Tensor) -> Tensor | None:
        return None if self.weight is None else self.weighted_values(y, t).sum(-1)


class SoftmaxCrossEntropy(
    LikelihoodLoss,
    known_as=(
        "SoftmaxLoss",
        "LogitsLoss",
        "CrossEntropyWithLogits",
        "SoftmaxCrossEntropyWithLogits",
        "SparseSoftmaxCrossEntropyWithLogits",
    ),
    like=("categorical_crossentropy", "sparse_categorical_crossentropy", "log_loss"),
):
    """-Σ t w log softmax(y): summed over outputs, mean over samples and their positions.

    For a network that ends without ``Softmax``: y are logits, any numbers, and t class numbers, or
    the classes' probabilities or weights. A position of class number -1 says nothing, and the mean
    is over the others; with a ``weight`` w for each class, it is over these.  Shape: y [N, *,
    classes], t [N, *] or that of y.  Source: Bishop 2006, (4.108); its gradient is
    softmax(y) Σt - t, where Σt is 1 for probabilities.
    """

    label_smoothing: float = arg(
        default=0.0,
        at_least=0.0,
        at_most=1.0,
        doc="the share of each target that is spread over all classes",
        known_as=("smoothing",),
    )

    argument_order = ("weight", "ignore", "label_smoothing")
    usual_most: ClassVar[Mapping[str, float]] = {"label_smoothing": 0.5}
    usual_for = ("classification",)
    expects = "logits"
    takes_one_output = False
    examples = (
        "SoftmaxCrossEntropy",
        "SoftmaxCrossEntropy(label_smoothing=0.2)",
        "SoftmaxCrossEntropy(weight=[0.5, 1, 3], label_smoothing=0.1)",
        'SoftmaxCrossEntropy(ignore=1, reduction="sum")',
    )

    def logarithms(self, y: Tensor) -> Tensor:
        return torch.log_softmax(y, -1)

    def desired(self, y: Tensor, t: Tensor) -> Tensor:
        if not self.label_smoothing:
            return super().desired(y, t)
        values = self.as_values(y, t)
        spread = self.label_smoothing * values.mean(-1, keepdim=True)
        return self.weighted_values(y, (1 - self.label_smoothing) * values + spread)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:  # softmax(y) Σt - t
        t, probabilities = self.desired(y, t), torch.softmax(y, -1)
        if t.dim() == y.dim():
            return (probabilities * t.sum(-1, keepdim=True)).sub_(t)
        at = t.unsqueeze(-1)
        return probabilities.scatter_add_(-1, at, -torch.ones_like(at, dtype=y.dtype))

    def probabilities(self, y: Tensor) -> Tensor:
        return torch.softmax(y, -1)

    def stands_by(self, outputs: int) -> str:
        return "softmax"

    def check(self, y: Tensor, t: Tensor) -> None:
        super().check(y, t)
        if y.dim() < 2:
            raise ValueError(f"{self.name} takes outputs of shape [N, classes], not {[*y.shape]}")
        if y.shape[-1] == 1:
            help = "take an output for each class, or SigmoidCrossEntropy"
            raise ValueError(f"{self.name} of one output is always 0: {help}")


class NLL(LikelihoodLoss, known_as=("NLLLoss",)):
    """-Σ t w y, where outputs y are logarithms of probabilities, as ``LogSoftmax`` gives them.

    ``SoftmaxCrossEntropy`` is the same with ``LogSoftmax`` in it.  Source: Bishop 2006, (4.108).
    """

    expects = "log-probabilities"
    takes_one_output = False
    bounds = (-math.inf, math.inf)
    examples = ("NLL", "NLL(weight=[0.5, 1, 3])", 'NLL(ignore=0, reduction="sum")')

    def logarithms(self, y: Tensor) -> Tensor:
        return y

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        return 0 - self.weighted_values(y, t)

    def probabilities(self, y: Tensor) -> Tensor:
        return y.exp()


class Focal(
    ClassLoss,
    known_as=("FocalLoss", "SigmoidFocalLoss", "CategoricalFocalCrossentropy"),
    like=("BinaryFocalCrossentropy", "CategoricalFocalLoss", "BinaryFocalLoss"),
    elsewhere={"SigmoidFocalLoss": {"alpha": "0.25"}},
):
    """-Σ t w (1 - p)^gamma log p, where p = softmax(y): what is sure already counts little.

    For classes of which some are rare, behind a network that ends without ``Softmax``. One output
    is the logit of the second of two classes.  Source: Lin et al. 2017, (5).
    """

    gamma: float = arg(default=2.0, at_least=0.0, doc="how little what is sure counts")
    alpha: float | None = arg(
        default=None,
        at_least=0.0,
        at_most=1.0,
        doc="of two classes: the weight of the second, where the first has the rest to 1",
        instead="write the weight of the second of two classes alone, such as `0.75`; for more "
        "classes, `weight` has a list",
    )

    argument_order = ("gamma", "alpha", "weight", "ignore")
    expects = "logits"
    examples = ("Focal", "Focal(0)", "Focal(gamma=0.5, weight=[0.5, 1, 3])")

    @property
    def weighs_classes(self) -> bool:
        return True

    def misfit(self, outputs: int) -> tuple[str, str] | None:
        if self.alpha is not None and outputs > 2:
            return "alpha", f"has an `alpha` of two classes, and there are {outputs}"
        if self.alpha is not None and self.weight is not None:
            return "alpha", "takes `alpha` or `weight`, and has both"
        return super().misfit(outputs)

    def row(self, y: Tensor, t: Tensor) -> Tensor:
        logits, t = self._logits(y, t)
        logarithms = torch.log_softmax(logits, -1)
        unsure = (-torch.expm1(logarithms)) ** self.gamma
        return 0 - times(t * unsure, logarithms).sum(-1)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        # With g = -t w p d/dp [(1 - p)^gamma log p], it is g - p Σg.
        logits, t = self._logits(y, t)
        logarithms = torch.log_softmax(logits, -1)
        p, rest = logarithms.exp(), -torch.expm1(logarithms)
        ratio = torch.where(rest > 0, times(p, logarithms) / rest, -1)  # its limit as p becomes 1
        g = (self.gamma * ratio - 1) * rest**self.gamma * t
        found = g - p * g.sum(-1, keepdim=True)
        return found[..., 1:] if y.shape[-1] == 1 else found

    def probabilities(self, y: Tensor) -> Tensor:
        return torch.sigmoid(y) if y.shape[-1] == 1 else torch.softmax(y, -1)

    def stands_by(self, outputs: int) -> str:
        return "sigmoid" if outputs == 1 else "softmax"

    def prediction(self, y: Tensor) -> Tensor:
        return torch.sigmoid(y) if y.shape[-1] == 1 else y

    def _logits(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and weighted values of two classes or more: the first of two has logit 0."""
        if y.shape[-1] == 1:
            y, t = torch.cat([torch.zeros_like(y), y], -1), of_two(t)
        return y, self.weighted_values(y, t)

    @property
    def weights(self) -> tuple[float, ...] | None:
        return self.weight if self.alpha is None else (1 - self.alpha, self.alpha)
