"""A network of several members: they share its weights but for a few, and predict together.

The compiler makes such a network of one that a file describes (``members = 8``); no file names
these layers. From ``EachMember`` on, each sample is as many rows as there are members, one behind
the other: so all other layers compute as ever. ``MeanOfMembers`` makes one of them again.

An exported file has a copy of ``mean_of_members``, which uses nothing but torch and math.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.linear import Linear
from netlang.catalogue.modules import Layer, Weight
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class EachMember(Layer, abstract=True):
    """Each sample as often as there are members.

    Shape: [N, *] -> [N · members, *].  Source: the chain rule; a sample gets the sum of its rows.
    """

    members: Size = arg(doc="how many there are")

    takes = "either"

    def forward(self, x: Tensor) -> Tensor:
        return x.repeat_interleave(self.members, 0)

    def backward(self, dy: Tensor) -> Tensor:
        return dy.reshape(-1, self.members, *dy.shape[1:]).sum(1)


class MemberLinear(Linear, abstract=True):
    """y = ((x ⊙ r) wᵀ) ⊙ s + b: all members share w, and each has factors r and s and a bias b.

    Shape: [N · members, *, in_features] -> [N · members, *, out_features].  Weights: ``weight`` w,
    ``r`` [members, in_features], ``s`` and ``bias`` [members, out_features]. Factors are 1 at
    first, but those of the first layer, ``signs``, 1 or -1; biases begin the same for all.
    Source: Wen et al. 2020; Gorishniy et al. 2025.
    """

    members: Size = arg(default=1, doc="how many there are")
    signs: bool = arg(default=False, doc="whether r begins as random signs")

    def tensors(self) -> dict[str, Weight]:
        r = self._signs if self.signs else _ones
        own = {"r": Weight((self.members, self.in_features), r, stacked=1)}
        own["s"] = Weight((self.members, self.out_features), _ones, stacked=1)
        shared = super().tensors()
        if self.with_bias:
            shape = (self.members, self.out_features)
            shared["bias"] = Weight(shape, self._initial_biases, decay=False)
        return {**shared, **own}

    def _signs(self, values: Tensor, generator: Generator) -> None:
        values.bernoulli_(0.5, generator=generator).mul_(2).sub_(1)

    def _initial_biases(self, values: Tensor, generator: Generator) -> None:
        self._initial_bias(values[0], generator)
        values.copy_(values[0].clone())

    def initialize(self, generator: Generator) -> None:
        self.fill(self.tensors(), generator)

    def prepare(self) -> None:
        super().prepare()
        self.r: Tensor
        self.s: Tensor
        self.r_grad: Tensor
        self.s_grad: Tensor

    def macs(self, x: Shape) -> int:
        return self.members * super().macs(x)

    def forward(self, x: Tensor) -> Tensor:
        rows = _by_member(x, self.members)
        scaled = rows * self.r.unsqueeze(1)
        products = scaled @ self.weight.t()
        self.saved = rows, scaled, products
        y = products * self.s.unsqueeze(1)
        if self.with_bias:
            y += self.bias.unsqueeze(1)
        return y.view(*x.shape[:-1], self.out_features)

    def backward(self, dy: Tensor) -> Tensor:
        # With u = x ⊙ r and v = u wᵀ:  ds = Σ dy ⊙ v,  dv = dy ⊙ s,  dw = dvᵀ u,  dr = Σ dv w ⊙ x
        rows, scaled, products = self.saved
        d_rows = dy.reshape(products.shape)
        if self.with_bias:
            self.bias_grad.add_(d_rows.sum((0, 2)))
        self.s_grad.add_((d_rows * products).sum((0, 2)))
        d_products = d_rows * self.s.unsqueeze(1)
        self.weight_grad.addmm_(d_products.flatten(0, 2).t(), scaled.flatten(0, 2))
        d_scaled = d_products @ self.weight
        self.r_grad.add_((d_scaled * rows).sum((0, 2)))
        return (d_scaled * self.r.unsqueeze(1)).view(*dy.shape[:-1], self.in_features)

    def accumulate(self, dy: Tensor) -> None:
        self.backward(dy)


class OwnLinear(Linear, abstract=True):
    """y = x wᵀ + b, where each member has a w and a b of its own: the last layer is one.

    Shape: [N · members, *, in_features] -> [N · members, *, out_features].  Weights: ``weight`` w
    [members, out_features, in_features], ``bias`` b [members, out_features].
    Source: Gorishniy et al. 2025.
    """

    members: Size = arg(default=1, doc="how many there are")

    def tensors(self) -> dict[str, Weight]:
        return {
            name: Weight((self.members, *one.shape), self._of_each(one), one.decay, stacked=1)
            for name, one in super().tensors().items()
        }

    def _of_each(self, one: Weight) -> Callable[[Tensor, Generator], None]:
        def fill(values: Tensor, generator: Generator) -> None:
            for own in values:
                one.initial(own, generator)

        return fill

    def initialize(self, generator: Generator) -> None:
        self.fill(self.tensors(), generator)

    def macs(self, x: Shape) -> int:
        return self.members * super().macs(x)

    def forward(self, x: Tensor) -> Tensor:
        rows = _by_member(x, self.members)
        self.saved = rows = rows.transpose(0, 1).flatten(1, 2)  # [members, rows of each, in]
        y = rows @ self.weight.transpose(1, 2)
        if self.with_bias:
            y += self.bias.unsqueeze(1)
        return self._as_samples(y, x.shape, self.out_features)

    def backward(self, dy: Tensor) -> Tensor:  # of each member:  dw = dyᵀ x,  dx = dy w
        rows = _by_member(dy, self.members)
        rows = rows.transpose(0, 1).flatten(1, 2)
        self.weight_grad.baddbmm_(rows.transpose(1, 2), self.saved)
        if self.with_bias:
            self.bias_grad.add_(rows.sum(1))
        return self._as_samples(rows @ self.weight, dy.shape, self.in_features)

    def accumulate(self, dy: Tensor) -> None:
        self.backward(dy)

    def _as_samples(self, rows: Tensor, like: torch.Size, features: int) -> Tensor:
        """The rows of each member as those of samples.  Shape: [*like[:-1], features]."""
        samples: Tensor = rows.view(
            self.members, like[0] // self.members, math.prod(like[1:-1]), features
        )
        return samples.transpose(0, 1).reshape(*like[:-1], features)


def is_split(layer: Layer) -> bool:
    """Whether members share its weights but for factors; a tied layer has another's."""
    return isinstance(layer, Linear) and layer.tied is None


def own(layer: Layer, members: int) -> Layer:
    """A layer that is split, with weights of its own for each member."""
    return OwnLinear.declared({**layer.values, "members": members})


def shared(layer: Layer, members: int, signs: bool) -> Layer:
    """A layer that is split, whose weights members share, with factors that begin as ``signs``."""
    return MemberLinear.declared({**layer.values, "members": members, "signs": signs})


class MeanOfMembers(Layer, abstract=True):
    """What all members of a sample say together: the mean of what their outputs stand for.

    Of each part of the outputs, a row of so many ``sizes``, in groups of so many ``classes``,
    ``by`` says what makes probabilities of them: "softmax", "sigmoid" or "exp", and "" of numbers
    that stand for themselves. The output stands for the mean of these.

    In training, each member has a loss of its own, whose gradient at ``saved``, the outputs of all,
    ``backward`` takes, too.

    Shape: [N · members, *] -> [N, *].  Source: Gorishniy et al. 2025; the chain rule.
    """

    members: Size = arg(doc="how many there are")
    by: tuple[str, ...] = arg(doc="what makes probabilities, of each part")
    sizes: tuple[int, ...] = arg(doc="how many numbers each part has")
    classes: tuple[int, ...] = arg(doc="how many of them belong together, in each part")

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x
        means = [mean_of_members(part, by).flatten(1) for part, by in self._parts(x)]
        return torch.cat(means, 1).view(-1, *x.shape[1:])

    def backward(self, dy: Tensor) -> Tensor:
        x = self.saved
        if len(dy) == len(x):
            return dy
        each = zip(self._parts(x), torch.split(dy.flatten(1), [*self.sizes], 1), strict=True)
        parts = [
            _gradient(y, by, own.view(len(dy), 1, *y.shape[2:])).flatten(2) for (y, by), own in each
        ]
        return torch.cat(parts, 2).view(x.shape)

    def _parts(self, x: Tensor) -> Iterator[tuple[Tensor, str]]:
        """Each part of the outputs [N, members, groups, classes], and what makes probabilities."""
        parts = torch.split(x.flatten(1), [*self.sizes], 1)
        for part, by, size, classes in zip(parts, self.by, self.sizes, self.classes, strict=True):
            yield part.reshape(-1, self.members, size // classes, classes), by


def mean_of_members(y: torch.Tensor, by: str) -> torch.Tensor:
    """What stands for the mean of what the members' outputs stand for, by "softmax" or the like.

    Shape: [N, members, *, classes] -> [N, *, classes].
    """
    if not by:
        return y.mean(1)
    if by == "sigmoid":
        none = torch.zeros_like(y)
        no, yes = (-torch.logaddexp(one, none) for one in (y, -y))
        return yes.logsumexp(1) - no.logsumexp(1)
    logarithms = y.log_softmax(-1) if by == "softmax" else y
    return logarithms.logsumexp(1) - math.log(y.shape[1])


def _gradient(y: Tensor, by: str, dy: Tensor) -> Tensor:
    """The gradient of ``mean_of_members`` at ``y``.  Shape: dy [N, 1, *, classes] -> that of y."""
    if not by:
        return (dy / y.shape[1]).expand_as(y)
    if by == "sigmoid":  # the shares that members have in the mean of p, and in that of 1 - p
        p, none = y.sigmoid(), torch.zeros_like(y)
        no, yes = ((-torch.logaddexp(one, none)).softmax(1) for one in (y, -y))
        return dy * (yes * (1 - p) + no * p)
    if by == "exp":
        return dy * y.softmax(1)
    each = dy * y.log_softmax(-1).softmax(1)
    return each - y.softmax(-1) * each.sum(-1, keepdim=True)


def _ones(values: Tensor, generator: Generator) -> None:
    values.fill_(1)


def _by_member(x: Tensor, members: int) -> Tensor:
    """Shape: [N · members, *, features] -> [N, members, rows, features], also where N is 0."""
    return x.reshape(len(x) // members, members, math.prod(x.shape[1:-1]), x.shape[-1])
