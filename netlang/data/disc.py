"""The paper's data: is a point of the unit square inside a disc of half its area?"""

from __future__ import annotations

import math

from netlang.arguments import Size, arg
from netlang.data.dataset import DataSet, Description, Samples, Split, standardised
from netlang.lazy import torch
from netlang.randomness import generator
from netlang.shapes import Shape


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
        classes = ("outside", "inside")
        return Description(Shape.of(2), self.train, self.test, classes, validation=self.validation)

    def load(self, seed: int = 0) -> Split:
        source = generator(seed, "disc")
        sizes = [self.train, self.test, self.validation]
        points = torch.rand(sum(sizes), 2, generator=source, dtype=torch.float64)
        labels = ((points - 0.5).square().sum(1) <= 1 / (2 * math.pi)).long()
        parts = list(torch.split(points, sizes))
        if self.standardize:
            parts = standardised(*parts)
        dtype = torch.get_default_dtype()
        train, test, validation = (
            Samples(inputs.to(dtype), targets)
            for inputs, targets in zip(parts, torch.split(labels, sizes), strict=True)
        )
        return Split(train, test, validation if self.validation else None)
