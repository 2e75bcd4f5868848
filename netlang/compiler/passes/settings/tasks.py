"""Losses and metrics are for a kind of target: they have to fit what the data have to predict."""

from __future__ import annotations

from netlang.catalogue import registry
from netlang.catalogue.data import Description
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.language.diagnostics import Cause
from netlang.language.diagnostics.messages.losses import LossMisfit
from netlang.language.diagnostics.messages.settings import TaskMismatch


def check_task(
    settings: SettingsReader, chosen: BoundCall, data: Data, described: Description, name: str = ""
) -> bool:
    """Whether a loss or a metric is for the kind of target that is ``described``; reported if
    not. Of several targets, it has a ``name``.
    """
    item = chosen.item
    assert issubclass(item, Loss | Metric)
    loss = chosen.declared()
    if described.task in item.tasks:
        unfit = loss.unfit(described.outputs) if isinstance(loss, Loss) else ""
        if unfit:
            settings.sink.report(LossMisfit(chosen.span, item.name, unfit, "", data.span))
        return not unfit
    task = described.task
    used = {call.item for calls in settings.calls.values() for call in calls if call}
    choices = tuple(
        other.name
        for other in registry.items(item.kind)
        if issubclass(other, Metric)
        and task in other.tasks
        and other not in used
        and other.is_common
    )
    if issubclass(item, Loss):
        choices = registry.usual_losses(task)
    takes = " and ".join(item.tasks)
    span, other = data.span, described.other_task
    about = takes, span, task, choices, other, name
    wrong = TaskMismatch(chosen.span, item.name, item.kind, *about)
    settings.sink.report(wrong, *([Cause.TASK.at(span)] if other else []))
    return False
