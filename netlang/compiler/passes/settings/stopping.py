"""A stopping rule looks at a metric that is measured, and not on the test data."""

from __future__ import annotations

from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.expectations import ExpectationChecker
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.stopping import NeverStops, StopsByTest
from netlang.language.metric_path import MetricPath


def check_stop(settings: SettingsReader, checker: ExpectationChecker) -> None:
    """Report what is wrong with the file's stopping rule, if it has one and its data are known."""
    call = settings.call("stop")
    if call and checker.data and (problem := metric_problem(call, checker)):
        settings.sink.report(problem)


def metric_problem(call: BoundCall, checker: ExpectationChecker) -> Diagnostic | None:
    """What is wrong with the metric that a rule or a schedule looks at, where data are known."""
    path = call.declared().values["metric"]
    assert isinstance(path, MetricPath)
    span = call.spans.get("metric", call.span)
    if path.part != "test":
        return checker.unmeasured(path, span, "take")
    has_validation = "validation" in checker.parts
    data = None if has_validation or not checker.data else checker.data.span
    instead = f"validation.{path.metric}"
    return StopsByTest(span, path, instead, data, checker.aside, call.item.kind)


def never_stops(settings: SettingsReader) -> NeverStops | None:
    """The report of a rule that waits for longer than the training goes on."""
    call, epochs = settings.call("stop"), settings.value("epochs")
    if not call or not isinstance(epochs, int):
        return None
    patience = call.declared().values.get("patience")
    if not isinstance(patience, int) or patience + 1 < epochs:
        return None
    stated = settings.spans().get("epochs")
    span = call.spans.get("patience", call.span)
    return NeverStops(span, call.item.name, patience, epochs, stated)
