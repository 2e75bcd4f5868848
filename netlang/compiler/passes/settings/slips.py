"""Slips: definitions that nothing uses, because they were meant as settings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from netlang.catalogue.settings import SETTINGS, is_unmistakable, suggest_setting
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.values import Constant, ItemCall, Value, is_network, items_of, links_of
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import Span
from netlang.system.record import Record


class Slip(Record):
    """A definition that nothing uses, and the setting that seems to be ``meant``. The guess is sure
    if neither the name nor the value of the definition can mean anything else.
    """

    name: str
    span: Span
    meant: Guess


def find_slip(setting: str, unused: Sequence[str], file: ResolvedFile) -> Slip | None:
    """The first of the ``unused`` definitions that seems to be meant as ``setting``, if any: by its
    name, or else by its value if the setting takes an item of the catalogue.
    """
    is_item, values = bool(SETTINGS[setting].item), file.values
    by_name = (name for name in unused if suggest_setting(name, [setting]))
    by_value = (name for name in unused if is_item and takes(setting, values[name]))
    name = next(chain(by_name, by_value), None)
    return slip_of(name, setting, file) if name else None


def slip_of(name: str, setting: str, file: ResolvedFile) -> Slip:
    """The definition of ``name``, which nothing uses, as one that is meant as ``setting``."""
    sure = is_unmistakable(name, setting) and takes(setting, file.values[name])
    return Slip(name, file.definitions[name].name_span, Guess(setting, sure))


def takes(setting: str, value: Value) -> bool:
    """Whether ``value`` is one that the setting takes."""
    declared = SETTINGS[setting]
    if argument := declared.argument:
        return isinstance(value, Constant) and argument.takes(value.plain)
    if not declared.item:
        return is_network(value) and not declared.names_parts
    parts = items_of(value) if declared.many else links_of(value)
    kinds = {part.item.kind if isinstance(part, ItemCall) else "" for part in parts}
    return kinds == {declared.item}
