"""Losses of pairs and triplets: outputs are vectors that lie near each other, or far apart.

The network ends in a ``Stack`` of the vectors, so that they are one output.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.reduced import ReducedLoss
from netlang.catalogue.p_norms import p_norm, p_norm_gradient
from netlang.language.shapes import Shape, Unknown
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class VectorLoss(ReducedLoss, abstract=True):
    """A number for each sample, of which ``vectors`` are compared; a class says what they mean.

    ``of_class`` is the number where a target is of the first class, and where it is of the second,
    and its gradient with respect to the vectors.  Shape: y [N, vectors, size], t [N].
    """

    vectors: ClassVar[int]

    tasks = ("classification",)
    takes_one_output = False
    takes_mixtures = False  # of two pairs, one alike and one not, there is no half
    bounds = (0, math.inf)

    def can_be_met(self, bounds: tuple[float, float], outputs: int) -> bool:
        return True  # it compares vectors

    @abstractmethod
    def of_class(self, y: Tensor, second: bool) -> Tensor: ...

    @abstractmethod
    def slope_of_class(self, y: Tensor, second: bool) -> Tensor: ...

    def outputs_for(self, wanted: Shape) -> Shape:
        return Shape((self.vectors, Unknown()))

    def predicted(self, outputs: Sequence[int]) -> tuple[int, ...]:
        return (2,)

    def misfit(self, outputs: int) -> tuple[str, str] | None:
        return None if outputs <= 2 else ("", f"takes two classes, and there are {outputs}")

    def value(self, y: Tensor, t: Tensor) -> Tensor:
        each = self.each(y, t)
        return each.mean() if self.is_mean else each.sum()

    def each(self, y: Tensor, t: Tensor) -> Tensor:
        first, second = self._shares(y, t)
        return first * self.of_class(y, second=False) + second * self.of_class(y, second=True)

    def gradient(self, y: Tensor, t: Tensor) -> Tensor:
        first, second = (one.view(-1, 1, 1) for one in self._shares(y, t))
        slope = first * self.slope_of_class(y, False) + second * self.slope_of_class(y, True)
        return slope.div_(len(y)) if self.is_mean else slope

    def _shares(self, y: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """How much each sample is of the first class, and of the second."""
        if t.dim() == 2:
            first, second = t.to(y.dtype).unbind(-1)
            return first, second
        return (t == 0).to(y.dtype), (t == 1).to(y.dtype)


class CosineEmbedding(VectorLoss, known_as=("CosineEmbeddingLoss",), like=("CosineSimilarity",)):
    """1 - cos(a, b) where both vectors are of one kind, and max(0, cos(a, b) - margin) where not.

    A target of the second class says that they are of one kind, as in ``Pairs``, and one of the
    first that they are not. The network gives both: ``[left, right] -> Stack``.  Shape: y [N, 2,
    size], t [N].  Source: PyTorch.
    """

    margin: float = arg(
        default=0.0, at_least=-1.0, at_most=1.0, doc="the most that the others' cosine may be"
    )

    argument_order = ("margin",)
    vectors = 2
    bounds = (0, 2)
    examples = ("CosineEmbedding", "CosineEmbedding(0.5)", 'CosineEmbedding(reduction="sum")')

    def of_class(self, y: Tensor, second: bool) -> Tensor:
        cosine, *_ = self._cosine(y)
        return 1 - cosine if second else (cosine - self.margin).clamp_min_(0)

    def slope_of_class(self, y: Tensor, second: bool) -> Tensor:
        cosine, left, right = self._cosine(y)
        a, b = y.unbind(1)
        along = a / (left * right).unsqueeze(-1), b / (left * right).unsqueeze(-1)
        own = a * (cosine / left**2).unsqueeze(-1), b * (cosine / right**2).unsqueeze(-1)
        slope = torch.stack([along[1] - own[0], along[0] - own[1]], 1)
        return -slope if second else slope * (cosine > self.margin).view(-1, 1, 1)

    def prediction(self, y: Tensor) -> Tensor:
        cosine, *_ = self._cosine(y)
        return torch.stack([1 - cosine, 1 + cosine], -1) / 2

    def _cosine(self, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of both vectors, and how long they are."""
        a, b = y.unbind(1)
        left, right = ((one.square().sum(-1) + 1e-12).sqrt_() for one in (a, b))
        return (a * b).sum(-1) / (left * right), left, right


class Triplet(VectorLoss, known_as=("TripletLoss", "TripletMarginLoss")):
    """max(0, margin + d(anchor, near) - d(anchor, far)), where d is the p-norm of a difference.

    The network gives three vectors, ``[anchor, one, other] -> Stack``. Where a target is of the
    first class, the one is to be nearer to the anchor than the other; where it is of the second,
    it is the other way round.  Shape: y [N, 3, size], t [N].  Source: Balntas et al. 2016, and
    swap, which takes the lesser distance of the far one to both others.
    """

    margin: float = arg(default=1.0, above=0.0, doc="how much nearer it has to be")
    p: float = arg(default=2.0, at_least=1.0, doc="2 for Euclid's distance, 1 for the city's")
    eps: float = arg(default=1e-6, at_least=0.0, doc="is added to each difference, as in PyTorch")
    swap: bool = arg(default=False, doc="whether the far one is to be far from both others")

    argument_order = ("margin", "p", "eps", "swap")
    vectors = 3
    examples = ("Triplet", "Triplet(0.5, p=1)", 'Triplet(p=3, swap=true, reduction="sum")')

    def of_class(self, y: Tensor, second: bool) -> Tensor:
        anchor, near, far = self._roles(y, second)
        apart = self._distance(anchor, far)
        if self.swap:
            apart = torch.minimum(apart, self._distance(near, far))
        return (self._distance(anchor, near) - apart + self.margin).clamp_min_(0)

    def slope_of_class(self, y: Tensor, second: bool) -> Tensor:
        anchor, near, far = self._roles(y, second)
        to_near, to_far = self._direction(anchor, near), self._direction(anchor, far)
        slopes = torch.stack([to_near - to_far, -to_near, to_far], 1)
        if self.swap:
            between = self._direction(near, far)
            swapped = self._distance(near, far) < self._distance(anchor, far)
            others = torch.stack([to_near, -to_near - between, between], 1)
            slopes = torch.where(swapped.view(-1, 1, 1), others, slopes)
        short = self.of_class(y, second) > 0
        in_order = slopes[:, [0, 2, 1]] if second else slopes
        return in_order * short.view(-1, 1, 1)

    def prediction(self, y: Tensor) -> Tensor:
        anchor, one, other = y.unbind(1)
        return torch.stack([-self._distance(anchor, one), -self._distance(anchor, other)], -1)

    def _roles(self, y: Tensor, second: bool) -> tuple[Tensor, Tensor, Tensor]:
        """The anchor, what is to be near it, and what is to be far."""
        anchor, one, other = y.unbind(1)
        return (anchor, other, one) if second else (anchor, one, other)

    def _distance(self, a: Tensor, b: Tensor) -> Tensor:
        return p_norm(a - b + self.eps, self.p)

    def _direction(self, a: Tensor, b: Tensor) -> Tensor:
        """The gradient of the distance with respect to a; that for b is its opposite."""
        return p_norm_gradient(a - b + self.eps, self.p)
