"""Whether numbers of a training are far larger than anybody uses."""

from __future__ import annotations

from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.settings import SettingsReader
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.steps import UnusuallyLarge

_LOOKED_AT = "loss", "optimizer", "penalty"
_MEMBERS = 64  # TabM has 32


def lint_sizes(settings: SettingsReader, sink: Sink) -> None:
    """Report arguments of losses, optimizers and penalties, and a number of members, that are
    beyond what is usual. Decay that is scaled is told as such.
    """
    for call in (call for name in _LOOKED_AT for call in settings.calls[name] if call):
        item = call.declared()
        if isinstance(item, WeightDecay) and item.weight_decay and item.scales_decay:
            continue
        for argument in item.arguments:
            value, most = item.values.get(argument.name), item.usual_most.get(argument.name)
            if most is not None and isinstance(value, int | float) and value > most:
                span = call.spans.get(argument.name, call.span)
                what = f"`{argument.name}` of `{item.name}`"
                sink.report(UnusuallyLarge(span, what, argument.doc, value, most))
    count = settings.stated("members")
    if isinstance(count, int) and count > _MEMBERS:
        span, doc = settings.values["members"].span, SETTINGS["members"].doc
        sink.report(UnusuallyLarge(span, "`members`", doc, count, _MEMBERS))
