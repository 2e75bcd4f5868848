"""Schedules that fall by the same factor again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.schedules.schedule import Place, Schedule, passed

_GAMMA = ("decay_rate", "decay", "drop")


class Step(Schedule, known_as=("StepLR", "StepDecay")):
    """Multiplies the rate by γ each time that ``size`` steps or epochs are over: γ^⌊t / size⌋.

    Source: torch's StepLR.
    """

    size: float = arg(
        above=0.0, doc="how long the rate stays as it is", known_as=("step_size", "every")
    )
    gamma: float = arg(default=0.1, at_least=0.0, doc="γ, the factor of a step down", like=_GAMMA)

    usual_most: ClassVar[Mapping[str, float]] = {"gamma": 1}
    argument_order = ("size", "gamma", "length", "unit")

    def factor(self, place: Place) -> float:
        return self.gamma ** passed(min(place.at, place.length), self.size)


class MultiStep(Schedule, known_as=("MultiStepLR", "PiecewiseConstantDecay")):
    """Multiplies the rate by γ at each of the milestones.

    Source: torch's MultiStepLR.
    """

    milestones: tuple[int, ...] = arg(
        at_least=1, doc="after how many steps or epochs, in rising order"
    )
    gamma: float = arg(default=0.1, at_least=0.0, doc="γ, the factor of a step down", like=_GAMMA)

    usual_most: ClassVar[Mapping[str, float]] = {"gamma": 1}
    argument_order = ("milestones", "gamma", "length", "unit")

    def factor(self, place: Place) -> float:
        at = min(place.at, place.length)
        return self.gamma ** sum(milestone <= at for milestone in self.milestones)

    def rising(self) -> tuple[int, ...]:
        rising = tuple(sorted({*self.milestones}))
        return () if rising == self.milestones else rising


class Exponential(Schedule, known_as=("ExponentialLR", "ExponentialDecay")):
    """γ^t: multiplies the rate by γ for each step or epoch.

    Source: torch's ExponentialLR.
    """

    gamma: float = arg(at_least=0.0, doc="γ, the factor for a step or an epoch", like=_GAMMA)

    usual_most: ClassVar[Mapping[str, float]] = {"gamma": 2}  # one above 1 looks for a rate
    argument_order = ("gamma", "length", "unit")

    def factor(self, place: Place) -> float:
        return float(self.gamma ** min(place.at, place.length))
