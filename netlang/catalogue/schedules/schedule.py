"""A schedule says by what the learning rate of each step is multiplied.

That is a function of where the step stands in the part of the training that the schedule has.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item

ROUNDED = 1e-9  # the fractions of an epoch are rounded: what is as near to a whole number is one
PER_EPOCH = {"unit": '"epochs"'}  # of torch's schedules, whose `step()` follows most often an epoch
OF_A_PART = ("T_max", "total_iters", "total_steps", "decay_steps", "warmup_steps")


class Place(NamedTuple):
    """Where a step stands in a schedule's part of the training, in the schedule's unit: ``at`` is 0
    for the first step, ``length`` that of the part, and ``step`` that of one step.
    """

    at: float
    length: float
    step: float = 1.0

    @property
    def share(self) -> float:
        """How much of the part lies before the step, from 0 to 1."""
        return self.at / self.length if self.at < self.length else 1.0


def passed(at: float, size: float) -> int:
    """How many times ``size`` is over where so much is.

    >>> 0.3 / 0.1, passed(0.3, 0.1)
    (2.9999999999999996, 3)
    """
    return math.floor(at / size + ROUNDED)


@dataclass_transform(field_specifiers=(arg,))
class Schedule(Item, abstract=True):
    """A factor of the learning rate for each step.

    Its part of the training begins where the schedule before it ends, and has its ``length``;
    without one, it is the rest of the training. Behind its part, its factor stays as it was at the
    end. Arguments that say how long something takes count in its ``unit``. A schedule that is
    ``bent`` to its length has another factor in each step where that is another.
    """

    kind = "schedule"
    bent: ClassVar[bool] = False
    looks_at: ClassVar[bool] = False  # a metric, by which it changes: then it is the last one
    stays: ClassVar[bool] = False  # whether the same factor in all steps is what it is for
    in_epoch: ClassVar[str] = ""  # what seldom is over in an epoch, as messages say it

    length: float | None = arg(
        default=None,
        above=0.0,
        doc="how long it lasts; by default, as long as the training goes on",
        known_as=OF_A_PART,
    )
    unit: str = arg(
        default="steps", choices=("steps", "epochs"), doc="what lengths count: steps or epochs"
    )

    @abstractmethod
    def factor(self, place: Place) -> float:
        """What the learning rate is multiplied by in the step that stands there."""

    @property
    def epochs_to_act(self) -> int:
        """How many epochs there have to be before one that looks at a metric can change a rate."""
        return 0

    @property
    def durations(self) -> tuple[float, ...]:
        """What else, beside its length, is counted in its unit."""
        return ()

    def lasting(self, length: float) -> Mapping[str, float]:
        """The argument with which the rate is not next to nothing before so much is over, and with
        what value; none where no argument says when that is.
        """
        return {} if self.length is None else {"length": length}

    def rising(self) -> tuple[int, ...]:
        """Its numbers in rising order, if they have to rise and do not; else none."""
        return ()
