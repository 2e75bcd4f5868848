"""The rates of a training: its schedules one behind the other, each in its part of the steps."""

from __future__ import annotations

import math
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

    def factors(self, steps: range) -> list[float]:
        """What the schedule multiplies the rate by in steps of the training that lie in it."""
        unit, factor = self.unit, self.schedule.factor
        length, of_step = self.length / unit, 1 / unit
        if self.begin == (whole := int(self.begin)):
            passed: list[float] = [step - whole for step in steps]
        else:
            passed = [_exact(step - self.begin) for step in steps]
        if passed[-1] > self.length:
            passed = [min(one, self.length) for one in passed]
        try:
            return [factor(Place(one / unit, length, of_step)) for one in passed]
        except OverflowError:  # of one that grows without end
            each = (self.factors(range(step, step + 1)) for step in steps)
            return [sys.float_info.max] if len(steps) == 1 else [one for (one,) in each]


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
        return self.factors(step, 1, reached)[0]

    def factors(self, first: int, steps: int, reached: float = 1.0) -> list[float]:
        """Those of so many ``steps`` from the ``first`` on."""
        found, end = list[float](), first + steps
        while (step := first + len(found)) < end:
            number = self._number(step)
            part, behind = self.parts[number], self.parts[number + 1 :]
            last = min([end, *(math.ceil(one.begin) for one in behind)])
            if part.schedule is self.plateau:
                found += [reached] * (last - step)
            else:
                found += part.factors(range(step, last))
        return found

    def part(self, step: int) -> Part:
        """The part of the training in which a ``step`` lies: the last one that has begun."""
        return self.parts[self._number(step)]

    def _number(self, step: int) -> int:
        return max(at for at, part in enumerate(self.parts) if part.begin <= step)


def _exact(steps: float) -> float:
    """So many steps, without what fractions of an epoch have lost by rounding: 0.7 of 10 are 7."""
    return round(steps, 9)
