"""What a loss is: a number for outputs and targets, and its gradient at the outputs."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, Union, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.catalogue.targets import check_targets, incomparable, one_hot
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.catalogue.targets import OutputPart

Whole = Union["Tensor", int, None]  # the targets of a whole batch, or how many samples it has


def _checked(loss: Loss, method: Callable[..., Tensor], y: Tensor, t: Tensor) -> Tensor:
    """The result of ``method``.  Raises an error for outputs or targets that it does not take."""
    loss.check(y, t)
    try:
        return method(loss, y, t)
    except (RuntimeError, IndexError) as error:
        if y.device == t.device and y.dim() > 1:  # what a loss of one's own raises is its own
            raise
        raise incomparable(loss.name, y, t) from error


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
    ``usual_for`` are those for which most people take it, and "one output" that is one of two
    classes; messages offer it there. A loss that ``skips`` takes NO_CLASS, which is -1, for a
    position that says nothing. Numbers that have to lie in a ``target_range`` are predicted as the
    data have them, and not standardised.

    It ``expects`` of outputs that they are "probabilities", "log-probabilities" or "logits", or
    "means" of counts or "logarithms" of them, or "means and variances". Where no layer's ``gives``
    is that, a network ``ends_in`` others.
    """

    kind = "loss"
    called = "(outputs, targets)"
    tasks: ClassVar[Sequence[str]] = ("classification", "regression", "labels")
    usual_for: ClassVar[Sequence[str]] = ()
    expects: ClassVar[str] = ""  # what outputs have to be, if they are not what they predict
    takes_one_output: ClassVar[bool] = True  # that stands for the second of two classes
    ends_in: ClassVar[Sequence[str]] = ()
    of_shares: ClassVar[bool] = False  # of classes, so that other losses are for one class alone
    outputs_per_number: ClassVar[int] = 1  # the first of each, then the second of each, ...
    further: ClassVar[Sequence[str]] = ()  # the names of what else outputs say of their targets
    target_range: ClassVar[tuple[float, float] | None] = None
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # of the number, at most
    skips: ClassVar[bool] = False
    takes_mixtures: ClassVar[bool] = True  # whether a target may be a share of several classes
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
    def weighs_classes(self) -> bool:
        """Whether samples of some classes count more than others, or those that are hard."""
        return False

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

    def means(
        self, y: Tensor, t: Tensor, weights: Tensor | None = None
    ) -> Sequence[tuple[float, float]]:
        """The numbers of which ``per_sample`` is the sum, each a mean, and how much these samples
        count in the mean over more of them. So the loss of many is that of all at once.
        """
        return [(self.per_sample(y, t, weights).item(), float(self.counted(y, t)))]

    def counted(self, y: Tensor, t: Tensor) -> Tensor | int:
        """How much these samples count in the mean that ``per_sample`` is."""
        return len(y)

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        """The loss of each sample alone, shape [N]."""
        samples = zip(torch.split(y, 1), torch.split(t, 1), strict=True)
        return torch.stack([self.value(*sample) for sample in samples])

    def weighted(self, y: Tensor, t: Tensor, weights: Tensor | None, whole: Whole = None) -> Tensor:
        """The number whose gradient ``weighted_gradient`` is, shape []."""
        if not self.is_mean:
            return self.per_sample(y, t, weights) * len(y)
        return self.per_sample(y, t, weights) * self.share(y, t, whole)

    def weighted_gradient(
        self, y: Tensor, t: Tensor, weights: Tensor | None, whole: Whole = None
    ) -> Tensor:
        """The gradient where each sample's loss is multiplied by its weight.

        A loss that is a mean is divided by the number of samples all the same, as in Keras and in
        scikit-learn's MLP; where these are a part of a batch, by those of the ``whole`` batch, of
        which its targets are given, or how many samples it has.
        Shape: weights [N], in the dtype of y.
        """
        dy = self.gradient(y, t)
        if weights is not None:
            dy = dy * weights.view(-1, *[1] * (dy.dim() - 1))
        if whole is None or not self.is_mean:
            return dy
        return dy * self.share(y, t, whole)

    def share(self, y: Tensor, t: Tensor, whole: Whole) -> Tensor | float:
        """How much the mean over these samples counts in that over the ``whole`` batch."""
        if whole is None:
            return 1.0
        return len(y) / (whole if isinstance(whole, int) else len(whole))

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

    def prediction(self, y: Tensor) -> Tensor:
        """What the outputs say of their targets, in the targets' units, which metrics judge.

        Of classes, that is a number for each, of which the largest counts; a single one, or that of
        a label, counts as said above one half. ``predicted`` has the shape.
        """
        return y

    def further_of(self, y: Tensor) -> Sequence[Tensor]:
        """What else they say, in the targets' units and shape: a tensor for each of ``further``."""
        return ()

    def probabilities(self, y: Tensor) -> Tensor:
        """The prediction of classes or labels as probabilities, if the loss has such."""
        return self.prediction(y)

    def stands_by(self, outputs: int) -> str:
        """How so many outputs stand for probabilities, or for means: by "softmax" or "sigmoid", by
        "exp", of which they are logarithms, or "" for what they are themselves.
        """
        return "exp" if self.expects == "log-probabilities" else ""

    def can_be_met(self, bounds: tuple[float, float], outputs: int) -> bool:
        """Whether so many outputs that lie between ``bounds`` can make it as small as it becomes,
        for each class or label, or each count.
        """
        least, most = bounds
        if self.expects in ("logits", "logarithms"):
            return math.isinf(least) and math.isinf(most)
        return bool(self.expects) or least <= 0 < 1 <= most

    def outputs_for(self, wanted: Shape) -> Shape:
        """The shape of the outputs for targets that take outputs of the shape ``wanted``."""
        if self.outputs_per_number == 1:
            return wanted
        *positions, last = wanted.sizes
        return Shape((*positions, last * self.outputs_per_number))

    def predicted(self, outputs: Sequence[int]) -> tuple[int, ...]:
        """The shape of a sample's prediction, where its outputs have this shape."""
        if self.outputs_per_number == 1 or not outputs:
            return tuple(outputs)
        *positions, last = outputs
        return (*positions, last // self.outputs_per_number)

    def misfit(self, outputs: int) -> tuple[str, str] | None:
        """An argument that is wrong for so many classes or numbers, and what is wrong, behind the
        loss's name: "has 2 weights, and there are 3 classes"; None if nothing is.
        """
        return None

    def unfit(self, outputs: int) -> str:
        """Why it is no loss of so many classes or numbers, whatever its arguments; "" if it is."""
        argument, text = self.misfit(outputs) or ("", "")
        return "" if argument else text

    def check(self, y: Tensor, t: Tensor) -> None:
        """Raise TypeError or ValueError for outputs and targets that it does not take."""
        each = self.outputs_per_number
        if isinstance(y, torch.Tensor) and y.dim() and y.shape[-1] % each:
            takes = f"takes {each} outputs for each number"
            raise ValueError(f"{self.name} {takes}, and outputs have shape {[*y.shape]}")
        check_targets(self.name, self.tasks, y, t, self.skips, self.predicted)
        if wrong := self.misfit(self.predicted(y.shape[1:])[-1] if y.dim() > 1 else 1):
            raise ValueError(f"{self.name} {wrong[1]}")
        if not y.is_floating_point():
            raise TypeError(f"{self.name} takes outputs of floating-point numbers, not {y.dtype}")

    def as_values(self, y: Tensor, t: Tensor) -> Tensor:
        """The targets in the outputs' shape and dtype: class numbers become one-hot."""
        return t.to(y.dtype) if t.dim() == y.dim() else one_hot(t, y.shape[-1], y.dtype)

    def __call__(self, y: Tensor, t: Tensor) -> Tensor:
        return self.forward(y, t)
