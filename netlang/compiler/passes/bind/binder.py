"""Bind: the arguments of a call are matched to those that its item declares, and checked."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.catalogue.arguments import VALUE_TYPES, Argument, PlainValue, as_source
from netlang.catalogue.items import Item
from netlang.compiler.passes.bind.bound import BoundCall, BoundValue
from netlang.compiler.passes.bind.holes import may_be_a_hole, may_hold_holes
from netlang.compiler.passes.bind.matching import matched, names_of, unknown_argument
from netlang.compiler.passes.bind.missing import report_missing
from netlang.compiler.passes.check import check
from netlang.compiler.passes.values import (
    Arrow,
    CallArgument,
    Constant,
    Hole,
    ItemCall,
    Listing,
    Value,
    is_network,
    parts_of,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.names import DoubtfulValue, WrongType


class Binder:
    """Binds each call once, however often the network holds it."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._bound: dict[ItemCall, BoundCall | None] = {}

    def bind(self, call: ItemCall) -> BoundCall | None:
        """The call with its arguments checked; None if one is wrong, which is reported."""
        if call not in self._bound:
            self._bound[call] = _bind(call, self.sink)
        return self._bound[call]

    def leave(self, value: Value) -> None:
        """Bind nothing of ``value``, which stands where no call of its kind can."""
        if isinstance(value, ItemCall):
            self._bound.setdefault(value, None)

    def bind_all(self, values: Iterable[Value]) -> None:
        """Bind all calls that ``values`` are made of, each once."""
        left, seen = [*values][::-1], set[Value]()
        while left:
            value = left.pop()
            if isinstance(value, ItemCall):
                self.bind(value)
            elif (is_network(value) or isinstance(value, Arrow)) and value not in seen:
                seen.add(value)
                left += parts_of(value)


def _bind(call: ItemCall, sink: Sink) -> BoundCall | None:
    item = call.item
    arguments = matched(item, call.arguments, call.span, sink)
    if arguments is None:
        return None
    arguments |= _overriding(call, sink)
    values: dict[str, BoundValue] = {}
    sound = True
    for declared in item.arguments:
        found = arguments.get(declared.name)
        if found is None:
            continue
        if isinstance(found.value, Hole) and may_be_a_hole(item, declared):
            values[declared.name] = found.value
            continue
        what = f"`{declared.name}` of `{item.name}`"
        if isinstance(found.value, Listing) and may_hold_holes(item, declared, found.value):
            sizes = [_size_in_list(declared, one, what, sink) for one in found.value.items]
            values[declared.name] = tuple(size for _, size in sizes)
            sound &= all(fits for fits, _ in sizes)
            continue
        if elsewhere := _switch_without_name(item, declared, found):
            sink.report(WrongType(found.span, what, declared.expects, *elsewhere))
            sound = False
            continue
        fits, value = check(declared, found.value, what, sink, found.span)
        values[declared.name] = value
        sound &= fits
        if fits and declared.doubt and value is not None and (help := declared.doubt(value)):
            sink.report(DoubtfulValue(found.value.span, what, as_source(value), help))
    missing = [one for one in item.required_arguments() if one.name not in arguments]
    if missing:
        report_missing(call, missing, sink)
    return BoundCall(item, values, call, arguments) if sound and not missing else None


def _overriding(call: ItemCall, sink: Sink) -> dict[str, CallArgument]:
    """The arguments that the command line sets; an unknown one is reported."""
    names = names_of(call.item)
    for name, argument in call.overrides.items():
        if name not in names:
            sink.report(unknown_argument(call.item, name, argument.span))
    return {name: one for name, one in call.overrides.items() if name in names}


def _switch_without_name(
    item: type[Item], declared: Argument, found: CallArgument
) -> tuple[str, str] | None:
    """What is said of `true` or `false` where another argument stands, as in `Linear(8, 4, false)`:
    what it is, and what to write for the one switch that ``item`` has.
    """
    value = found.value  # one that a name stands for may be used elsewhere, too
    plain = value.plain if isinstance(value, Constant) and not value.origins else None
    switches = [one.name for one in item.arguments if one.type is VALUE_TYPES["bool"]]
    if found.name or not isinstance(plain, bool) or declared.accepts(plain) or len(switches) != 1:
        return None
    return f"`{found.span.text}`", f"write `{switches[0]}={found.span.text}`"


def _size_in_list(
    argument: Argument, value: Value, what: str, sink: Sink
) -> tuple[bool, PlainValue | Hole]:
    """Whether ``value`` is a size or a hole, and what it is. A wrong one is reported."""
    if isinstance(value, Hole):
        return True, value
    assert isinstance(value, Constant)
    fits, _ = check(argument, value.replace(plain=(value.plain,)), what, sink)
    return fits, value.plain
