"""The definitions of ``make_schedule``, a function of the step, and of ``make_plateau``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from netlang.catalogue.schedules import Plateau, Schedule
from netlang.lowering.python.text import statement, whole
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchSchedule
from netlang.lowering.pytorch.lowerings import lowers


def make_plateau(schedule: Plateau, rises: bool) -> TorchDefinition:
    """The definition of ``make_plateau``; ``rises`` says whether its metric is better where it is
    higher.
    """
    least = ""
    if schedule.to:
        least = f', min_lr=[{schedule.to} * one["lr"] for one in optimizer.param_groups]'
    given = (
        f'"{"max" if rises else "min"}", {schedule.decay}, {schedule.patience}, '
        f'{schedule.threshold}, "{schedule.threshold_mode}", {schedule.cooldown}{least}, eps=0.0'
    )
    made = f"optim.lr_scheduler.ReduceLROnPlateau(optimizer, {given})"
    return TorchDefinition(f"def make_plateau(optimizer):\n{statement(4, 'return ', made)}\n")


def make_schedule(schedules: Sequence[Schedule]) -> TorchDefinition:
    """The definition of ``make_schedule``, of schedules one behind the other."""
    *before, last = schedules
    lines: list[str] = []
    uses: list[TorchDefinition] = []
    done = ""
    for schedule in before:
        length = _length(schedule, done)
        lines += [f"        length = {length}\n", "        if step < length:\n"]
        said: TorchSchedule = lowers.lowered(schedule)
        lines += _returned(said.text, schedule.unit, 12)
        is_exact = schedule.length is None or schedule.length % 1 == 0
        left = "step -= length" if is_exact else "step = round(step - length, 9)"
        lines.append(f"        {left}\n")
        done, uses = f"{done} - {length}", [*uses, *said.uses]
    said = lowers.lowered(last)
    returned = "".join(_returned(said.text, last.unit, 8))
    if _names("length", returned):
        lines.append(statement(8, "length = ", _length(last, done)) + "\n")
    body, made = "".join([*lines, returned]), "optim.lr_scheduler.LambdaLR(optimizer, factor)"
    if last.looks_at:
        length = " + ".join(_length(schedule, "") for schedule in before)
        made, uses = f"Ahead(optimizer, factor, {length})", [*uses, _AHEAD]
    made = statement(4, "return ", made)
    return TorchDefinition(_SCHEDULE.format(body=body, made=made), uses=(*uses, *said.uses))


def _length(schedule: Schedule, done: str) -> str:
    """How many steps a schedule has, behind those that are ``done``, such as " - 500"."""
    if schedule.length is None:
        return f"EPOCHS * of_epoch{done}"
    if schedule.unit == "steps":
        return whole(schedule.length)
    length = f"{whole(schedule.length)} * of_epoch"
    return length if schedule.length % 1 == 0 else f"round({length}, 9)"


def _returned(text: str, unit: str, indent: int) -> Iterator[str]:
    """The lines that return a schedule's factor, in which ``at`` and ``t`` say where a step is."""
    space = " " * indent
    if _names("at", text):
        at = "min(step, length)"
        yield f"{space}at = {at} / of_epoch\n" if unit == "epochs" else f"{space}at = {at}\n"
    if _names("t", text):
        yield f"{space}t = min(step / length, 1.0) if length > 0 else 1.0\n"
    yield f"{statement(indent, 'return ', text)}\n"


def _names(name: str, text: str) -> bool:
    return bool(re.search(rf"\b{name}\b", text))


_SCHEDULE = '''\
def make_schedule(optimizer, of_epoch):
    """What the learning rate is multiplied by; an epoch has so many steps."""

    def factor(step):
{body}
{made}
'''

_AHEAD = TorchDefinition('''\
class Ahead(optim.lr_scheduler.LambdaLR):
    """Schedules ahead of a Plateau, which has the rate behind their last step."""

    def __init__(self, optimizer, factor, length):
        self.length, self.done = length, -1
        super().__init__(optimizer, factor)

    def step(self):
        self.done += 1
        if self.done < self.length + 1:  # the last one is the first of the Plateau
            super().step()

    def is_over(self):
        return self.done - 1 >= self.length
''')
