"""By what trials are compared: a metric on samples that none is trained on, never the test data."""

from __future__ import annotations

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import LossTuned, NothingHeldOut
from netlang.language.metric_path import MetricPath

_PART, _LOSS = "validation", "loss"
_SHARE, _NUMBER = 0.2, 100  # that are set aside in an example


def metric_of(program: Program, asked: MetricPath | None = None) -> MetricPath:
    """The metric that is ``asked`` for, or that of the file's stopping rule, or else the loss.

    Raises NetError where the data set no samples aside for validation, and where losses of trials
    are compared, and are different ones.
    """
    if not program.description or not program.description.validation:
        declared = program.data.arguments if program.data else ()
        takes_share = any(one.name == _PART and one.takes(_SHARE) for one in declared)
        aside = f"{_PART}={_SHARE if takes_share else _NUMBER}"
        raise NetError(NothingHeldOut(program.spans.get("data"), aside))
    found = asked or MetricPath(f"{_PART}.loss")
    if not asked and program.stop and program.stop.metric.part == _PART:
        found = program.stop.metric
    tuned = [one for one in program.tunables if one.decides_loss]
    if tuned and found.metric == _LOSS:
        others = [one for one in comparable(program) if MetricPath(one).metric != _LOSS]
        raise NetError(LossTuned(tuned[0].span, tuned[0].path, tuple(others)))
    return found


def comparable(program: Program) -> list[str]:
    """The metrics that trials can be compared by."""
    names = [_LOSS, *(name for one in program.measures for name in one.paths)]
    return [f"{_PART}.{name}" for name in names]
