"""Two clouds of points, which a line tells apart as well as anything does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.made.made_set import MadeSet, alternating, normal
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def gauss(
    source: torch.Generator,
    count: int,
    noise: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points around (-1, -1), of class 0, and around (1, 1), of class 1."""
    classes = alternating(count)
    centres = (2.0 * classes - 1).double().unsqueeze(1)
    return centres + noise * normal(source, count, 2), classes


class Gauss(MadeSet, known_as=("Gaussian", "Gaussians"), like=("make_blobs", "Blobs")):
    """Normal clouds around (-1, -1), class 0, and (1, 1), class 1.

    Inputs: [N, 2].  Source: "Gaussian" of TensorFlow's playground, on another scale.
    """

    noise: float = arg(
        default=0.5, at_least=0.0, at_most=10.0, doc="standard deviation of each coordinate"
    )

    rule = (gauss, normal, alternating)
    classes = ("lower left", "upper right")

    def border(self) -> Tensor:
        """The line x + y = 0, on which both classes are equally likely."""
        far = 1 + 4 * self.noise
        return torch.tensor([[-far, far], [far, -far]], dtype=torch.float64, device="cpu")
