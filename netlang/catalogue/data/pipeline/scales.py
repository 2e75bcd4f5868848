"""How numbers of a column come to one scale: by what the training rows teach, and a curve.

Exported files have copies of these functions, so they use nothing but each other and torch.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Literal, Self

from netlang.catalogue.arguments import VALUE_TYPES
from netlang.system.lazy import torch
from netlang.system.record import Value

if TYPE_CHECKING:
    from torch import Tensor

Scale = Literal["standard", "robust", "quantile", "none"]

_NUMBER = VALUE_TYPES["float"]


class Curve(Value, ABC):
    """What becomes of numbers that were shifted and scaled."""

    @abstractmethod
    def bent(self, numbers: Tensor) -> Tensor: ...

    @abstractmethod
    def straight(self, bent: Tensor) -> Tensor:
        """The numbers that ``bent`` makes these of."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]: ...


class SmoothClip(Curve):
    """No number lies beyond 3.  Source: Holzmueller et al. 2024."""

    def bent(self, numbers: Tensor) -> Tensor:
        return smoothly_clipped(numbers)

    def straight(self, bent: Tensor) -> Tensor:
        return bent / (1 - (bent / 3) ** 2).clamp_min(1e-12).sqrt()

    def to_json(self) -> dict[str, Any]:
        return {"curve": "clip"}


class Quantiles(Curve):
    """Numbers become those of a normal distribution that stand at the same place in their order.

    ``values`` are the training rows' quantiles, in equal steps from the least to the largest.
    """

    values: tuple[float, ...]

    @classmethod
    def fit(cls, train: Tensor) -> Self:
        """Learn from the training rows ``train``.  Shape: [N] float64."""
        found = quantiles_of(train.unsqueeze(1), steps_for(len(train)))
        return cls(tuple(found.flatten().tolist()))

    def bent(self, numbers: Tensor) -> Tensor:
        return normal_scores(numbers, numbers.new_tensor(self.values))

    def straight(self, bent: Tensor) -> Tensor:
        values = bent.new_tensor(self.values)
        places = torch.special.ndtr(bent) * (len(values) - 1)
        places = places.where(bent > -5.19, 0.0).where(bent < 5.19, len(values) - 1.0)
        below = places.long().clamp(max=len(values) - 2)
        return torch.lerp(values[below], values[below + 1], places - below)

    def to_json(self) -> dict[str, Any]:
        return {"curve": "quantiles", "values": [*self.values]}


def curve_of(data: object) -> Curve | None:
    """The curve that ``to_json`` made ``data`` of; None for {}.  Raises ValueError."""
    match data:
        case {"curve": "clip", **more} if not more:
            return SmoothClip()
        case {"curve": "quantiles", "values": [_, _, *_] as values, **more} if (
            not more and all(map(_NUMBER.accepts, values)) and values == sorted(values)
        ):
            return Quantiles(tuple(map(float, values)))
        case {**more} if not more:
            return None
    raise ValueError("this is no input of a pipeline")


def shift_and_scale(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and the deviation of each column.  Shape: [N, columns] -> [columns] each.

    The scale of a constant column is 1. Numbers count as equal if they differ by a part in 1e13, as
    roundings of one number do.
    """
    low, high = train.amin(0), train.amax(0)
    constant = high - low <= 1e-13 * low.abs().maximum(high.abs())
    # The mean of equal numbers may be rounded, and their deviation then not be 0.
    shift = train.mean(0).where(~constant, train[0])
    scale = train.std(0, correction=0).where(~constant, 1.0)
    scale[scale == 0] = 1.0  # where numbers are too small to be squared
    return shift, scale


class Moments(Value):
    """What is known of a column's numbers, of which some may be ``missing``: how many there are,
    their ``mean``, the sum of the ``squares`` of what each is away from it, the least and the most.

    Source: Chan, Golub and LeVeque 1979, for how those of two parts become those of both.
    """

    count: int = 0
    missing: int = 0
    mean: float = 0.0
    squares: float = 0.0
    least: float = math.inf
    most: float = -math.inf

    @classmethod
    def of(cls, numbers: Tensor) -> Self:
        """Those of numbers, NaN where one is missing.  Shape: [N] float64."""
        present = numbers[~numbers.isnan()] if numbers.sum().isnan() else numbers
        count, missing = len(present), len(numbers) - len(present)
        if not count:
            return cls(0, missing)
        mean, (least, most) = float(present.mean()), present.aminmax()
        squares = float((present - mean).square_().sum())
        return cls(count, missing, mean, squares, float(least), float(most))

    def __add__(self, other: Moments) -> Moments:
        count, missing = self.count + other.count, self.missing + other.missing
        if not count:
            return Moments(0, missing)
        apart = other.mean - self.mean
        mean = self.mean + apart * other.count / count
        squares = self.squares + other.squares + apart**2 * self.count * other.count / count
        least, most = min(self.least, other.least), max(self.most, other.most)
        return Moments(count, missing, mean, squares, least, most)

    @property
    def shift_and_scale(self) -> tuple[float, float]:
        """As ``shift_and_scale`` says, with the mean in the place of what is missing."""
        if not self.count:
            return self.mean, 1.0
        if self.most - self.least <= 1e-13 * max(abs(self.least), abs(self.most)):
            return self.least, 1.0
        scale = math.sqrt(self.squares / (self.count + self.missing))
        return self.mean, scale or 1.0


def quantiles_of(train: torch.Tensor, steps: int) -> torch.Tensor:
    """The quantiles of each column in so many equal steps from the least number to the
    largest; what lies between two rows is on the line between them.

    Shape: [N, columns] -> [steps + 1, columns].
    """
    places = torch.arange(steps + 1) * (len(train) - 1)
    below, rest = places // steps, (places % steps).to(train.dtype) / steps
    order = train.sort(0).values
    above = order[(below + 1).clamp(max=len(train) - 1)]
    return torch.lerp(order[below], above, rest.unsqueeze(1)).cummax(0).values


def median_and_range(train: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The median and the range of the middle half of each column.

    Where half of the numbers are equal, it is half the range of all; the scale of a constant column
    is 1, as that of ``shift_and_scale``.  Shape: [N, columns] -> [columns] each.
    """
    least, low, shift, high, most = quantiles_of(train, 4)
    rounding = 1e-13 * least.abs().maximum(most.abs())
    scale = (high - low).where(high - low > rounding, (most - least) / 2)
    return shift, scale.where(most - least > rounding, 1.0)


def smoothly_clipped(numbers: torch.Tensor) -> torch.Tensor:
    """Numbers near 0 nearly as they are, and none beyond 3: x / sqrt(1 + (x / 3)^2)."""
    numbers = numbers.clamp(-1e15, 1e15)  # beyond, squares may be infinite
    return numbers / (1 + (numbers / 3) ** 2).sqrt()


def steps_for(rows: int) -> int:
    """How many steps from quantile to quantile so many rows can fill: 999 at most."""
    return max(1, min(1000, rows) - 1)


def normal_scores(numbers: torch.Tensor, quantiles: torch.Tensor) -> torch.Tensor:
    """The place of each number among the quantiles, as the number of a normal distribution.

    Numbers among equal quantiles have the middle place, also where these are the least or the
    largest; those beyond these have the same. None lies beyond 5.2, which is where one of ten
    millions does.

    Shape: [*], [quantiles] -> [*].
    """
    last = len(quantiles) - 1
    if quantiles[0] == quantiles[last]:  # they say nothing
        return torch.zeros_like(numbers)
    numbers = numbers.clamp(quantiles[0], quantiles[last]).contiguous()
    # The first quantile that is no less than each number, and the last one that is no more.
    above = torch.searchsorted(quantiles, numbers).clamp(max=last)
    below = torch.searchsorted(quantiles, numbers, right=True).sub(1).clamp(min=0)
    low, high = quantiles[below], quantiles[above]
    between, middle = below + (numbers - low) / (high - low), (below + above) / 2
    places = torch.where(low < high, between, middle)
    scores: torch.Tensor = torch.special.ndtri((places / last).clamp(1e-7, 1 - 1e-7))
    return scores
