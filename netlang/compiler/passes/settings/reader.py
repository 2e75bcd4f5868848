"""The values of a file's settings, which are checked: does the setting take such a value?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.catalogue.settings import SETTINGS, Setting
from netlang.compiler.passes.bind import Binder, BoundCall
from netlang.compiler.passes.check import check
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.settings.wrong_items import wrong_item
from netlang.compiler.passes.values import (
    Constant,
    ItemCall,
    Summed,
    Value,
    Weighted,
    holds_poison,
    items_of,
    links_of,
)
from netlang.language.diagnostics import Sink
from netlang.language.source import Span
from netlang.language.syntax import ast


class SettingsReader:
    """Reads the settings of one file; a setting that is wrong is reported, and then absent.

    ``calls`` are the items of the catalogue that settings name, None for one that is wrong.
    """

    def __init__(self, file: ResolvedFile, binder: Binder, sink: Sink) -> None:
        self.file, self.values, self.binder, self.sink = file, file.values, binder, sink
        self.calls = {
            name: self.calls_in(name, self.values.get(name))
            for name, one in SETTINGS.items()
            if one.item
        }

    def value(self, name: str) -> PlainValue:
        """A plain setting's value, or its default."""
        argument, stated = SETTINGS[name].argument, self.stated(name)
        assert argument
        return argument.default if stated is None else stated

    def stated(self, name: str) -> PlainValue:
        """The value that the file gives a plain setting; None without one that can be used."""
        return self.checked(name)[1]

    def checked(self, name: str) -> tuple[bool, PlainValue]:
        """Whether the file says nothing wrong about a plain setting, and the value it gives it."""
        argument, value = SETTINGS[name].argument, self.values.get(name)
        assert argument
        return check(argument, value, f"the setting `{name}`", self.sink) if value else (True, None)

    def calls_in(self, name: str, value: Value | None) -> list[BoundCall | None]:
        """The items that ``value`` would be as that setting; None for one that it cannot have."""
        setting = SETTINGS[name]
        if value is None or (setting.may_be_none and _is_none(value)):
            return []
        parts = items_of(value) if setting.many else listed(setting, value)
        parts = links_of(value) if setting.in_turn else parts
        terms = (one for part in parts for one in (terms_of(part) if name == "loss" else (part,)))
        return [self._call(name, setting.item, one) for one in terms]

    def call(self, name: str) -> BoundCall | None:
        """The item of the catalogue that a setting of one item names."""
        return next(iter(self.calls[name]), None)

    def items(self) -> dict[str, Any]:
        """The values of the settings that are items of the catalogue, or lists of them."""
        many = {name for name, setting in SETTINGS.items() if setting.has_several}
        found = {n: [one.declared() for one in calls if one] for n, calls in self.calls.items()}
        items = {n: tuple(one) if n in many else one[0] for n, one in found.items() if one}
        optimizers = [one for one in found["optimizer"] if isinstance(one, Optimizer)]
        if len(optimizers) > 1:
            items["optimizer"] = SeveralOptimizers.of(optimizers)
        return items

    def spans(self) -> dict[str, Span]:
        """Where settings are defined, and under keys such as ``optimizer.lr`` where the command
        line changes an argument of one.
        """
        defined = {name: one.span for name, one in self.values.items() if name in SETTINGS}
        return defined | {
            f"{name}.{argument}": call.spans[argument]
            for name, calls in self.calls.items()
            for call in filter(None, calls)
            for argument in call.call.overrides
        }

    def _call(self, setting: str, kind: str, value: Value) -> BoundCall | None:
        if holds_poison(value):
            return None
        call = value.call if isinstance(value, Weighted) and setting == "loss" else value
        if isinstance(call, ItemCall) and call.item.kind == kind:
            return self.binder.bind(call)
        self.binder.leave(call)
        self.sink.report(wrong_item(setting, kind, value, self._where(setting, value)))
        return None

    def _where(self, setting: str, value: Value) -> Span:
        """Where a setting has the value, which may be written where another name is defined."""
        root = self.file.definitions[setting].value if setting in self.file.definitions else None
        parts = root.items if isinstance(root, ast.ListOf) else (root,)
        uses = (one.span for one in parts if isinstance(one, ast.Name) and self._is(one, value))
        return next(uses, value.span)

    def _is(self, name: ast.Name, value: Value) -> bool:
        return name.name in SETTINGS and self.values.get(name.name) is value


def terms_of(value: Value) -> tuple[Value, ...]:
    """The losses of a sum; another value is the only one."""
    return value.terms if isinstance(value, Summed) else (value,)


def _is_none(value: Value) -> bool:
    return isinstance(value, Constant) and value.plain is None


def listed(setting: Setting, value: Value) -> Sequence[Value]:
    """The items of a list that has one for each output or part, or the value alone."""
    return (items_of(value) if setting.by_output or setting.by_part else ()) or (value,)
