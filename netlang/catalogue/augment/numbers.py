"""Augmentations that change single numbers of a sample: noise, and numbers that are hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.augment.augmentation import (
    Augmentation,
    Draws,
    Given,
    Remark,
    about,
    each,
    is_picture,
    of_numbers,
)
from netlang.catalogue.data import Description
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Noise(
    Augmentation,
    known_as=("GaussianNoise", "GaussNoise", "RandomNoise"),
    like=("Jitter", "AddNoise"),
):
    """x + std · z, with a standard normal number z for each number of a sample.

    Of a table, columns of numbers alone get noise, and of sequences the steps before their ends.
    Where data are standardised, ``std`` is in deviations of the training samples.
    """

    std: float = arg(
        default=0.1,
        above=0.0,
        doc="the deviation of the noise, in the numbers that the network sees",
        known_as=("stddev", "sigma", "scale", "noise"),
    )

    examples = (("Noise(0.1)", (4,)), ("Noise(std=2)", (1, 3, 3)), ("Noise", (5, 2)))

    @property
    def noise(self) -> float:
        return self.std

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        noise = draws.normal("noise", *x.shape[1:]).mul_(self.std)
        if draws.data.description.columns:
            noise *= x.new_tensor(are_numbers(draws.data.description))
        return noise.add_(x)

    def remark(self, given: Given) -> Remark | None:
        found = given.found
        if any(kind == "number" for _, kind, _ in found.columns):
            return None
        if found.columns:
            reason = "adds noise to numbers, and no column of the table has numbers"
            return Remark(reason, "leave it out, or write `DropFeatures(0.1)`")
        return of_numbers("adds noise to numbers", given)


class Cutout(
    Augmentation,
    like=(
        "CoarseDropout",
        "RandomErasing",
        "TimeMasking",
        "FrequencyMasking",
        "Mask",
        "GridDropout",
    ),
):
    """A box of a picture becomes the mean of the training samples, wherever its middle lies; or
    with `dim=1` a stretch of that dimension, such as the steps of a sequence.

    Source: DeVries and Taylor 2017; Park et al. 2019 for one dimension.
    """

    size: Size = arg(doc="the sides of the box, or how long the stretch is", known_as=("length",))
    dim: int | None = arg(
        default=None,
        doc="the dimension of the stretch, counted as torch does; without it, a box of rows and "
        "columns",
        known_as=("axis",),
    )
    p: float = arg(default=1.0, at_least=0.0, at_most=1.0, doc="probability", known_as=("prob",))

    examples = (
        ("Cutout(2)", (1, 4, 5)),
        ("Cutout(3, p=0.5)", (3, 3)),
        ("Cutout(2, dim=1)", (6, 2)),
        ("Cutout(2, dim=-1)", (2, 6)),
    )

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        hidden = each(draws.uniform("happens") < self.p, x)
        for dim in (-2, -1) if self.dim is None else (self.dim,):
            size = x.shape[dim]
            middle = draws.below(f"middle {dim}", size)
            hidden = hidden & stretches(x, middle - self.size // 2, self.size, dim)
        return torch.where(hidden & ~x.isnan(), draws.data.means().to(x), x)

    def remark(self, given: Given) -> Remark | None:
        found = given.found
        if wrong := of_numbers("hides a part of a sample's numbers", given):
            return wrong
        sizes = found.input.sizes
        if found.columns or found.inputs:
            help = "write `DropFeatures`" if found.columns else "leave it out"
            return Remark(f"hides a part of a picture, and {about(found)}", help)
        if self.dim is None and not is_picture(found):
            help = "write `dim=1` for steps of a sequence"
            return Remark(f"hides a box of a picture, and {about(found)}", help)
        if self.dim is not None and not 1 <= self.dim % (len(sizes) + 1) <= len(sizes):
            return Remark(f"has no dimension {self.dim} in a sample of {[*sizes]}", "write `dim=1`")
        seen = sizes[-2:] if self.dim is None else [sizes[self.dim % (len(sizes) + 1) - 1]]
        if self.size < max(seen):
            return None
        reason = f"hides {self.size} places, and a sample has {max(seen)}"
        return Remark(f"{reason}: nothing would be left", "take a smaller `size`")


class DropFeatures(
    Augmentation, like=("FeatureDropout", "RandomFeatureMask", "SwapNoise", "InputDropout")
):
    """Each column of a table is hidden with probability p: a number becomes the mean of the
    training samples, and all inputs of a category become 0, as of one that no training row has.

    Source: Vincent et al. 2008, whose noise is such.
    """

    p: float = arg(default=0.1, above=0.0, below=1.0, doc="probability", known_as=("rate", "prob"))

    examples = (("DropFeatures(0.5)", (4,)),)

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        found = draws.data.description
        widths = [width for _, _, width in found.columns] or [1] * x.shape[1]
        hidden = draws.uniform("columns", len(widths)) < self.p
        columns = torch.repeat_interleave(hidden, torch.tensor(widths, device=x.device), 1)
        instead = draws.data.means().to(x)
        if found.columns:
            instead = torch.where(x.new_tensor(are_numbers(found)) > 0, instead, 0)
        return torch.where(columns, instead, x)

    def remark(self, given: Given) -> Remark | None:
        found = given.found
        if any(kind == "text" for _, kind, _ in found.columns):
            return Remark("hides columns of a table, and one of these is a text", "leave it out")
        if found.columns:
            return None
        if wrong := of_numbers("hides numbers", given):
            return wrong
        if len(found.input.sizes) == 1 and not found.inputs:
            return None
        help = "write `Cutout(3)`, which hides a box, or with `dim=1` a stretch of steps"
        if found.inputs:
            help = "leave it out"
        return Remark(f"hides columns of a table, and {about(found)}", help)


def are_numbers(found: Description) -> list[float]:
    """1 for each input that is the number of a column, else 0: what says that it is missing is
    none, nor are those of a category.
    """
    return [
        float(kind == "number" and not place)
        for _, kind, width in found.columns
        for place in range(width)
    ]


def stretches(
    x: torch.Tensor,
    first: torch.Tensor,
    size: torch.Tensor | int,
    dim: int,
) -> torch.Tensor:
    """Where a stretch of ``size`` places lies along a dimension of each sample, from ``first`` on.

    Shape: [N, *], [N] int64, [N] -> [N, 1, places of the dimension, 1] bool, and the like.
    """
    at = torch.arange(x.shape[dim], device=x.device) - first.view(-1, 1)
    shape = [len(x)] + [1] * (x.dim() - 1)
    shape[dim] = x.shape[dim]
    return ((at >= 0) & (at < torch.as_tensor(size).view(-1, 1))).view(shape)
