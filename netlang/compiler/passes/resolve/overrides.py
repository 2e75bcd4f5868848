"""Overrides: read what the command line sets, and put an argument into the call it changes."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.check import measured
from netlang.compiler.passes.evaluate import Evaluator
from netlang.compiler.passes.quotes import lost_quotes, unquoted, with_all_quotes
from netlang.compiler.passes.reword import reworded
from netlang.compiler.passes.values import (
    Alias,
    Arrow,
    BlockCall,
    CallArgument,
    Constant,
    Fan,
    Hole,
    ItemCall,
    Listing,
    Names,
    Poison,
    Repeat,
    Scoped,
    Series,
    Shared,
    Summed,
    Value,
    Weighted,
    WithTap,
    describe,
    holds_poison,
    is_network,
)
from netlang.language.diagnostics import NetError, Sink
from netlang.language.diagnostics.messages.names import WrongKind
from netlang.language.diagnostics.wording import counted
from netlang.language.source import SourceFile
from netlang.language.syntax import ByOption, parse_override
from netlang.language.syntax.ast import Name, Override


def parse_overrides(overrides: Sequence[str], source: SourceFile, sink: Sink) -> list[Override]:
    """The overrides; a path in one is relative to the folder of the file, as if written in it."""
    found = []
    for text in overrides:
        option = text.option if isinstance(text, ByOption) else "--set"
        override = SourceFile(option, text, source.path, source.allowed, is_override=True)
        try:
            found.append(parse_override(override))
        except NetError as error:
            lost = unquoted(override)
            sink.extend([lost] if lost else map(with_all_quotes, map(reworded, error.diagnostics)))
    return found


_Parted = Listing | Arrow | Summed | Series | Fan
_PARTS = {Listing: "items", Arrow: "links", Summed: "terms", Series: "links", Fan: "branches"}
_Wrapper = Alias | Shared | Scoped | WithTap | Repeat


def with_argument(value: Value, override: Override, names: Names, evaluator: Evaluator) -> Value:
    """``value``, a call of some item or what has such parts, with an argument overridden."""
    sink = evaluator.sink
    if isinstance(value, Poison):
        return value
    if isinstance(value, Alias) and isinstance(value.body, Shared):
        why = f"it shares the weights of `{value.name}`"
        original = override.path[0].replace(name=value.name)
        there = override.replace(path=(original, *override.path[1:])).path_text
        sink.report(no_arguments(override.path[:1], why, f"set `{there}`"))
        return Poison(override.span)
    if isinstance(value, _Wrapper):
        changed = with_argument(value.body, override, names, evaluator)
        return value.replace(body=changed) if is_network(changed) else changed
    if isinstance(value, Weighted):
        changed = with_argument(value.call, override, names, evaluator)
        return value.replace(call=changed) if isinstance(changed, ItemCall) else changed
    if isinstance(value, _Parted):
        return _with_changed_part(value, override, names, evaluator)
    if isinstance(value, BlockCall):
        what = f"it is what the block `{value.name}` makes"
        sink.report(no_arguments(override.path[:1], what))
        return Poison(override.span)
    if override.number:
        sink.report(_no_such_part(override, (value,)))
        return Poison(override.span)
    if not isinstance(value, ItemCall):
        sink.report(no_arguments(override.path[:1], f"it is {describe(value)}"))
        return Poison(override.span)
    if len(override.path) > 2:
        sink.report(no_arguments(override.path[:2], "it is an argument itself"))
        return Poison(override.span)
    if lost := lost_quotes(override, value.item.arguments, names.known):
        sink.report(lost)
        return Poison(override.span)
    name, span = override.path[1], override.value.span
    if name.name in (one.name for one in value.item.arguments):
        new = evaluator.evaluate(override.value, names)
    else:  # whatever it is, there is no such argument, which is reported where it is bound
        new = Hole(span)
    if isinstance(new, Constant | Hole):
        argument = CallArgument(name.name, name.span, new, name.span)
        overrides = {**value.overrides, name.name: argument}
        return ItemCall(value.item, value.arguments, value.span, overrides)
    if not holds_poison(new):
        problem = f"an argument is a value, and this is {describe(new)}"
        help = measured(new) or "give a number or a string"
        sink.report(WrongKind(span, problem, "no value", help))
    return Poison(override.span)


def _with_changed_part(
    value: _Parted, override: Override, names: Names, evaluator: Evaluator
) -> Value:
    """``value``, in which an argument of the part that has the number is overridden."""
    setting, number = SETTINGS.get(override.path[0].name), override.number
    if number is None and setting and setting.by_part:  # the first has most weights
        number = 0
    parts: tuple[Value, ...] = getattr(value, _PARTS[type(value)])
    if number is None:
        example = override.replace(number=0).path_text
        help = f"say of which part: `{example}` is that of the first one"
        evaluator.sink.report(no_arguments(override.path[:1], f"it is {describe(value)}", help))
        return Poison(override.span)
    if number >= len(parts):
        evaluator.sink.report(_no_such_part(override, parts))
        return Poison(override.span)
    part = parts[number]
    if isinstance(value, Series | Fan) and not isinstance(_unwrapped(part), ItemCall | Shared):
        evaluator.sink.report(_no_arguments_of_part(override, part))
        return Poison(override.span)
    changed = with_argument(part, override.replace(number=None), names, evaluator)
    if isinstance(changed, Poison):
        return changed
    return value.replace(**{_PARTS[type(value)]: (*parts[:number], changed, *parts[number + 1 :])})


def _unwrapped(value: Value) -> Value:
    """What is written, apart from its name, how often it is there, and taps."""
    while isinstance(value, Alias | Scoped | WithTap | Repeat):
        value = value.body
    return value


def _no_arguments_of_part(override: Override, part: Value) -> WrongKind:
    """The report of a part of a network that has no arguments itself."""
    name = override.path[0]
    written = f"{name.name}[{override.number}]"
    inner, what = _unwrapped(part), describe(part)
    help = f"write `{name.name}=...`, or the number of something with arguments"
    if isinstance(inner, BlockCall):
        what = f"what the block `{inner.name}` makes"
    elif isinstance(inner, _Parted):
        help = "give it a name in the file, and set an argument of one of its parts by that name"
    if isinstance(inner, _Parted) and isinstance(part, Alias):
        rest = ".".join(one.name for one in override.path[1:])
        help = f"set it where it is defined: `{part.name}[0].{rest}` is that of its first part"
    problem = f"`{written}` has no arguments to set: it is {what}"
    return WrongKind(name.span, problem, "no arguments", help)


def _no_such_part(override: Override, parts: Sequence[Value]) -> WrongKind:
    """The report of a number that none of the ``parts`` has."""
    name, last = override.path[0], len(parts) - 1
    problem = f"`{name.name}` has no part with the number {override.number}"
    help = f"they count from 0: the last one is `{name.name}[{last}]`"
    if not last:
        help = f"write `{name.name}` without a number"
    return WrongKind(name.span, problem, f"has {counted(len(parts), 'part')}", help)


def no_arguments(path: Sequence[Name], why: str, help: str | None = None) -> WrongKind:
    """The report of an override of an argument of ``path``, which has no arguments."""
    written = ".".join(name.name for name in path)
    problem = f"`{written}` has no arguments to set: {why}"
    help = help or f"write `{written}=...`, or the name of something with arguments"
    return WrongKind(path[0].span.to(path[-1].span), problem, "no arguments", help)
