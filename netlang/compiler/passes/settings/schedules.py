"""Schedules fit each other and the length of the training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from netlang.catalogue.arguments import PlainValue, as_source
from netlang.catalogue.data import Description
from netlang.catalogue.schedules import PER_EPOCH, Part, Rates, Schedule, parts_of_training
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.contradictions import check_arguments
from netlang.compiler.passes.settings.course import Course, course_of
from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.settings.stopping import metric_problem
from netlang.compiler.passes.values import links_of
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.schedules import (
    CountsSteps,
    EndlessSchedule,
    EndsTooLate,
    FallsTooEarly,
    LeavesTheRate,
    MilestonesDoNotRise,
    NeverBegins,
    NoStep,
    NotALength,
    Vanishes,
    WaitsTooLong,
    in_steps,
)
from netlang.language.diagnostics.wording import counted
from netlang.language.source import Span

_LOOKED_AT = 1000  # steps at most, of which factors are compared
_SAME = 1e-3  # the share by which factors differ that are called the same
_EARLY = 0.05  # of a training, in which a rate that is to fall has hardly been
_LOW = 0.1  # of the largest factor
_NOTHING = 0.99e-5  # the share of the largest factor at which weights hardly change
_END = 0.1  # the share of a training that may go on so


def check_schedules(settings: SettingsReader, checker: ExpectationChecker) -> None:
    """Report schedules that contradict themselves or each other, or look at what is not measured.

    A wrong call is reported already.
    """
    calls = settings.calls["schedule"]
    course = course_of(settings, checker.data.description) if checker.data else None
    for number, call in enumerate(calls):
        if call is None:
            continue
        check_arguments(call, settings.sink)
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
        if too_short := _no_step(call, course):
            settings.sink.report(too_short)
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
    course = course_of(settings, description)
    if not calls or not course:
        return
    schedules = [_declared(call) for call in calls]
    steps, of_epoch, stated = course.steps, course.of_epoch, settings.spans().get("epochs")
    rates = Rates(schedules, steps, of_epoch)
    for call, part in zip(calls, parts_of_training(schedules, steps, of_epoch), strict=True):
        name, has = call.item.name, in_steps(steps)
        if part.begin >= steps:
            yield NeverBegins(call.span, name, in_steps(part.begin), has, stated)
            return  # and those behind it do not begin either
        if part.end > steps and part.schedule.bent:
            reached, lasts = rates.factor(steps - 1), in_steps(part.length)
            yield EndsTooLate(call.span, name, lasts, has, reached, stated)
            return
        if needs := part.schedule.epochs_to_act:
            sees = course.epochs - int(part.begin) // of_epoch
            if sees < needs:
                yield WaitsTooLong(call.span, name, needs, counted(sees, "epoch"), has, stated)
        elif not part.schedule.stays and not not_a_length(call):
            factors = [rates.factor(step) for step in _some_steps(part, steps)]
            if len(factors) > 1 and max(factors) - min(factors) <= _SAME * max(factors):
                lasting = in_steps(min(part.end, steps) - part.begin)
                yield LeavesTheRate(call.span, name, factors[0], lasting, has, stated)
                return
    yield from _lint_units(calls, rates, course, stated)


def _lint_units(
    calls: Sequence[BoundCall], rates: Rates, course: Course, stated: Span | None
) -> Iterator[Diagnostic]:
    """The report of a rate that falls long before the training ends, or of schedules that are over
    in the first epoch: most often, epochs were meant to be counted.
    """
    steps, of_epoch = course.steps, course.of_epoch
    if (fallen := _fallen(rates, steps)) and fallen < _EARLY * steps:
        number = rates.parts.index(rates.part(fallen))
        if instead := _in_epochs(calls, number):
            call, after, has = calls[number], in_steps(fallen), in_steps(steps)
            yield FallsTooEarly(call.span, call.item.name, after, has, _LOW, instead, stated)
            return
    if (gone := _gone(rates, steps)) is not None:
        number = rates.parts.index(rates.part(gone))
        call, has = calls[number], in_steps(steps)
        others = [_lasting(calls, number, course), _in_time(calls, number, course)]
        yield Vanishes(call.span, call.item.name, gone, has, stated, *others)
        return
    for number, part in enumerate(rates.parts):
        schedule = part.schedule
        if schedule.in_epoch and schedule.unit == "steps" and schedule.durations:
            over = max(schedule.durations)
            if 1 < over <= min(course.epochs, of_epoch - 1):
                after, has, instead = in_steps(over), in_steps(of_epoch), _in_epochs(calls, number)
                about = schedule.name, schedule.in_epoch
                yield CountsSteps(calls[number].span, *about, after, has, instead)


def _fallen(rates: Rates, steps: int) -> int:
    """How many steps are done when the rate has fallen low for good; 0 if it never has."""
    factors = {step: rates.factor(step) for step in range(0, steps, 1 + steps // _LOOKED_AT)}
    low = _LOW * max(factors.values())
    high = [step for step, factor in factors.items() if factor > low]
    behind = range(high[-1], max(factors)) if high else ()
    return next((step for step in behind if rates.factor(step) <= low), 0)


def _gone(rates: Rates, steps: int) -> int | None:
    """The step from which on the rate is next to nothing, if there are many behind it."""
    some = range(0, steps, 1 + steps // _LOOKED_AT)
    factors = [rates.factor(step) for step in some]
    last = max(number for number, one in enumerate(factors) if one >= _NOTHING * max(factors))
    gone = some[last] + some.step
    return gone if steps - gone > _END * steps else None


def _in_time(calls: Sequence[BoundCall], number: int, course: Course) -> str:
    """One of the schedules as source, in which it counts epochs, if it lasts for the training so
    and the rate does not vanish.
    """
    is_sound = _lasts(calls, number, {"unit": "epochs"}, course)
    return _in_epochs(calls, number) if is_sound else ""


def _lasting(calls: Sequence[BoundCall], number: int, course: Course) -> str:
    """One of the schedules as source, with another argument by which it lasts as long as training
    and the others leave it; nothing where that is not known.
    """
    schedules = [_declared(call) for call in calls]
    parts = [*parts_of_training(schedules, course.steps, course.of_epoch)]
    behind = sum(part.length for part in parts[number + 1 :])
    left = (course.steps - parts[number].begin - behind) / parts[number].unit
    changed = schedules[number].lasting(left) if left > 0 else {}
    if not changed or not _lasts(calls, number, changed, course):
        return ""
    return calls[number].written_with({name: f"{one:.10g}" for name, one in changed.items()})


def _lasts(
    calls: Sequence[BoundCall], number: int, changed: Mapping[str, PlainValue], course: Course
) -> bool:
    """Whether one of the schedules is not over behind the training with other arguments, and the
    rate does not vanish.
    """
    schedules = [_declared(call) for call in calls]
    schedules[number] = schedules[number].declared({**schedules[number].values, **changed})
    rates = Rates(schedules, course.steps, course.of_epoch)
    return rates.parts[number].end <= course.steps and _gone(rates, course.steps) is None


def _in_epochs(calls: Sequence[BoundCall], number: int) -> str:
    """One of the schedules as source, in which it counts epochs; nothing, if it does so already."""
    call = calls[number]
    return "" if _declared(call).unit == "epochs" else call.written_with(PER_EPOCH)


def _no_step(call: BoundCall, course: Course | None) -> NoStep | None:
    """The report of a length or another time that is less than one step, if there is one."""
    schedule = _declared(call)
    if schedule.unit != "steps":
        return None
    for name, value in schedule.values.items():
        is_time = name == "length" or value in schedule.durations
        if is_time and isinstance(value, float) and value < 1:
            steps, instead = "", ""
            if course:
                share = str(max(1, round(value * course.steps)))
                steps, instead = in_steps(course.steps), call.written_with({name: share})
            span = call.spans.get(name, call.span)
            return NoStep(span, call.item.name, name, value, steps, instead)
    return None


def _some_steps(part: Part, steps: int) -> list[int]:
    """Some of the steps that the part has in a training of so many, with the first and the last."""
    first, last = math.ceil(part.begin), min(math.ceil(part.end), steps) - 1
    return [*range(first, last, 1 + (last - first) // _LOOKED_AT), last]


def _declared(call: BoundCall) -> Schedule:
    schedule = call.declared()
    assert isinstance(schedule, Schedule)
    return schedule
