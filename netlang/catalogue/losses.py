"""Losses say how far outputs are from their targets, and give the gradient of this number."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.catalogue.targets import NO_CLASS, check_classes, check_targets, one_hot
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.targets import OutputPart


def _checked(loss: Loss, method: Callable[..., Tensor], y: Tensor, t: Tensor) -> Tensor:
    """The result of ``method``.  Raises an error for outputs or targets that it does not take."""
    loss.check(y, t)
    return method(loss, y, t)


def _checked_value(loss: Loss, value: Callable[..., Tensor], y: Tensor, t: Tensor) -> Tensor:
    found = _checked(loss, value, y, t)
    # To look at all outputs in every step would take time. Most logits make the value NaN.
    if found.is_cpu and math.isnan(found) and loss.expects == "probabilities" and y.amin() < 0:
        raise ValueError(
            f"{loss.name} takes probabilities, and an output is {y.amin():g}: end the model with "
            "Softmax or Sigmoid, or take SoftmaxCrossEntropy, whose outputs are any numbers"
        )
    return found


@dataclass_transform(field_specifiers=(arg,))
class Loss(Item, abstract=True):
    """A number for outputs y and targets t, and its gradient with respect to y.

    Shape: y [N, *], and t the same; or of class numbers (whole), y [N, *, classes] and t [N, *].

    ``forward(y, t)`` gives the number, and ``backward()`` after it the gradient, in the dtype of y;
    ``gradient(y, t)`` gives the gradient alone. In a loss that Python made, all three raise
    TypeError or ValueError for other shapes, for no sample, and for outputs that are no
    floating-point numbers, and ValueError where logits make a loss of probabilities NaN.
    ``backward`` raises RuntimeError before a ``forward``.

    ``tasks`` are the kinds of target that it takes: class numbers are for "classification" alone.
    A loss that ``skips`` takes NO_CLASS, which is -1, for a position that says nothing.
    """

    kind = "loss"
    called = "(outputs, targets)"
    tasks: ClassVar[Sequence[str]] = ("classification", "regression", "labels")
    expects: ClassVar[str] = ""  # "probabilities" or "logits", if outputs have to be either
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # of the number, at most
    skips: ClassVar[bool] = False
    examples: ClassVar[Sequence[str]] = ()
    y: Tensor | None = None
    t: Tensor
    guards = (("value", _checked_value), ("gradient", _checked), ("each", _checked))

    def forward(self, y: Tensor, t: Tensor) -> Tensor:
        """The loss, shape []."""
        value = self.value(y, t)
        self.y, self.t = y, t
        return value

    def backward(self) -> Tensor:
        """The gradient at the outputs of the last ``forward``, of their shape.

        Raises RuntimeError before a ``forward``.
        """
        if self.y is None:
            raise RuntimeError(f"{self!r}: call forward before backward")
        return self.gradient(self.y, self.t)

    def __getstate__(self) -> dict[str, Any]:
        """For pickles and deep copies: the last outputs and targets are left out."""
        return vars(self) | {"y": None, "t": None}

    @property
    def parts(self) -> tuple[OutputPart, ...]:
        """The outputs that lie side by side in y, where there are several; their targets in t."""
        return ()

    @property
    def is_mean(self) -> bool:
        """Whether it is a mean over samples, so that its gradient is divided by their number."""
        return True

    def per_sample(self, y: Tensor, t: Tensor, weights: Tensor | None = None) -> Tensor:
        """The loss on average for a sample, by which sets of different sizes can be compared.

        With ``weights`` [N], it is the mean of each sample's loss times its weight: the sum is
        divided by the number of samples, not by that of the weights.
        """
        if weights is not None:
            return (self.each(y, t) * weights.to(y)).mean()
        return self.value(y, t) if self.is_mean else self.value(y, t) / len(y)

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        """The loss of each sample alone, shape [N]."""
        samples = zip(torch.split(y, 1), torch.split(t, 1), strict=True)
        return torch.stack([self.value(*sample) for sample in samples])

    def weighted(self, y: Tensor, t: Tensor, weights: Tensor | None) -> Tensor:
        """The number whose gradient ``weighted_gradient`` is, shape []."""
        value = self.per_sample(y, t, weights)
        return value if self.is_mean else value * len(y)

    def weighted_gradient(
        self, y: Tensor, t: Tensor, weights: Tensor | None, whole: int | None = None
    ) -> Tensor:
        """The gradient where each sample's loss is multiplied by its weight.

        A loss that is a mean is divided by the number of samples all the same, as in Keras and in
        scikit-learn's MLP; where these are a part of a batch, by those of the ``whole`` batch.
        Shape: weights [N], in the dtype of y.
        """
        dy = self.gradient(y, t)
        if weights is not None:
            dy = dy * weights.view(-1, *[1] * (dy.dim() - 1))
        if whole is None or len(y) == whole or not self.is_mean:
            return dy
        return dy * (len(y) / whole)

    def anew(self) -> Self:
        """The same loss, which has seen nothing."""
        return self.declared(self.values)

    def bounds_for(self, outputs: int) -> tuple[float, float]:
        """The least and the largest number that the loss can be, for so many ``outputs``."""
        return self.bounds

    @abstractmethod
    def value(self, y: Tensor, t: Tensor) -> Tensor:
        """The loss, shape [], in the dtype of ``y``."""

    @abstractmethod
    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        """The gradient of ``value`` with respect to ``y``, of its shape and dtype."""

    def check(self, y: Tensor, t: Tensor) -> None:
        """Raise TypeError or ValueError for outputs and targets that it does not take."""
        check_targets(self.name, self.tasks, y, t, self.skips)
        if not y.is_floating_point():
            raise TypeError(f"{self.name} takes outputs of floating-point numbers, not {y.dtype}")

    def as_values(self, y: Tensor, t: Tensor) -> Tensor:
        """The targets in the outputs' shape and dtype: class numbers become one-hot."""
        return t.to(y.dtype) if t.dim() == y.dim() else one_hot(t, y.shape[-1], y.dtype)

    def __call__(self, y: Tensor, t: Tensor) -> Tensor:
        return self.forward(y, t)


class MSE(Loss, known_as=("MSELoss", "LossMSE", "MeanSquaredError"), like=("L2",)):
    """(y - t)², its mean over all elements, or its sum.

    Source: paper section VI, whose gradient is 2(y - t).
    """

    reduction: str = arg(
        default="mean", choices=("mean", "sum"), doc="how elements make one number"
    )

    bounds = (0, math.inf)
    examples = ("MSE", 'MSE(reduction="sum")')

    @property
    def is_mean(self) -> bool:
        return self.reduction == "mean"

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        squares = (y - self.as_values(y, t)).square_()
        return squares.mean() if self.is_mean else squares.sum()

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        squares = (y - self.as_values(y, t)).square_().reshape(len(y), -1)
        return squares.mean(1) if self.is_mean else squares.sum(1)

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:  # 2 (y - t), over the count for a mean
        t = self.as_values(y, t)
        scale = 2 / y.numel() if self.is_mean else 2
        return (y - t).mul_(scale)


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


def encode(labels: Tensor, outputs: int, dtype: torch.dtype | None = None) -> Tensor:
    """Class numbers as values: 1 in the output of a sample's class, 0 in the others.

    Shape: [N] int64 -> [N, outputs]. With one output, two classes are 0 and 1 in it. Raises
    TypeError or ValueError for what is no class number, and for one too large for ``outputs``.
    """
    if not isinstance(labels, torch.Tensor):
        raise TypeError(f"class numbers are a tensor of shape [N], not a {type(labels).__name__}")
    if not isinstance(outputs, int) or isinstance(outputs, bool) or outputs < 1:
        raise ValueError(f"encode takes a whole number of outputs, at least 1, not {outputs!r}")
    if labels.dim() != 1 or labels.is_floating_point() or labels.is_complex():
        found = f"{labels.dtype} of shape {list(labels.shape)}"
        raise ValueError(f"class numbers are whole numbers of shape [N], not {found}")
    check_classes(labels, outputs)
    return one_hot(labels, outputs, dtype)


LossMSE = MSE  # its name in the paper
