"""Schedules that are straight: a rate that stays as it is, and one that grows to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.schedules.schedule import PER_EPOCH, Place, Schedule


class Constant(Schedule):
    """The same factor in every step.

    Source: torch's ConstantLR, behind whose steps the factor is 1: write that as
    ``Constant(0.1, length=5) -> Constant``.
    """

    level: float = arg(
        default=1.0, at_least=0.0, doc="what the rate is multiplied by", known_as=("factor",)
    )

    stays = True
    usual_most: ClassVar[Mapping[str, float]] = {"level": 10}
    argument_order = ("level", "length", "unit")

    def factor(self, place: Place) -> float:
        return self.level


class Warmup(
    Schedule,
    known_as=("LinearWarmup", "WarmUp"),
    like=("LinearLR",),
    elsewhere={"LinearLR": {"length": "5", "start": "0.333333333"} | PER_EPOCH},
    order_elsewhere={"LinearLR": ("start", "", "length")},
):
    """Grows in a straight line: start + (1 - start) · t, where t goes from 0 to 1 in its length.

    Source: Goyal et al. 2017; torch's LinearLR.
    """

    start: float = arg(
        default=0.0,
        at_least=0.0,
        doc="the factor of the first step",
        known_as=("start_factor",),
        like=("warmup_start",),
    )

    bent = True
    usual_most: ClassVar[Mapping[str, float]] = {"start": 1}
    argument_order = ("length", "start", "unit")

    def factor(self, place: Place) -> float:
        return self.start + (1 - self.start) * place.share
