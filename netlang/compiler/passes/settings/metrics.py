"""The metrics that a file names, or else those that its data and losses suggest."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue import registry
from netlang.catalogue.data import DataSet
from netlang.catalogue.metrics import Metric
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.settings.losses import LossCall
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.compiler.passes.settings.tasks import check_task
from netlang.language.diagnostics.messages.metrics import MetricMisfit, NoProbabilities
from netlang.language.diagnostics.messages.names import RepeatedArgument
from netlang.language.source import Span


def metrics_of(
    settings: SettingsReader, data: Data | None, outputs: int, any_numbers: LossCall | None
) -> list[Metric] | None:
    """The metrics that the file names, or else the default ones, which depend on what the
    ``outputs`` have to predict; None if they are not known. A loss that takes ``any_numbers``
    leaves no probabilities to measure.
    """
    targets = data.description.for_outputs(outputs) if data else None
    tasks = [described.task for _, described in targets or ()]
    if "metrics" not in settings.values:
        return _default_metrics(tasks, data.item, any_numbers) if data else None
    first: dict[str, Span] = {}
    for call in filter(None, settings.calls["metrics"]):
        metric = call.declared()
        assert isinstance(metric, Metric)
        fitting = [one for _, one in targets or () if one.task in metric.tasks]
        names = [one.names for one in fitting if not metric.is_table]
        labels = [metric.label, *(label for one in names for label in metric.labels(one))]
        if label := next((one for one in labels if one in first), None):
            settings.sink.report(RepeatedArgument(call.span, "metrics", label, first[label]))
        for label in labels:
            first.setdefault(label, call.span)
    fits = [
        call
        and _fits_some(settings, call, data, outputs)
        and _can_read(settings, call, any_numbers, tasks)
        for call in settings.calls["metrics"]
    ]
    found = [call.declared() for call in settings.calls["metrics"] if call]
    return [one for one in found if isinstance(one, Metric)] if all(fits) else None


def _fits_some(
    settings: SettingsReader, metric: BoundCall, data: Data | None, outputs: int
) -> bool:
    """Whether a metric is for the kind of target of an output; reported if not."""
    targets = data.description.for_outputs(outputs) if data else None
    if data is None or not targets:
        return True
    assert issubclass(metric.item, Metric)
    fitting = [one for _, one in targets if one.task in metric.item.tasks]
    if not fitting:
        return check_task(settings, metric, data, targets[0][1])
    declared = metric.declared()
    assert isinstance(declared, Metric)
    for one in fitting:
        what = "label" if one.labels else "class"
        if wrong := declared.misfit(len(one.names), what):
            text = metric.call.span.text
            many = len(one.names), what
            settings.sink.report(MetricMisfit(metric.span, text, *wrong, *many, data.span))
            return False
    return True


def _can_read(
    settings: SettingsReader, call: BoundCall, any_numbers: LossCall | None, tasks: Sequence[str]
) -> bool:
    """Whether there are probabilities if a metric takes these; reported if not."""
    assert issubclass(call.item, Metric)
    loss = any_numbers.calls[0] if any_numbers else None
    if not call.item.needs_probabilities or loss is None:
        return True
    on = [registry.losses_on(kind, task) for kind in ("logits", "probabilities") for task in tasks]
    choices = tuple(dict.fromkeys(name for names in on for name in names))
    wrong = NoProbabilities(call.span, call.item.name, loss.item.name, loss.span, choices)
    settings.sink.report(wrong)
    return False


def _default_metrics(
    tasks: Sequence[str], data: DataSet, any_numbers: LossCall | None
) -> list[Metric]:
    return [
        metric.declared({})
        for metric in registry.items("metric")
        if metric.by_default
        and {*metric.tasks}.intersection(tasks)
        and metric.suits(data)
        and not (metric.needs_probabilities and any_numbers)
    ]
