"""Losses of classes, of which each sample, or each position in it, has one."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.reduced import RowLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ClassLoss(RowLoss, abstract=True):
    """A loss of one class among several, some of which may count more than others, or nothing."""

    weight: tuple[float, ...] | None = arg(
        default=None,
        at_least=0.0,
        doc="how much the samples of each class count",
        known_as=("class_weight", "class_weights"),
        instead="write how much each class counts, such as `[1, 3]`; "
        '`Table(..., weights="balanced")` has them count alike',
        like=("weights", "alpha"),
    )
    ignore: int | None = arg(
        default=None,
        at_least=0,
        doc="the class whose positions say nothing; those of class number -1 never do",
        known_as=("ignore_index", "ignore_class"),
    )

    argument_order: ClassVar[Sequence[str]] = ("weight", "ignore")
    tasks = ("classification",)
    bounds: ClassVar[tuple[float, float]] = (0, math.inf)

    @property
    def weighs_classes(self) -> bool:
        return self.weight is not None

    def misfit(self, outputs: int) -> tuple[str, str] | None:
        classes = max(outputs, 2)  # a single output stands for the second of two
        if self.weight is not None and len(self.weight) != classes:
            return "weight", f"has {len(self.weight)} weights, and there are {classes} classes"
        if self.ignore is not None and self.ignore >= classes:
            return "ignore", f"ignores class {self.ignore}, and the last class is {classes - 1}"
        if self.weight is not None and not any(self.weight):
            return "weight", "gives no class a weight above 0"
        return None

    def says_nothing(self, y: Tensor, t: Tensor) -> Tensor | None:
        nothing = super().says_nothing(y, t)
        if self.ignore is None:
            return nothing
        if t.dim() < y.dim():
            ignored = t == self.ignore
        else:
            ignored = (_of_two(t) if y.shape[-1] == 1 else t)[..., self.ignore] == 1
        return ignored if nothing is None else ignored | nothing

    @property
    def weights(self) -> tuple[float, ...] | None:
        """How much each class counts; None where all count the same."""
        return self.weight

    def weighted_values(self, y: Tensor, t: Tensor) -> Tensor:
        """Values of the targets, each times the weight of its class; class numbers are one-hot."""
        values = self.as_values(y, t)
        return values if self.weights is None else values * self.in_tensor(self.weights, y)

    def in_tensor(self, weights: tuple[float, ...], y: Tensor) -> Tensor:
        return torch.tensor(weights, dtype=y.dtype, device=y.device)


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
            return 0 - _times(t, logarithms).sum(-1)
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
        return 0 - _times(t * unsure, logarithms).sum(-1)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        # With g = -t w p d/dp [(1 - p)^gamma log p], it is g - p Σg.
        logits, t = self._logits(y, t)
        logarithms = torch.log_softmax(logits, -1)
        p, rest = logarithms.exp(), -torch.expm1(logarithms)
        ratio = torch.where(rest > 0, _times(p, logarithms) / rest, -1)  # its limit as p becomes 1
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
            y, t = torch.cat([torch.zeros_like(y), y], -1), _of_two(t)
        return y, self.weighted_values(y, t)

    @property
    def weights(self) -> tuple[float, ...] | None:
        return self.weight if self.alpha is None else (1 - self.alpha, self.alpha)


class Hinge(
    ClassLoss,
    known_as=("HingeLoss", "MultiMarginLoss"),
    like=("CategoricalHinge",),  # of the largest wrong score alone
):
    """Σ max(0, margin - y[t] + y[i])^p over all other classes i, divided by how many there are.

    The score y[t] of the true class has to be larger than the others by a margin. One output is
    above 0 for the second of two classes: max(0, margin - y)^p, or max(0, margin + y)^p for the
    first.  Source: Crammer and Singer 2001; of one output, Cortes and Vapnik 1995.
    """

    p: int = arg(default=1, at_least=1, at_most=2, doc="1, or 2 for squares")
    margin: float = arg(default=1.0, doc="how much larger the true class's score has to be")

    argument_order = ("p", "margin", "weight", "ignore")
    expects = "logits"
    examples = ("Hinge", "Hinge(2)", "Hinge(p=2, margin=0.3, weight=[0.5, 1, 3])")

    def row(self, y: Tensor, t: Tensor) -> Tensor:
        if y.shape[-1] == 1:
            return (self._of_both(y) ** self.p * self.weighted_values(y, _of_two(t))).sum(-1)
        if t.dim() == y.dim():
            t = self.weighted_values(y, t) / y.shape[-1]
            each = (own * short.pow_(self.p).sum(-1) for own, short in self._by_class(y, t))
            return sum(each, start=torch.zeros_like(y[..., 0]))
        short = self._short(y, t.unsqueeze(-1)).pow_(self.p).sum(-1) / y.shape[-1]
        return short if self.weight is None else short * self.in_tensor(self.weight, y)[t]

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        if y.shape[-1] == 1:
            both = self._powers(self._of_both(y)) * self.weighted_values(y, _of_two(t))
            first, second = both.unbind(-1)
            return (first - second).unsqueeze(-1)
        if t.dim() == y.dim():
            t, slope = self.weighted_values(y, t) / y.shape[-1], torch.zeros_like(y)
            for at, (own, short) in enumerate(self._by_class(y, t)):
                powers = self._powers(short).mul_(own.unsqueeze(-1))
                slope.add_(powers)[..., at].sub_(powers.sum(-1))
            return slope
        true = t.unsqueeze(-1)
        powers = self._powers(self._short(y, true)).div_(y.shape[-1])
        powers.scatter_add_(-1, true, -powers.sum(-1, keepdim=True))
        return powers if self.weight is None else powers * self.in_tensor(self.weight, y)[true]

    def _short(self, y: Tensor, true: Tensor) -> Tensor:
        """By how much the true class's score is too small beside each other; 0 at its own.

        Shape: [N, *, classes], true [N, *, 1] -> [N, *, classes].
        """
        short = (self.margin - y.gather(-1, true) + y).clamp_min_(0)
        return short.scatter_(-1, true, 0)

    def _by_class(self, y: Tensor, t: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """For each class, how much it is the true one, and what is too small then: one by one, as
        all together would be as many numbers as classes times classes.
        """
        for at, own in enumerate(t.unbind(-1)):
            yield own, self._short(y, torch.full((*own.shape, 1), at, device=y.device))

    def _of_both(self, y: Tensor) -> Tensor:
        """Of one output, by how much it is too large for the first class, too small for the other.

        Shape: [N, *, 1] -> [N, *, 2].
        """
        return (self.margin + torch.cat([y, -y], -1)).clamp_min_(0)

    def _powers(self, short: Tensor) -> Tensor:
        """The derivatives of the powers."""
        return (short > 0).to(short) if self.p == 1 else short * 2

    def can_be_met(self, bounds: tuple[float, float], outputs: int) -> bool:
        least, most = bounds
        if outputs == 1:
            return least <= -self.margin and self.margin <= most
        return most - least > self.margin  # at the bounds, nothing is learned any more

    def probabilities(self, y: Tensor) -> Tensor:
        """None, but scores that can be compared over samples: a number that is added to all of a
        sample changes no loss.
        """
        return torch.softmax(y, -1) if y.shape[-1] > 1 else self.prediction(y)

    def prediction(self, y: Tensor) -> Tensor:
        return (1 + y) / 2 if y.shape[-1] == 1 else y  # above one half where the output is above 0


class KL(RowLoss, known_as=("KLDivLoss", "KLDiv"), like=("KLDivergence",)):
    """Σ t (log t - y), where t are probabilities and outputs y logarithms of some.

    How far the distribution of the outputs is from that of the target, where both have several
    classes, as ``LogSoftmax`` gives them. A class number is a distribution, too, of one class
    alone.  Source: Kullback and Leibler 1951.
    """

    log_target: bool = arg(default=False, doc="whether targets are logarithms, too")

    argument_order = ("log_target",)
    tasks = ("classification", "regression")
    expects = "log-probabilities"
    takes_one_output = False
    of_shares = True
    examples = ("KL", 'KL(reduction="sum")', "KL(log_target=true)")

    @property
    def target_range(self) -> tuple[float, float]:  # type: ignore[override]
        return (-math.inf, 0) if self.log_target else (0, 1)

    def row(self, y: Tensor, t: Tensor) -> Tensor:
        t = self.as_values(y, t)
        if self.log_target:
            return (t.exp() * (t - y)).sum(-1)
        return (torch.xlogy(t, t) - _times(t, y)).sum(-1)

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        t = self.as_values(y, t)
        return 0 - (t.exp() if self.log_target else t)

    def probabilities(self, y: Tensor) -> Tensor:
        return y.exp()


def _times(t: Tensor, logarithms: Tensor) -> Tensor:
    """t log p; what is no target says nothing, even if its probability is 0."""
    return (t * logarithms).masked_fill_(t == 0, 0)


def _of_two(t: Tensor) -> Tensor:
    """Values of both classes, made of those of the second.  Shape: [N, *, 1] -> [N, *, 2]."""
    return torch.cat([1 - t, t], -1)
