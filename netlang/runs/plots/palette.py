"""There are colours for any number of classes, which colour-blind readers tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

# Of Okabe and Ito: blue, orange, green, vermillion, purple, sky blue, yellow.
_FIRST = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442")
_LEVELS = 12  # levels of red, green and blue, of which further colours are made
_LIGHTNESS = (0.3, 0.9)  # of those: darker ones look black, lighter ones white
# What linear red, green and blue look like without one kind of cone.
# Source: Machado, Oliveira and Fernandes 2009, severity 1.
_EYES = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    ((0.152286, 1.052583, -0.204868),
     (0.114503, 0.786281, 0.099216),
     (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968),
     (0.280085, 0.672501, 0.047413),
     (-0.011820, 0.042940, 0.968881)),
)  # fmt: skip
# Source: Ottosson, "A perceptual color space for image processing", 2020.
_CONES = ((0.4122214708, 0.5363325363, 0.0514459929),
          (0.2119034982, 0.6806995451, 0.1073969566),
          (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
_OKLAB = ((0.2104542553, 0.7936177850, -0.0040720468),
          (1.9779984951, -2.4285922050, 0.4505937099),
          (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip


def palette(count: int) -> list[str]:
    """Choose ``count`` colours: Okabe and Ito's, and then always the one that is farthest from all
    before it, for the eyes that see the difference least.  A shorter palette begins a longer one.

    >>> palette(3)
    ['#0072b2', '#e69f00', '#009e73']
    """
    chosen = [*_FIRST[:count]]
    if count > len(chosen):
        levels = torch.linspace(0, 1, _LEVELS, dtype=torch.float64)
        some = torch.cartesian_prod(levels, levels, levels)
        seen = appearance(some)
        darkest, lightest = _LIGHTNESS
        some = some[(seen[0, :, 0] > darkest) & (seen[0, :, 0] < lightest)]
        seen = appearance(some)
        nearest = torch.cdist(seen, appearance(rgb(chosen))).amin((0, 2))
        while len(chosen) < count:
            index = int(nearest.argmax())
            chosen.append(
                "#" + "".join(f"{round(255 * part):02x}" for part in some[index].tolist())
            )
            apart = torch.cdist(seen, seen[:, index : index + 1]).amin((0, 2))
            nearest = torch.minimum(nearest, apart)
    return chosen


def appearance(colours: Tensor) -> Tensor:
    """How three kinds of eyes see colours [N, 3]: sRGB from 0 to 1 becomes OKLab.

    Shape: [3, N, 3].
    """
    bent = ((colours + 0.055) / 1.055).pow(2.4)
    linear = torch.where(colours <= 0.04045, colours / 12.92, bent)
    eyes, cones, oklab = (torch.tensor(one, dtype=linear.dtype) for one in (_EYES, _CONES, _OKLAB))
    seen = (linear @ eyes.mT).clamp(0, 1)
    return (seen @ cones.mT).pow(1 / 3) @ oklab.mT


def rgb(colours: list[str]) -> Tensor:
    """Red, green and blue from 0 to 1 of colours such as ``#0072b2``.  Shape: [N, 3]."""
    digits = [[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in colours]
    return torch.tensor(digits, dtype=torch.float64)
