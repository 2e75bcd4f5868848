"""Augmentations that mix a sample with another one, and their targets in the same shares.

The share of a sample itself is at least a half, so that it stays what it mostly is: metrics compare
with its own target, and the loss with the mixture. As the other one may be mixed with it in turn,
that is no other distribution.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.augment.augmentation import (
    Augmentation,
    Draws,
    Given,
    Remark,
    Seen,
    about,
    as_values,
    each,
    is_picture,
    of_numbers,
)
from netlang.catalogue.augment.numbers import stretches
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Mixing(Augmentation, abstract=True):
    """Mixes a sample with another of the training samples, which is drawn."""

    mixes = True

    alpha: float = arg(
        default=0.2,
        above=0.0,
        at_most=100.0,
        doc="both parameters of the Beta distribution of the shares: 1 draws all as often, less "
        "rather leaves samples as they are",
        known_as=("beta",),
    )

    def apply(self, seen: Seen, draws: Draws) -> Seen:
        other = draws.others(draws.below("other", draws.data.count))
        inputs, share = self.mixed(seen.inputs, other.inputs, draws)
        outputs = draws.data.outputs
        own, its = (as_values(one, outputs) for one in (seen, other))
        by = each(share, own)
        return Seen(inputs, seen.targets, by * own + (1 - by) * its)

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        other = draws.others(draws.below("other", draws.data.count))
        return self.mixed(x, other.inputs, draws)[0]

    @abstractmethod
    def mixed(self, x: Tensor, other: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """The mixture of both, and the share of x in each sample of it.

        Shape: [n, *] each -> [n, *], [n].
        """

    def share(self, draws: Draws) -> Tensor:
        """How much of a sample is its own, at least a half.  Shape: [n] float64."""
        u, v = (draws.uniform(name).double() for name in ("share", "angle"))
        found = beta(u, v, self.alpha)
        return torch.maximum(found, 1 - found)

    def remark(self, given: Given) -> Remark | None:
        found = given.found
        if wrong := of_numbers("mixes the numbers of two samples", given):
            return wrong
        if any(kind == "text" for _, kind, _ in found.columns):
            reason = "mixes the numbers of two samples, and a column of these is a text"
            return Remark(reason, "leave it out")
        if found.input.padded:
            return Remark(f"mixes two samples, and {about(found)}", "leave it out")
        if found.tasks:
            reason = "mixes the targets of two samples, and there are targets of several kinds"
            return Remark(reason, "leave it out", of_targets=True)
        if found.classes is not None and found.target_shape:
            reason = "mixes the targets of two samples, and these have a class at each place"
            return Remark(reason, "leave it out", of_targets=True)
        if hard := [one.name for one in given.losses if not one.takes_mixtures]:
            reason = f"mixes the targets of two samples, and `{hard[0]}` takes one class of each"
            help = "leave it out, or write `loss = SoftmaxCrossEntropy`"
            return Remark(reason, help, of_targets=True)
        return None


class Mixup(Mixing, known_as=("MixUp",)):
    """λ x + (1 - λ) x' with another sample x', and the same of their targets; λ is drawn from
    Beta(alpha, alpha), and is the larger share.

    Source: Zhang et al. 2018.
    """

    examples = (("Mixup(0.2)", (4,)), ("Mixup(alpha=1)", (1, 3, 3)))

    def mixed(self, x: Tensor, other: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        share = self.share(draws).to(x.dtype)
        by = each(share, x)
        return by * x + (1 - by) * other, share


class CutMix(Mixing, known_as=("Cutmix",)):
    """A box of another picture in place of that of a picture, and their targets in the shares of
    both. The box is 1 - λ of the picture where it lies in it wholly, but for its sides, which are
    rounded down; λ is drawn from Beta(alpha, alpha), and is the larger share.

    Source: Yun et al. 2019.
    """

    alpha: float = arg(
        default=1.0,
        above=0.0,
        at_most=100.0,
        doc="both parameters of the Beta distribution of the shares: 1 draws all as often",
        known_as=("beta",),
    )

    examples = (("CutMix", (1, 4, 5)), ("CutMix(0.5)", (3, 3)))

    def mixed(self, x: Tensor, other: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        side = (1 - self.share(draws)).sqrt()
        box = torch.ones(1, dtype=torch.bool, device=x.device)
        for dim in (-2, -1):
            size = x.shape[dim]
            length = (side * size).long()
            middle = draws.below(f"middle {dim}", size)
            first = (middle - length // 2).clamp_min(0)
            last = (middle - length // 2 + length).clamp_max(size)
            box = box & stretches(x, first, last - first, dim)
        area = box.flatten(1).sum(1) / (x.shape[-2] * x.shape[-1])
        return torch.where(box, other, x), 1 - area.to(x.dtype)

    def remark(self, given: Given) -> Remark | None:
        if wrong := super().remark(given):
            return wrong
        if is_picture(given.found):
            return None
        what = f"cuts a box out of a picture, and {about(given.found)}"
        return Remark(what, "write `Mixup(0.2)`")


def beta(u: torch.Tensor, v: torch.Tensor, alpha: float) -> torch.Tensor:
    """Numbers of Beta(alpha, alpha) for two that are uniform in [0, 1), of the same shape.

    With w = u^(1/α) / (1 - u^(1/α)) and c = cos 2πv, it is (1 + c / √(w + c²)) / 2.  Source: Bailey
    1994, whose Student's t of 2α degrees it makes a Beta of.
    """
    root = u ** (1 / alpha)
    cosine = torch.cos(2 * math.pi * v)
    spread = root / (1 - root)
    return (1 + cosine / (spread + cosine.square()).sqrt().clamp_min(1e-300)) / 2
