"""Augmentations that change how bright a picture is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.augment.augmentation import (
    Augmentation,
    Draws,
    Given,
    Remark,
    about,
    each,
    is_picture,
)

if TYPE_CHECKING:
    from torch import Tensor


class _Light(Augmentation, abstract=True):
    """Changes the pixels of a picture, each in its place."""

    by: float = arg(
        default=0.2,
        above=0.0,
        at_most=1.0,
        doc="how far the factor is from 1, at most",
        known_as=("factor", "brightness", "contrast", "limit"),
    )

    def factor(self, x: Tensor, draws: Draws) -> Tensor:
        """The factor of each picture, to be computed with ``x``."""
        return each(1 + draws.symmetric("factor", self.by), x)

    def remark(self, given: Given) -> Remark | None:
        if is_picture(given.found):
            return None
        return Remark(f"changes the light of a picture, and {about(given.found)}", "leave it out")


class Brightness(_Light, like=("RandomBrightness", "ColorJitter")):
    """b + f (x - b): pixels times a factor between 1 - by and 1 + by, where b, the data's own 0, is
    black.
    """

    examples = (("Brightness(0.5)", (3, 2, 2)),)

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        black = draws.data.as_inputs(0.0).to(x)
        return black + self.factor(x, draws) * (x - black)


class Contrast(_Light, known_as=("RandomContrast",), like=("RandomAutocontrast",)):
    """m + f (x - m): the distance from the mean m of a channel of the picture times a factor
    between 1 - by and 1 + by.
    """

    examples = (("Contrast(0.5)", (3, 2, 2)), ("Contrast", (3, 3)))

    def forward(self, x: Tensor, draws: Draws) -> Tensor:
        mean = x.mean((-2, -1), keepdim=True)
        return mean + self.factor(x, draws) * (x - mean)
