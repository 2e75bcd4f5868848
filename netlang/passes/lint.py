"""Lint: settings that are missing, and definitions that look like mistakes."""

from __future__ import annotations

from netlang.diagnostics import Sink
from netlang.diagnostics.settings import MissingNet, MissingSettings, Unused
from netlang.diagnostics.suggest import nearest
from netlang.passes.meaning import Network, Poison, Use
from netlang.passes.resolve import Resolved
from netlang.settings import SETTINGS
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
        meant = nearest(name, free)
        # What uses it may stand where there is an error; a setting misspelt is told anyway.
        if meant or not errors_elsewhere:
            sink.report(Unused(resolved.name_spans[name], name, meant))


def _missing_net(resolved: Resolved, unused: list[str], sink: Sink) -> None:
    networks = [name for name in unused if _is_network(resolved, name)]
    meant = nearest("net", unused) or (networks[-1] if networks else None)
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
        if meant := nearest(name, unused):
            missing.remove(name)
            unused.remove(meant)
            sink.report(MissingSettings(resolved.name_spans[meant], (name,), meant, ()))
    if missing:
        end = len(resolved.source.text.rstrip())
        examples = tuple(_EXAMPLES[name] for name in missing)
        span = Span(resolved.source, end, end)
        sink.report(MissingSettings(span, tuple(missing), None, examples))


def _is_network(resolved: Resolved, name: str) -> bool:
    meaning = resolved.meanings[name]
    return isinstance(meaning, Network) or (
        isinstance(meaning, Use) and meaning.item.kind == "layer"
    )
