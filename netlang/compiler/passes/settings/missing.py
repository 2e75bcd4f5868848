"""Reports of settings that are missing; a definition under a wrong name may be meant as one."""

from __future__ import annotations

from netlang.catalogue import registry
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir import Graph
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.settings.data import Data
from netlang.compiler.passes.settings.slips import find_slip, slip_of
from netlang.compiler.passes.values import Poison, is_network
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.settings import MissingNet, MissingSettings
from netlang.language.source import Span


def report_missing(
    file: ResolvedFile, graph: Graph | None, data: Data | None, to_run: bool, sink: Sink
) -> list[str]:
    """Report a missing ``net``, or with ``to_run`` the missing settings that training needs.

    Returns the names that nothing uses, without those that are reported here as misspelt settings.
    """
    unused = [name for name in file.unused if not isinstance(file.values[name], Poison)]
    if "net" not in file.values:
        _missing_net(file, unused, sink)
    elif to_run:
        _missing_settings(file, unused, _example_loss(graph, data), sink)
    return unused


def _missing_net(file: ResolvedFile, unused: list[str], sink: Sink) -> None:
    known = SETTINGS["net"].is_called
    if any(known(name) and isinstance(value, Poison) for name, value in file.values.items()):
        return  # what is wrong with it is reported already
    networks = [name for name in unused if is_network(file.values[name])]
    slip = find_slip("net", unused, file)
    if slip is None and networks:
        slip = slip_of(networks[-1], "net", file)
    if slip:
        unused.remove(slip.name)
        sink.report(MissingNet(slip.span, slip.meant))
    else:
        sink.report(MissingNet(_end(file), None))


def _missing_settings(file: ResolvedFile, unused: list[str], loss: str, sink: Sink) -> None:
    missing = []
    for name, setting in SETTINGS.items():
        if not setting.to_run or name in file.values:
            continue
        if slip := find_slip(name, unused, file):
            unused.remove(slip.name)
            sink.report(MissingSettings(slip.span, slip.meant, (name,)))
        else:
            missing.append(name)
    if missing:
        examples = tuple(loss if one == "loss" else SETTINGS[one].to_run for one in missing)
        sink.report(MissingSettings(_end(file), None, tuple(missing), examples))


def _example_loss(graph: Graph | None, data: Data | None) -> str:
    """A loss that goes with the data, and with what the network ends in."""
    task = data.description.task if data else ""
    if task not in ("classification", "labels"):
        return SETTINGS["loss"].to_run
    last = graph.last if graph else None
    target = "one output" if last and last.shape.last == 1 else task
    outputs = "probabilities" if last and last.layer.gives == "probabilities" else "logits"
    return f"loss = {registry.losses_on(outputs, target)[0]}"


def _end(file: ResolvedFile) -> Span:
    """Where the file's text ends."""
    end = len(file.tree.source.text.rstrip())
    return Span(file.tree.source, end, end)
