"""Lint: settings that are missing, and definitions that look like mistakes."""

from __future__ import annotations

from netlang import catalogue
from netlang.diagnostics import Sink
from netlang.diagnostics.settings import (
    MissingNet,
    MissingSettings,
    NotProbabilities,
    Unused,
)
from netlang.ir import Graph
from netlang.losses import Loss
from netlang.passes.meaning import Network, Poison, Use
from netlang.passes.resolve import Resolved
from netlang.passes.settle import Chosen
from netlang.settings import SETTINGS, meant_setting
from netlang.source import Span

_EXAMPLES = {
    "data": "data = Disc(train=1000, test=1000)",
    "loss": "loss = MSE",
    "optimizer": "optimizer = Adam(lr=1e-3)",
}


def lint(resolved: Resolved, to_run: bool, sink: Sink) -> None:
    """``to_run`` asks for the settings that training needs.

    A definition that nothing uses and that is nearly a missing setting is told once: as that
    setting's misspelling.
    """
    unused = [
        name
        for name, meaning in resolved.meanings.items()
        if name in resolved.name_spans
        and name not in SETTINGS
        and name not in resolved.mentioned
        and not isinstance(meaning, Poison)
    ]
    if "net" not in resolved.meanings:
        _missing_net(resolved, unused, sink)
    errors_elsewhere = sink.has_errors
    if to_run and "net" in resolved.meanings:
        _missing_settings(resolved, unused, sink)
    free = [name for name in SETTINGS if name not in resolved.meanings]
    for name in unused:
        meant = meant_setting(name, free)
        # What uses it may stand where there is an error; a setting misspelt is told anyway.
        if meant or not errors_elsewhere:
            sink.report(Unused(resolved.name_spans[name], name, meant, _argument_of(name)))


def lint_output(graph: Graph, loss: Chosen, sink: Sink) -> None:
    """Report a loss on probabilities behind a layer that may give other numbers."""
    item = loss.bound.item
    last = graph.nodes[-1]
    if not issubclass(item, Loss) or not item.takes or last.layer.gives == item.takes:
        return
    layers = tuple(layer.name for layer in catalogue.layers() if layer.gives == item.takes)
    sink.report(NotProbabilities(last.origin.span, item.name, loss.span, layers))


def _missing_net(resolved: Resolved, unused: list[str], sink: Sink) -> None:
    networks = [name for name in unused if _is_network(resolved, name)]
    meant = next((name for name in unused if meant_setting(name, ["net"])), None) or (
        networks[-1] if networks else None
    )
    if meant:
        unused.remove(meant)
    end = len(resolved.source.text.rstrip())
    span = resolved.name_spans[meant] if meant else Span(resolved.source, end, end)
    sink.report(MissingNet(span, meant))


def _missing_settings(resolved: Resolved, unused: list[str], sink: Sink) -> None:
    missing = [
        name
        for name, setting in SETTINGS.items()
        if setting.to_run and name not in resolved.meanings
    ]
    for name in list(missing):
        if meant := next((one for one in unused if meant_setting(one, [name])), None):
            missing.remove(name)
            unused.remove(meant)
            sink.report(MissingSettings(resolved.name_spans[meant], (name,), meant, ()))
    if missing:
        end = len(resolved.source.text.rstrip())
        examples = tuple(_EXAMPLES[name] for name in missing)
        span = Span(resolved.source, end, end)
        sink.report(MissingSettings(span, tuple(missing), None, examples))


def _argument_of(name: str) -> str | None:
    """A use of ``name`` as an optimizer's argument, if it is the name of one: ``Adam(lr=...)``."""
    for item in catalogue.items("optimizer"):
        for argument in item.arguments:
            if name in (argument.name, *argument.known_as):
                return f"optimizer = {item.name}({argument.name}=...)"
    return None


def _is_network(resolved: Resolved, name: str) -> bool:
    meaning = resolved.meanings[name]
    return isinstance(meaning, Network) or (
        isinstance(meaning, Use) and meaning.item.kind == "layer"
    )
