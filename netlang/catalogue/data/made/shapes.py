"""Pictures with shapes drawn on them, and what is to be seen at each pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.made.made_set import MadeSet, normal, uniform
from netlang.catalogue.data.pipeline import ArrayPipeline, Classes
from netlang.catalogue.data.pipeline.scales import shift_and_scale
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def draw_shapes(
    source: torch.Generator,
    count: int,
    size: int,
    shapes: int,
    noise: float,
    by: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Grey pictures [N, 1, size, size], and the class of each pixel or of the picture."""
    pictures = torch.zeros(count, size, size, dtype=torch.float64, device="cpu")
    classes = pictures.long()
    for _ in range(shapes if by == "pixel" else 1):
        kinds = (3 * uniform(source, count, 1, 1)).floor().long()
        covered = covering(source, kinds, size)
        grey = 0.5 + 0.5 * uniform(source, count, 1, 1)
        pictures = grey.where(covered, pictures)
        classes = (1 + kinds).where(covered, classes)
    pictures += noise * normal(source, count, size, size)
    return pictures.unsqueeze(1), classes if by == "pixel" else kinds.flatten()


def covering(
    source: torch.Generator,
    kinds: torch.Tensor,
    size: int,
) -> torch.Tensor:
    """The pixels that a shape of each kind covers: a square, a disc or a triangle, which lies
    anywhere in the picture.

    Shape: [N, 1, 1] -> [N, size, size].
    """
    count = len(kinds)
    radius = size * (0.12 + 0.1 * uniform(source, count, 1, 1))
    row, column = radius + (size - 2 * radius) * uniform(source, 2, count, 1, 1)
    pixels = torch.arange(size, dtype=torch.float64, device="cpu") + 0.5
    down, right = pixels.unsqueeze(1) - row, pixels - column
    square = torch.maximum(down.abs(), right.abs()) <= 0.9 * radius
    disc = down.square() + right.square() <= radius.square()
    triangle = (down.abs() <= radius) & (2 * right.abs() <= down + radius)
    return torch.where(kinds == 0, square, torch.where(kinds == 1, disc, triangle))


class Shapes(MadeSet, like=("Segmentation", "Pictures")):
    """Noisy pictures of squares, discs and triangles, with what is to be seen at each pixel.

    A shape covers those that were drawn before it. With `by="picture"`, a picture has one shape,
    and is of its class.

    Inputs: [N, 1, size, size].  Targets: [N, size, size], or [N].
    """

    size: int = arg(default=32, at_least=8, at_most=1024, doc="rows and columns of a picture")
    shapes: Size = arg(default=3, at_most=1000, doc="shapes in a picture whose pixels have classes")
    noise: float = arg(
        default=0.2, at_least=0.0, at_most=10.0, doc="standard deviation of each pixel"
    )
    by: str = arg(
        default="pixel", choices=("pixel", "picture"), doc="what has a class, and is to be told"
    )

    rule = (draw_shapes, covering, normal, uniform)
    classes = ("background", "square", "disc", "triangle")

    @property
    def shape(self) -> tuple[int, int, int]:
        """That of a picture."""
        return 1, self.size, self.size

    @property
    def told_apart(self) -> tuple[str, ...]:
        """The classes of pixels or of pictures, of which none is empty."""
        return self.classes if self.by == "pixel" else self.classes[1:]

    def describe(self, seed: int = 0) -> Description:
        by_pixel = (self.size, self.size) if self.by == "pixel" else ()
        found = super().describe(seed)
        return found.replace(
            input=Shape.of(*self.shape), classes=self.told_apart, target_shape=by_pixel
        )

    def pipeline(self, drawn: Tensor | None) -> ArrayPipeline:
        goal = Classes((self.by,), self.told_apart)
        if drawn is None:
            return ArrayPipeline("picture", self.shape, (0.0,), (1.0,), goal)
        shift, scale = (one.item() for one in shift_and_scale(drawn.reshape(-1, 1)))
        return ArrayPipeline("picture", self.shape, (shift,), (scale,), goal)
