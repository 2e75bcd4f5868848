"""Schedules that follow a curve through their whole length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from netlang.catalogue.arguments import arg
from netlang.catalogue.schedules.schedule import PER_EPOCH, ROUNDED, Place, Schedule, passed

_ENDS = ("alpha", "end_factor", "min_factor")
_LOWEST = ("eta_min", "end_learning_rate", "min_lr")  # which are rates there, and not factors


class Polynomial(
    Schedule,
    known_as=("LinearDecay",),
    like=("PolynomialLR", "PolynomialDecay", "Linear"),
    elsewhere={"PolynomialLR": {"length": "5"} | PER_EPOCH},
    order_elsewhere={
        "PolynomialLR": ("length", "power"),
        "PolynomialDecay": ("", "length", "", "power"),
    },
):
    """Falls from 1: to + (1 - to) · (1 - t)^power, where t goes from 0 to 1. Power 1 is a line.

    Source: torch's PolynomialLR.
    """

    power: float = arg(default=1.0, above=0.0, doc="how it bends")
    to: float = arg(
        default=0.0, at_least=0.0, doc="the factor at the end", known_as=_ENDS, like=_LOWEST
    )

    bent = True
    usual_most: ClassVar[Mapping[str, float]] = {"power": 10, "to": 1}
    argument_order = ("power", "to", "length", "unit")

    def factor(self, place: Place) -> float:
        return self.to + (1 - self.to) * math.pow(1 - place.share, self.power)


class Cosine(
    Schedule,
    known_as=("CosineAnnealing",),
    like=("CosineAnnealingLR", "CosineDecay"),
    elsewhere={"CosineAnnealingLR": PER_EPOCH},
    order_elsewhere={"CosineAnnealingLR": ("length",), "CosineDecay": ("", "length", "to")},
):
    """Falls from 1 as half a wave: to + (1 - to) · (1 + cos πt) / 2, where t goes from 0 to 1.

    Source: Loshchilov and Hutter 2017; torch's CosineAnnealingLR.
    """

    to: float = arg(
        default=0.0, at_least=0.0, doc="the factor at the end", known_as=_ENDS, like=_LOWEST
    )

    bent = True
    usual_most: ClassVar[Mapping[str, float]] = {"to": 1}
    argument_order = ("to", "length", "unit")

    def factor(self, place: Place) -> float:
        return self.to + (1 - self.to) * (1 + math.cos(math.pi * place.share)) / 2


class CosineRestarts(
    Schedule,
    known_as=("SGDR",),
    like=("CosineAnnealingWarmRestarts", "CosineDecayRestarts"),
    elsewhere={"CosineAnnealingWarmRestarts": PER_EPOCH},
    order_elsewhere={"CosineDecayRestarts": ("", "period", "growth")},
):
    """Falls as Cosine does, again and again: each time ``growth`` times as long as before.

    Source: Loshchilov and Hutter 2017; torch's CosineAnnealingWarmRestarts.
    """

    period: float = arg(
        above=0.0, doc="how long it falls the first time", known_as=("T_0", "first_decay_steps")
    )
    growth: int = arg(
        default=1, at_least=1, doc="how many times longer each next one is", known_as=("T_mult",)
    )
    to: float = arg(
        default=0.0, at_least=0.0, doc="the factor at the end", known_as=_ENDS, like=_LOWEST
    )

    usual_most: ClassVar[Mapping[str, float]] = {"to": 1}
    in_epoch: ClassVar[str] = "its first fall is"
    argument_order = ("period", "growth", "to", "length", "unit")

    @property
    def durations(self) -> tuple[float, ...]:
        return (self.period,)

    def factor(self, place: Place) -> float:
        at, period = min(place.at, place.length), self.period
        if self.growth == 1:
            at -= passed(at, period) * period
        while passed(at, period):
            at, period = at - period, period * self.growth
        if at / period < ROUNDED and place.at >= place.length:  # behind its part none begins anew
            at = period
        return self.to + (1 - self.to) * (1 + math.cos(math.pi * at / period)) / 2


class CosineLog(Schedule, known_as=("coslog4",)):
    """Waves that become longer: (1 - cos 2π log₂(1 + (2ᵏ - 1) t)) / 2, where t goes from 0 to 1.

    It begins at 0 and ends at 0. Source: Holzmüller et al. 2024, whose RealMLP has k = 4 cycles.
    """

    cycles: int = arg(default=4, at_least=1, at_most=100, doc="k, how many waves there are")

    bent = True
    argument_order = ("cycles", "length", "unit")

    def factor(self, place: Place) -> float:
        waves = math.log2(1 + (2**self.cycles - 1) * place.share)
        return (1 - math.cos(2 * math.pi * waves)) / 2


class OneCycle(Schedule, like=("OneCycleLR",), order_elsewhere={"OneCycleLR": ("", "length")}):
    """Grows from 1/div_factor to 1, then falls to 1/(div_factor · final_div_factor) in its last
    step. The optimizer's momentum stays as it is.

    Source: Smith and Topin 2018; torch's OneCycleLR, where ``lr`` is its max_lr.
    """

    pct_start: float = arg(
        default=0.3, at_least=0.0, at_most=1.0, doc="the share of the length in which it grows"
    )
    div_factor: float = arg(default=25.0, above=0.0, doc="1 over the factor of the first step")
    final_div_factor: float = arg(
        default=1e4, above=0.0, doc="how many times smaller the last step's is than the first one's"
    )
    anneal_strategy: str = arg(
        default="cos", choices=("cos", "linear"), doc="the form of both parts"
    )

    bent = True
    argument_order = (
        "pct_start", "div_factor", "final_div_factor", "anneal_strategy", "length", "unit",
    )  # fmt: skip

    def factor(self, place: Place) -> float:
        first = 1 / self.div_factor
        last = first / self.final_div_factor
        top, end = self.pct_start * place.length - place.step, place.length - place.step
        at = min(place.at, end)
        if at <= top or top == end:
            return self._between(first, 1.0, at / top if top > 0 else 1.0)
        return self._between(1.0, last, (at - top) / (end - top))

    def _between(self, begin: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return begin + (end - begin) * share
        return end + (begin - end) / 2 * (1 + math.cos(math.pi * share))
