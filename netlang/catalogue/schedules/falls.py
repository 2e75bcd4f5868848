"""Schedules that fall by the same factor again and again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.schedules.schedule import PER_EPOCH, Place, Schedule, passed

_FALLEN = 1e-2  # the factor that a fall most often ends with
_GAMMA = ("decay_rate", "decay", "drop")


class Step(Schedule, like=("StepLR", "StepDecay"), elsewhere={"StepLR": PER_EPOCH}):
    """Multiplies the rate by γ each time that ``size`` steps or epochs are over: γ^⌊t / size⌋.

    Source: torch's StepLR.
    """

    size: float = arg(
        above=0.0, doc="how long the rate stays as it is", known_as=("step_size", "every")
    )
    gamma: float = arg(default=0.1, at_least=0.0, doc="γ, the factor of a step down", like=_GAMMA)

    usual_most: ClassVar[Mapping[str, float]] = {"gamma": 1}
    argument_order = ("size", "gamma", "length", "unit")

    @property
    def durations(self) -> tuple[float, ...]:
        return (self.size,)

    def lasting(self, length: float) -> Mapping[str, float]:
        falls = round(math.log(_FALLEN, self.gamma)) if 0 < self.gamma < 1 else 1
        return {"size": math.ceil(length / (1 + max(1, falls)))}

    def factor(self, place: Place) -> float:
        return self.gamma ** passed(min(place.at, place.length), self.size)


class MultiStep(
    Schedule,
    like=("MultiStepLR",),
    elsewhere={"MultiStepLR": PER_EPOCH},
):
    """Multiplies the rate by γ at each of the milestones.

    Source: torch's MultiStepLR.
    """

    milestones: tuple[int, ...] = arg(
        at_least=1,
        doc="after how many steps or epochs, in rising order",
        instead="a milestone is a number of steps, or of epochs with "
        '`unit="epochs"`: of 600 steps, half are over at `300`',
    )
    gamma: float = arg(default=0.1, at_least=0.0, doc="γ, the factor of a step down", like=_GAMMA)

    usual_most: ClassVar[Mapping[str, float]] = {"gamma": 1}
    in_epoch: ClassVar[str] = "all of its milestones are"
    argument_order = ("milestones", "gamma", "length", "unit")

    def factor(self, place: Place) -> float:
        at = min(place.at, place.length)
        return self.gamma ** sum(milestone <= at for milestone in self.milestones)

    @property
    def durations(self) -> tuple[float, ...]:
        return self.milestones

    def lasting(self, length: float) -> Mapping[str, float]:
        return {}  # the milestones are many

    def rising(self) -> tuple[int, ...]:
        rising = tuple(sorted({*self.milestones}))
        return () if rising == self.milestones else rising


class Exponential(
    Schedule,
    like=("ExponentialLR",),
    elsewhere={"ExponentialLR": PER_EPOCH},
):
    """γ^t: multiplies the rate by γ for each step or epoch.

    Source: torch's ExponentialLR.
    """

    gamma: float = arg(at_least=0.0, doc="γ, the factor for a step or an epoch", like=_GAMMA)

    usual_most: ClassVar[Mapping[str, float]] = {"gamma": 2}  # one above 1 looks for a rate
    argument_order = ("gamma", "length", "unit")

    def lasting(self, length: float) -> Mapping[str, float]:
        falls = 1 - _FALLEN ** (1 / length)  # by so much in each step
        return {"gamma": 1 - float(f"{falls:.2g}")}

    def factor(self, place: Place) -> float:
        return float(self.gamma ** min(place.at, place.length))
