"""By what trials are compared: a metric on samples that none is trained on, never the test data."""

from __future__ import annotations

from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import NothingHeldOut
from netlang.language.metric_path import MetricPath

_PART = "validation"
_SHARE, _NUMBER = 0.2, 100  # that are set aside in an example


def metric_of(program: Program) -> MetricPath:
    """The metric of the file's stopping rule, or else the loss.

    Raises NetError where the data set no samples aside for validation.
    """
    if not program.description or not program.description.validation:
        declared = program.data.arguments if program.data else ()
        takes_share = any(one.name == _PART and one.takes(_SHARE) for one in declared)
        aside = f"{_PART}={_SHARE if takes_share else _NUMBER}"
        raise NetError(NothingHeldOut(program.spans.get("data"), aside))
    if program.stop and program.stop.metric.part == _PART:
        return program.stop.metric
    return MetricPath(f"{_PART}.loss")


def comparable(program: Program) -> list[str]:
    """The metrics that trials can be compared by."""
    names = ["loss", *(name for one in program.measures for name in one.paths)]
    return [f"{_PART}.{name}" for name in names]
