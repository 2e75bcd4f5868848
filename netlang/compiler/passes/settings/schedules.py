"""Schedules fit each other and the length of the training."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import Description
from netlang.catalogue.schedules import Rates, Schedule, parts_of_training
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.settings.stopping import metric_problem
from netlang.compiler.passes.values import links_of
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.schedules import (
    EndlessSchedule,
    EndsTooLate,
    MilestonesDoNotRise,
    NeverBegins,
    in_steps,
)


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
        if schedule.looks_at and checker.data and (wrong := metric_problem(call, checker)):
            settings.sink.report(wrong)


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
        if part.begin >= steps:
            yield NeverBegins(call.span, name, in_steps(part.begin), has, stated)
            return  # and those behind it do not begin either
        if part.end > steps and part.schedule.bent:
            reached, length = rates.factor(steps - 1), in_steps(part.length)
            yield EndsTooLate(call.span, name, length, has, reached, stated)
            return


def _declared(call: BoundCall) -> Schedule:
    schedule = call.declared()
    assert isinstance(schedule, Schedule)
    return schedule
