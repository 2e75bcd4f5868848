"""Schedules fit each other and the length of the training."""

from __future__ import annotations

import math
from collections.abc import Iterator

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Description
from netlang.catalogue.schedules import Part, Rates, Schedule, parts_of_training
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.settings.stopping import metric_problem
from netlang.compiler.passes.values import links_of
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.schedules import (
    EndlessSchedule,
    EndsTooLate,
    FallsTooEarly,
    LeavesTheRate,
    LessThanAStep,
    MilestonesDoNotRise,
    NeverBegins,
    NotALength,
    WaitsTooLong,
    in_steps,
)
from netlang.language.diagnostics.wording import counted

_LOOKED_AT = 1000  # steps at most, of which factors are compared
_SAME = 1e-3  # the share by which factors differ that are called the same
_EARLY = 0.05  # of a training, in which a rate that is to fall has hardly been
_LOW = 0.1  # of the largest factor


def check_schedules(settings: SettingsReader, checker: ExpectationChecker) -> None:
    """Report schedules that contradict themselves or each other, or look at what is not measured.

    A wrong call is reported already.
    """
    calls = settings.calls["schedule"]
    for number, call in enumerate(calls):
        if call is None:
            continue
        behind = links_of(settings.values["schedule"])[number + 1 :]
        schedule = _declared(call)
        if behind and (schedule.length is None or schedule.looks_at):
            instead = "" if schedule.looks_at else call.written_with({"length": "500"})
            report = EndlessSchedule(call.span, schedule.name, behind[0].span, instead)
            settings.sink.report(report)
        if rising := schedule.rising():
            span = call.spans.get("milestones", call.span)
            settings.sink.report(MilestonesDoNotRise(span, as_source(rising)))
        if misread := not_a_length(call):
            settings.sink.report(misread)
        if schedule.looks_at and checker.data and (wrong := metric_problem(call, checker)):
            settings.sink.report(wrong)


def not_a_length(call: BoundCall) -> NotALength | None:
    """The report of an argument that is so large that a length was meant, if there is one."""
    schedule = _declared(call)
    for name, most in schedule.usual_most.items():
        value = schedule.values[name]
        if isinstance(value, int | float) and value > most:
            argument = next(one for one in schedule.arguments if one.name == name)
            has_place = argument is schedule.arguments[0] and not argument.required
            is_length = has_place and value >= 2 and "length" not in call.arguments
            instead = _with_length(call, name, as_source(value)) if is_length else ""
            span = call.spans.get(name, call.span)
            about = call.item.name, name, argument.doc, as_source(value), most, instead
            return NotALength(span, *about)
    return None


def _with_length(call: BoundCall, name: str, length: str) -> str:
    """The call as source, in which the value of the argument ``name`` is the length."""
    others = {one: span.text for one, span in call.spans.items() if one != name}
    given = {"length": length} | others
    return f"{call.item.name}({', '.join(f'{one}={text}' for one, text in given.items())})"


def lint_schedules(settings: SettingsReader, description: Description) -> Iterator[Diagnostic]:
    """The reports of schedules that the training is too short for."""
    calls = [call for call in settings.calls["schedule"] if call]
    epochs, batch = settings.value("epochs"), settings.value("batch")
    together = settings.value("accumulate") or 1
    if not (calls and isinstance(epochs, int) and isinstance(batch, int)):
        return
    assert isinstance(together, int)
    of_epoch = -(-description.train // min(batch * together, description.train))
    schedules = [_declared(call) for call in calls]
    steps, stated = epochs * of_epoch, settings.spans().get("epochs")
    rates = Rates(schedules, steps, of_epoch)
    for call, part in zip(calls, parts_of_training(schedules, steps, of_epoch), strict=True):
        name, has = call.item.name, in_steps(steps)
        length = part.schedule.length
        if length is not None and length < 1 and part.schedule.unit == "steps":
            instead = call.written_with({"length": str(max(1, round(length * steps)))})
            yield LessThanAStep(call.span, name, length, steps, instead)
            return
        if part.begin >= steps:
            yield NeverBegins(call.span, name, in_steps(part.begin), has, stated)
            return  # and those behind it do not begin either
        if part.end > steps and part.schedule.bent:
            reached, lasts = rates.factor(steps - 1), in_steps(part.length)
            yield EndsTooLate(call.span, name, lasts, has, reached, stated)
            return
        if needs := part.schedule.epochs_to_act:
            sees = epochs - int(part.begin) // of_epoch
            if sees < needs:
                yield WaitsTooLong(call.span, name, needs, counted(sees, "epoch"), has, stated)
        elif not part.schedule.stays and not not_a_length(call):
            factors = [rates.factor(step) for step in _some_steps(part, steps)]
            if len(factors) > 1 and max(factors) - min(factors) <= _SAME * max(factors):
                lasting = in_steps(min(part.end, steps) - part.begin)
                yield LeavesTheRate(call.span, name, factors[0], lasting, has, stated)
    if (fallen := _fallen(rates, steps)) and fallen < _EARLY * steps:
        call = calls[rates.parts.index(rates.part(fallen))]
        if _declared(call).unit == "steps":
            instead = call.written_with({"unit": '"epochs"'})
            about = in_steps(fallen), in_steps(steps), _LOW, instead
            yield FallsTooEarly(call.span, call.item.name, *about, stated)


def _fallen(rates: Rates, steps: int) -> int:
    """How many steps are done when the rate has fallen low for good; 0 if it never has."""
    factors = {step: rates.factor(step) for step in range(0, steps, 1 + steps // _LOOKED_AT)}
    low = _LOW * max(factors.values())
    high = [step for step, factor in factors.items() if factor > low]
    behind = range(high[-1], max(factors)) if high else ()
    return next((step for step in behind if rates.factor(step) <= low), 0)


def _some_steps(part: Part, steps: int) -> list[int]:
    """Some of the steps that the part has in a training of so many, with the first and the last."""
    first, last = math.ceil(part.begin), min(math.ceil(part.end), steps) - 1
    return [*range(first, last, 1 + (last - first) // _LOOKED_AT), last]


def _declared(call: BoundCall) -> Schedule:
    schedule = call.declared()
    assert isinstance(schedule, Schedule)
    return schedule
