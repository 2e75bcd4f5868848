"""The optimizers of a file: each has weights to train, and arguments that go together."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.optimizers import Optimizer, Selective, SeveralOptimizers
from netlang.compiler.ir import Graph
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings.contradictions import check_arguments
from netlang.compiler.passes.settings.reader import SettingsReader
from netlang.language.diagnostics.messages.optimizers import (
    FirstSelects,
    SelectsAll,
    SelectsNothing,
)


def check_optimizers(settings: SettingsReader, graph: Graph | None) -> None:
    """Report what is wrong with the file's optimizers; what they select, if the graph is known."""
    calls = settings.calls["optimizer"]
    for call in filter(None, calls):
        check_arguments(call, settings.sink)
    known = [call for call in calls if call]
    if len(known) < len(calls) or not known:
        return
    is_sound = _check_first(known, settings)
    others = [_selects(call, known[0], settings) for call in known[1:]]
    if is_sound and all(others) and others and graph:
        _check_weights(known, graph, settings)


def _check_first(calls: Sequence[BoundCall], settings: SettingsReader) -> bool:
    first = calls[0]
    chosen = [one for one in ("on", "only") if first.values.get(one) is not None]
    if chosen:
        span = first.spans.get(chosen[0], first.span)
        alone = len(calls) == 1
        settings.sink.report(FirstSelects(span, first.item.name, chosen[0], alone))
    if len(calls) > 1 and not issubclass(first.item, Selective):
        settings.sink.report(SelectsAll(first.span, first.item.name, calls[1].span, True))
        return False
    return not chosen


def _selects(call: BoundCall, first: BoundCall, settings: SettingsReader) -> bool:
    """Whether an optimizer behind the first one says which weights it takes; reported if not."""
    optimizer = call.declared()
    if isinstance(optimizer, Selective) and optimizer.is_selective:
        return True
    no_parts = not isinstance(optimizer, Selective)
    settings.sink.report(SelectsAll(call.span, optimizer.name, first.span, no_parts))
    return False


def _check_weights(calls: Sequence[BoundCall], graph: Graph, settings: SettingsReader) -> None:
    """Report each optimizer that has no weights to train."""
    optimizers = [one for one in (call.declared() for call in calls) if isinstance(one, Optimizer)]
    several = SeveralOptimizers.of(optimizers)
    taken: dict[int, set[int]] = {}  # by the number of an optimizer, who takes what it names
    for node in graph.nodes:
        if node.shares or node.frozen:
            continue
        for name, weight in node.layer.declared_weights().items():
            owner = several.chosen(node.parts, name, weight)
            for number, one in enumerate(optimizers):
                if isinstance(one, Selective) and one.selects(node.parts, name, weight):
                    taken.setdefault(number, set()).add(owner)
    for number, call in enumerate(calls):
        if number and number not in taken.get(number, ()):
            takers = sorted(taken.get(number, ()))
            taker = calls[takers[-1]].span if takers else None
            settings.sink.report(SelectsNothing(call.span, call.item.name, taker))
