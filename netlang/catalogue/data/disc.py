"""The paper's data ask whether a point of the unit square lies in a disc of half its area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.dataset import DataSet, Description, Samples, Split
from netlang.catalogue.data.pipeline import Pipeline
from netlang.catalogue.randomness import generator
from netlang.language.shapes import Shape
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_CLASSES = ("outside", "inside")


class Disc(DataSet):
    """Points uniform in [0, 1]²; class 1 within 1/√(2π) of (0.5, 0.5), class 0 outside.

    Inputs: [N, 2].  Source: paper section II.
    """

    train: Size = arg(default=1000, at_most=100_000_000, doc="points to learn from")
    test: Size = arg(default=1000, at_most=100_000_000, doc="points to test on")
    standardize: bool = arg(
        default=True, doc="shift and scale inputs by the training points' mean and deviation"
    )
    validation: int = arg(
        default=0, at_least=0, at_most=100_000_000, doc="points to choose between models by"
    )

    def describe(self) -> Description:
        return Description(Shape.of(2), self.train, self.test, _CLASSES, validation=self.validation)

    def load(self, seed: int = 0) -> Split:
        sizes = [self.train, self.test, self.validation]
        source = generator(seed, "disc")
        points = torch.rand(sum(sizes), 2, generator=source, dtype=torch.float64, device="cpu")
        parts = torch.split(points, sizes)
        learned = parts[0] if self.standardize else None
        pipeline = Pipeline.fit(("x", "y"), learned, "class", _CLASSES)
        train, test, validation = (
            Samples(pipeline.to_inputs(part), inside(part).long()) for part in parts
        )
        return Split(train, test, validation if self.validation else None, pipeline)

    def border(self) -> Tensor:
        angle = torch.linspace(0, 2 * math.pi, 361, dtype=torch.float64, device="cpu")
        return torch.stack([angle.cos(), angle.sin()], 1) / math.sqrt(2 * math.pi) + 0.5


# Exported files have a copy of this function, so it uses nothing but math.
def inside(points: torch.Tensor) -> torch.Tensor:
    """Whether each point lies in the disc.  Shape: [N, 2] -> [N]."""
    x, y = ((points[:, axis] - 0.5).square_() for axis in (0, 1))
    return x.add_(y) <= 1 / (2 * math.pi)
