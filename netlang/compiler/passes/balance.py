"""Whether a network that never predicts the rare classes of its data would look good."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.data import Description
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings import Data, SettingsReader
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.lints import RareClass

_RARE = 20  # times fewer samples than the most frequent class has


def lint_balance(
    settings: SettingsReader,
    losses: Sequence[Sequence[BoundCall]],
    targets: Sequence[Description],
    data: Data,
    sink: Sink,
) -> None:
    """Report a class that is much rarer than another, unless the data, the loss or a metric of the
    file heeds that.
    """
    calls = filter(None, (*settings.calls["metrics"], *(one for each in losses for one in each)))
    if any(map(_heeds, calls)) or data.item.values.get("weights"):
        return
    for target in targets:
        if not data.item.predicts_next and (extremes := rare_and_frequent(target)):
            rare, most = extremes
            share = most[0] / sum(target.counts)
            has_weights = any(one.name == "weights" for one in data.item.arguments)
            may_balance = has_weights and len(targets) == 1
            about = rare[1], rare[0], most[1], most[0], share, may_balance
            sink.report(RareClass(data.span, *about))


def rare_and_frequent(target: Description) -> tuple[tuple[int, str], tuple[int, str]] | None:
    """The rarest class and the most frequent one, each behind the number of its samples, where
    there are far more of one than of the other.
    """
    if target.target_shape or not target.classes:
        return None  # places in a sample, such as pixels, are seldom of all classes alike
    found = [*zip(target.counts, target.classes, strict=False)]
    rare, most = min(found, default=(0, "")), max(found, default=(0, ""))
    return (rare, most) if 1 < rare[0] <= most[0] / _RARE else None


def _heeds(call: BoundCall) -> bool:
    item = call.declared()
    return item.weighs_classes if isinstance(item, Loss) else _sees_rare(item)


def _sees_rare(metric: object) -> bool:
    is_average = isinstance(metric, Metric) and metric.values.get("average") == "micro"
    return isinstance(metric, Metric) and metric.sees_rare and not is_average
