"""The loss of scores that are to differ by a margin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.losses.class_loss import ClassLoss, of_two
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


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
            return (self._of_both(y) ** self.p * self.weighted_values(y, of_two(t))).sum(-1)
        if t.dim() == y.dim():
            t = self.weighted_values(y, t) / y.shape[-1]
            each = (own * short.pow_(self.p).sum(-1) for own, short in self._by_class(y, t))
            return sum(each, start=torch.zeros_like(y[..., 0]))
        short = self._short(y, t.unsqueeze(-1)).pow_(self.p).sum(-1) / y.shape[-1]
        return short if self.weight is None else short * self.in_tensor(self.weight, y)[t]

    def slope(self, y: Tensor, t: Tensor) -> Tensor:
        if y.shape[-1] == 1:
            both = self._powers(self._of_both(y)) * self.weighted_values(y, of_two(t))
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
