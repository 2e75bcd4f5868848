"""Settings that are missing, and the definitions that seem to be meant as them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from netlang.catalogue.settings import SETTINGS, is_unmistakable, suggest_setting
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.values import (
    Constant,
    ItemCall,
    Poison,
    Value,
    is_network,
    items_of,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.settings import MissingNet, MissingSettings
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import Span
from netlang.system.record import Record


class Slip(Record):
    """A definition that nothing uses, and the setting that is ``meant`` by it; that is sure if
    neither its name nor its value can mean anything else.
    """

    name: str
    span: Span
    meant: Guess


def is_block_file(file: ResolvedFile) -> bool:
    """Whether the file is made to be imported: it has no settings, and has blocks or shared
    networks, or constants alone.
    """
    definitions, values = file.definitions, file.values
    if not definitions or any(name in values for name in SETTINGS):
        return False
    blocks = any(one.parameters is not None or one.shared for one in definitions.values())
    return blocks or all(isinstance(values[name], Constant) for name in definitions)


def report_missing(file: ResolvedFile, loss: str, to_run: bool, sink: Sink) -> list[str]:
    """Report a missing ``net``, or with ``to_run`` the missing settings that training needs.

    ``loss`` is an example of a loss for the file. Returns the names that nothing uses, without
    those that are reported here as misspelt settings.
    """
    unused = [name for name in file.unused if not isinstance(file.values[name], Poison)]
    if "net" not in file.values:
        _missing_net(file, unused, sink)
    elif to_run:
        _missing_settings(file, unused, loss, sink)
    return unused


def _missing_net(file: ResolvedFile, unused: list[str], sink: Sink) -> None:
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


def _end(file: ResolvedFile) -> Span:
    """Where the file's text ends."""
    end = len(file.tree.source.text.rstrip())
    return Span(file.tree.source, end, end)


def find_slip(setting: str, unused: Sequence[str], file: ResolvedFile) -> Slip | None:
    """The first definition that nothing uses and that seems to be meant as ``setting``, if any: by
    its name, or else by its value, where that is an item of the catalogue.
    """
    is_item, values = bool(SETTINGS[setting].item), file.values
    by_name = (name for name in unused if suggest_setting(name, [setting]))
    by_value = (name for name in unused if is_item and _takes(setting, values[name]))
    name = next(chain(by_name, by_value), None)
    return slip_of(name, setting, file) if name else None


def slip_of(name: str, setting: str, file: ResolvedFile) -> Slip:
    """The definition of ``name``, which nothing uses, as one that is meant as ``setting``."""
    sure = is_unmistakable(name, setting) and _takes(setting, file.values[name])
    return Slip(name, file.definitions[name].name_span, Guess(setting, sure))


def _takes(setting: str, value: Value) -> bool:
    """Whether ``value`` is one that the setting takes."""
    declared = SETTINGS[setting]
    if argument := declared.argument:
        fits = isinstance(value, Constant) and argument.accepts(value.plain)
        return fits and argument.allows(value.plain)  # type: ignore[union-attr]
    if not declared.item:
        return is_network(value)
    parts = items_of(value) if declared.many else (value,)
    kinds = {part.item.kind if isinstance(part, ItemCall) else "" for part in parts}
    return kinds == {declared.item}
