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

    def describe(self) -> Description:
        return Description(Shape.of(2), self.train, self.test, ("outside", "inside"))

    def load(self, seed: int = 0) -> Split:
        source = generator(seed, "disc")
        points = torch.rand(self.train + self.test, 2, generator=source, dtype=torch.float64)
        inside = (points - 0.5).square().sum(1) <= 1 / (2 * math.pi)
        train, test = points[: self.train], points[self.train :]
        if self.standardize:
            train, test = standardised(train, test)
        dtype = torch.get_default_dtype()
        return Split(
            Samples(train.to(dtype), inside[: self.train].long()),
            Samples(test.to(dtype), inside[self.train :].long()),
        )
