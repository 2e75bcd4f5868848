"""Check: does an argument take a value, and what should be written instead if not?"""

from __future__ import annotations

import re

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES, Argument, PlainValue, as_source
from netlang.catalogue.foreign import help_for
from netlang.catalogue.foreign_arguments import activation_apart, choice, other_choice
from netlang.catalogue.translation import metric_path
from netlang.compiler.passes.quotes import with_all_quotes
from netlang.compiler.passes.values import (
    Alias,
    BlockCall,
    Constant,
    Hole,
    ItemCall,
    Listing,
    Value,
    as_part,
    behind_names,
    describe,
    holds_poison,
    items_of,
    provenance,
    shared_network,
)
from netlang.language.diagnostics import Cause, Diagnostic, Label, Sink
from netlang.language.diagnostics.messages.names import OutOfRange, WrongKind, WrongType
from netlang.language.diagnostics.messages.syntax import UnquotedPath
from netlang.language.diagnostics.suggest import Guess, nearest
from netlang.language.metric_path import MetricPath
from netlang.language.network_name import NetworkName
from netlang.language.part_name import PartName
from netlang.language.source import Span
from netlang.language.syntax.mistakes.members import stands_alone

_ABOUT_ITEMS = {  # of a list
    VALUE_TYPES["tuple[str, ...]"]: "a string stands in double quotes",
    VALUE_TYPES["tuple[Size, ...]"]: "a size is a whole number, at least 1",
}
_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?(e[-+]?[0-9]{1,2})?")
_SHOWN = 40  # a list of as many characters is shown as it is


def check(
    argument: Argument, value: Value, what: str, sink: Sink, given: Span | None = None
) -> tuple[bool, PlainValue]:
    """Whether ``argument`` takes ``value``, and its plain value. A wrong one is reported; it is
    ``given`` in a call, perhaps by a name.
    """
    if argument.type is VALUE_TYPES["NetworkName"] and isinstance(value, Alias):
        if shared_network(value):
            return True, NetworkName(_name_of(value))
        sink.report(_not_shared(value, what))
        return False, None
    if argument.type is VALUE_TYPES["PartName | tuple[PartName, ...]"]:
        return _part_names(value, what, sink)
    value = behind_names(value)
    found: Diagnostic
    if isinstance(value, Constant):
        if argument.takes(value.plain):
            return True, value.plain
        found = _without_quotes(argument, value) or _wrong_value(argument, value, what)
        sink.report(found, *map(Cause.VALUE.at, value.origins))
    elif isinstance(value, Hole):
        problem = f"{what} cannot be a hole"
        help = f"give {argument.expects}; only a layer's sizes can be found from shapes"
        wrong = WrongKind(value.span, problem, "nothing tells its value", help)
        sink.report(wrong, Cause.VALUE.at(value.span))
    elif not holds_poison(value):
        sink.report(_wrong_kind(argument, value, what, given), Cause.VALUE.at(value.span))
    return False, None


def _part_names(value: Value, what: str, sink: Sink) -> tuple[bool, PlainValue]:
    """Whether ``value`` names parts of the network, and their names. What does not is reported."""
    if isinstance(value, Constant) and value.plain is None:
        return True, None
    if holds_poison(value):
        return False, None
    names: list[PlainValue] = []
    for one in items_of(value):
        part = as_part(one)
        if part is None:
            sink.report(not_a_part(one, what, f"on={PART}"))
            return False, None
        names.append(PartName(part.name))
    return (True, tuple(names) if len(names) > 1 else names[0]) if names else (False, None)


PART = "encoder"  # what a part is called in examples


def not_a_part(value: Value, what: str, example: str) -> WrongKind:
    """The report of a value of ``what``, which takes names of networks and blocks, that is none."""
    match value:
        case BlockCall():
            help = f"write `{value.name}`, which stands for all its uses"
        case Constant(plain=str(name)) if name.isidentifier():
            help = f"write `{name}`, without quotes"
        case _:
            help = f"give the part a name, `{PART} = ...`, and write `{example}`"
    problem = f"{what} takes names of networks and blocks, and this is {describe(value)}"
    return WrongKind(value.span, problem, "not a name of a part", help)


def _name_of(value: Value) -> str:
    """The name by which a network was defined, where others stand for it."""
    name = ""
    while isinstance(value, Alias):
        name, value = value.name, value.body
    return name


def _not_shared(value: Alias, what: str) -> WrongKind:
    """The report of a network that is not shared, and so has other weights at each use."""
    name, defined = _name_of(value), Label(value.definition, "it is defined here")
    help = f"write `shared {name} = ...` there: then all its uses have the same weights"
    problem = f"{what} takes the name of a `shared` network"
    return WrongKind(value.span, problem, f"`{name}` is not shared", help, (defined,))


def measured(value: Value) -> str | None:
    """What to write for a loss or a metric that stands for what it gives on a part of the data."""
    kind = value.item.kind if isinstance(value, ItemCall) else None
    if not isinstance(value, ItemCall) or kind not in ("loss", "metric"):
        return None
    return f"write `validation.{'loss' if kind == 'loss' else value.item.name}`"


def _wrong_kind(argument: Argument, value: Value, what: str, given: Span | None) -> WrongKind:
    """The report of a value that is not a constant, and that may be defined elsewhere than it is
    ``given``.
    """
    label, help = f"this is {describe(value)}", f"give {argument.expects}"
    if isinstance(value, ItemCall) and argument.choices:
        help = activation_apart(value.item.name) or help
    if argument.type is VALUE_TYPES["MetricPath"]:
        help = measured(value) or help
    if isinstance(value, Listing) and argument.type in _ABOUT_ITEMS:
        other = next(one for one in value.items if not isinstance(one, Constant))
        label, help = f"{label} with {describe(other)} in it", _ABOUT_ITEMS[argument.type]
    span = value.span if given is None or given.holds(value.span) else given
    return WrongKind(span, f"{what} takes {argument.expects}", label, help)


def _without_quotes(argument: Argument, value: Constant) -> Diagnostic | None:
    """The report of a file's path that was read as that of a metric, as it has no quotes."""
    if not isinstance(value.plain, MetricPath) or not argument.type.takes_text:
        return None
    return with_all_quotes(UnquotedPath(value.span, as_source(str(value.plain))))


def _wrong_value(argument: Argument, value: Constant, what: str) -> WrongType | OutOfRange:
    """The report of a constant that has another type or is out of range."""
    plain, span, origins = value.plain, value.span, provenance(value)
    if argument.accepts(plain):
        help = _as_choice(argument, plain) if isinstance(plain, str) else None
        help = help or _in_percent(argument, plain) or _as_share(argument, plain)
        return OutOfRange(span, what, argument.expects, f"`{as_source(plain)}`", help, origins)
    instead = argument.instead.format(as_source(plain))
    text = None if instead else _as_list(argument, plain)
    if argument.type is VALUE_TYPES["MetricPath"] and isinstance(plain, str):
        text = metric_path(plain)
    is_other_list = isinstance(plain, tuple) and argument.expects.startswith("a list")
    got = describe(value) if isinstance(plain, str | tuple) else _shown(plain)
    if is_other_list and len(as_source(plain)) <= _SHOWN:
        got = _shown(plain)
    help = instead or (None if text else _as_meant(argument, value))
    if isinstance(plain, tuple) and argument.type in _ABOUT_ITEMS:
        item = next(one for one in plain if not argument.type.accepts((one,)))
        got, help = f"a list with {_shown(item)} in it", _ABOUT_ITEMS[argument.type]
        if item == -1 and argument.type is VALUE_TYPES["tuple[Size, ...]"]:
            help = f"{help}; a layer may have `_` for one that netlang is to find"
    meant = Guess(text, sure=not value.origins) if text else None
    if isinstance(plain, tuple) and None in plain and argument.doc:
        help = help or f"give {argument.expects}: {argument.doc}"
    if argument.type is VALUE_TYPES["NetworkName"] and isinstance(plain, str):
        help = f"write `{plain}`, without quotes"
    if argument.type is VALUE_TYPES["str"] and argument.doc and not (argument.choices or meant):
        help = help or f"give {argument.expects}: {argument.doc}"
    return WrongType(span, what, argument.expects, got, help, origins, meant)


def _shown(value: PlainValue) -> str:
    """``value`` in a form that shows its type: 25.0 is not 25 here."""
    return f"`{value!r}`" if isinstance(value, float) else f"`{as_source(value)}`"


def _as_list(argument: Argument, value: PlainValue) -> str | None:
    """How to write ``value`` as a list of one item if the argument takes that list; or its only
    item if the argument takes the item.
    """
    other = value[0] if isinstance(value, tuple) and len(value) == 1 else (value,)
    return as_source(other) if other is not None and argument.takes(other) else None


def _as_meant(argument: Argument, constant: Constant) -> str | None:
    plain = constant.plain
    if isinstance(plain, float) and plain.is_integer() and argument.type.accepts(int(plain)):
        spans = filter(None, (constant.span, constant.passed, *constant.origins))
        divides = any("/" in span.text for span in spans)
        divided = "; `//` divides without leaving the whole numbers" if divides else ""
        return f"write `{int(plain)}`{divided}"
    if isinstance(plain, float) and 0 < plain < 1 and argument.doc and argument.type.accepts(1):
        return f"give {argument.expects}: {argument.doc}"  # a share is meant
    if not isinstance(plain, str) or not _NUMBER.fullmatch(plain):
        return None
    number = int(plain) if plain.isdigit() else float(plain)
    return f"write `{plain}` without quotes" if argument.takes(number) else None


def _as_choice(argument: Argument, text: str) -> str | None:
    """What to write for a string that is none of the choices."""
    meant = choice(text, argument.choices) or nearest(text, argument.choices)
    return f"write `{as_source(meant)}`" if meant else other_choice(text) or activation_apart(text)


def _in_percent(argument: Argument, value: PlainValue) -> str | None:
    """What to write if ``value`` seems to be a share in percent."""
    is_share = 1 in (argument.at_most, argument.below)
    if not isinstance(value, int | float) or not 10 <= value <= 100 or not is_share:
        return None
    return f"write `{value / 100:g}` for {value:g}%" if argument.allows(value / 100) else None


def _as_share(argument: Argument, value: PlainValue) -> str | None:
    """What to write for all samples where a share of them is taken."""
    if value != 1 or argument.at_least != 0 or argument.below != 1 or "share" not in argument.doc:
        return None
    return "1 is all of them: write the share that is meant, such as `0.2`"


def as_name(value: Value, *kinds: str) -> tuple[str, Guess | None] | None:
    """What to write for a string that names something of one of the ``kinds``, or for its name
    behind that of a module: the help, and the name.
    """
    plain = value.plain if isinstance(value, Constant) else None
    if not isinstance(value, Constant) or not isinstance(plain, str):
        return None
    is_member = isinstance(plain, MetricPath)
    text = plain.rpartition(".")[2] if is_member else plain
    if is_member and (instead := help_for(text)):
        return instead, None
    meant = registry.suggest(text, kind=kinds[0] if len(kinds) == 1 else None)
    if meant is None or registry.kind_of(meant) not in kinds:
        return None
    known = text.casefold() == meant.casefold() or meant == registry.unmistakable_name(text)
    help = stands_alone(meant) if is_member else f"write `{meant}`, without quotes"
    written = value.passed or (None if value.origins else value.span)
    in_file = written is not None and not written.source.is_override
    return help, Guess(meant, sure=known and in_file)
