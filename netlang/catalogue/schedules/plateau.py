"""The schedule that is no function of the step: it looks at a metric after each epoch."""

from __future__ import annotations

import math

from netlang.catalogue.arguments import arg
from netlang.catalogue.contradiction import Contradiction
from netlang.catalogue.schedules.schedule import Place, Schedule
from netlang.language.metric_path import MetricPath
from netlang.system.record import Record


class PlateauState(Record):
    """What a Plateau remembers of the epochs so far."""

    factor: float = 1.0
    best: float = math.nan  # the metric's best value; none yet
    waited: int = 0  # epochs in a row that were no better
    cooling: int = 0  # epochs for which it waits no more


class Plateau(
    Schedule,
    like=("ReduceLROnPlateau",),  # Keras's waits an epoch less, for what is no share
    order_elsewhere={"ReduceLROnPlateau": ("", "decay", "patience")},
):
    """Multiplies the rate by ``decay`` when a metric was no better for more than ``patience``
    epochs.

    Source: torch's ReduceLROnPlateau.
    """

    metric: MetricPath = arg(
        default=MetricPath("validation.loss"),
        doc="what to look at: the loss or a metric, on `validation` or `train`",
        known_as=("monitor", "watch"),
    )
    decay: float = arg(
        default=0.1,
        at_least=0.0,
        below=1.0,
        doc="the factor of a step down",
        known_as=("factor", "gamma"),
    )
    patience: int = arg(default=10, at_least=0, doc="how many epochs may be no better")
    threshold: float = arg(
        default=1e-4,
        at_least=0.0,
        doc="by how much better a metric has to be, to count",
        like=("min_delta", "epsilon"),  # which are no shares there
    )
    threshold_mode: str = arg(
        default="rel", choices=("rel", "abs"), doc="whether that is a share of the best value"
    )
    cooldown: int = arg(default=0, at_least=0, doc="epochs after a step down that do not count")
    to: float = arg(
        default=0.0, at_least=0.0, at_most=1.0, doc="the smallest factor",
        known_as=("min_factor",), like=("min_lr",),
    )  # fmt: skip

    length = None  # it goes on to the end of the training,
    unit = "epochs"  # behind each of which it looks at the metric
    looks_at = True
    argument_order = (
        "metric",
        "decay",
        "patience",
        "threshold",
        "threshold_mode",
        "cooldown",
        "to",
    )

    def contradiction(self) -> Contradiction | None:
        if self.threshold_mode == "abs" or self.threshold < 1:
            return None
        problem = f"has `threshold={self.threshold:g}`, a share of the best value"
        why = "no loss above 0 is ever so much better"
        help = 'write a share below 1, or `threshold_mode="abs"` beside it'
        return Contradiction("threshold", problem, why, help)

    @property
    def epochs_to_act(self) -> int:
        return self.patience + 3  # the best one, those that are no better, and one that it changes

    def factor(self, place: Place) -> float:
        return 1.0

    def after(self, state: PlateauState, value: float, rises: bool) -> PlateauState:
        """What it remembers after an epoch whose metric is ``value``, better where it ``rises``."""
        factor, best, waited, cooling = state.factor, state.best, state.waited, state.cooling
        if math.isnan(best):  # the first epoch may have no value, or an infinite one
            best = -math.inf if rises else math.inf
        if self._is_better(value, best, rises):
            best, waited = value, 0
        else:
            waited += 1
        if cooling:
            cooling, waited = cooling - 1, 0
        if waited > self.patience:
            factor, waited, cooling = max(factor * self.decay, self.to), 0, self.cooldown
        return PlateauState(factor, best, waited, cooling)

    def _is_better(self, value: float, best: float, rises: bool) -> bool:
        sign = 1 if rises else -1
        least = best * (1 + sign * self.threshold)
        if self.threshold_mode == "abs":
            least = best + sign * self.threshold
        return value > least if rises else value < least
