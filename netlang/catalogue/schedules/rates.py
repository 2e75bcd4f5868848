"""The rates of a training: its schedules one behind the other, each in its part of the steps."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from netlang.catalogue.schedules.plateau import Plateau
from netlang.catalogue.schedules.schedule import Place, Schedule
from netlang.system.record import Record


class Part(Record):
    """The steps that a ``schedule`` has: from ``begin`` on, ``length`` of them. It counts ``unit``
    steps as one.
    """

    schedule: Schedule
    begin: float
    length: float
    unit: int

    @property
    def end(self) -> float:
        return self.begin + self.length


def parts_of_training(schedules: Sequence[Schedule], steps: int, of_epoch: int) -> Iterator[Part]:
    """What part of a training each of ``schedules`` has, which is of so many ``steps`` in all, and
    ``of_epoch`` in an epoch. One without a length has the rest.
    """
    begin = 0.0
    for schedule in schedules:
        unit = of_epoch if schedule.unit == "epochs" else 1
        length = max(steps - begin, 0) if schedule.length is None else schedule.length * unit
        part = Part(schedule, begin, _exact(length), unit)
        yield part
        begin = _exact(part.end)


class Rates:
    """What the learning rate is multiplied by in each step of a training of so many ``steps``."""

    def __init__(self, schedules: Sequence[Schedule], steps: int, of_epoch: int) -> None:
        self.parts = tuple(parts_of_training(schedules, steps, of_epoch))

    @property
    def plateau(self) -> Plateau | None:
        """The schedule among them that looks at a metric, if there is one."""
        last = self.parts[-1].schedule
        return last if isinstance(last, Plateau) else None

    def factor(self, step: int, reached: float = 1.0) -> float:
        """That of a ``step``, counted from 0. A Plateau has ``reached`` another one than 1."""
        part = self.part(step)
        if part.schedule is self.plateau:
            return reached
        at = min(_exact(step - part.begin), part.length) / part.unit
        try:
            return part.schedule.factor(Place(at, part.length / part.unit, 1 / part.unit))
        except OverflowError:  # of one that grows without end
            return sys.float_info.max

    def part(self, step: int) -> Part:
        """The part of the training in which a ``step`` lies: the last one that has begun."""
        return next(part for part in reversed(self.parts) if part.begin <= step)


def _exact(steps: float) -> float:
    """So many steps, without what fractions of an epoch have lost by rounding: 0.7 of 10 are 7."""
    return round(steps, 9)
