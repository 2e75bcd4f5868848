"""Bind: match the arguments of a call to those that its item or its block declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from netlang.catalogue import library
from netlang.catalogue.arguments import VALUE_TYPES, Argument, PlainValue
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.catalogue.items import Item
from netlang.catalogue.modules import Layer
from netlang.catalogue.translation import translated
from netlang.compiler.passes.check import check
from netlang.compiler.passes.values import (
    Arrow,
    Block,
    CallArgument,
    Constant,
    Hole,
    ItemCall,
    Listing,
    Part,
    Poison,
    Value,
    as_part,
    is_network,
    items_of,
    parts_of,
    shared_network,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.names import (
    MissingArgument,
    RepeatedArgument,
    TooManyArguments,
    UnknownArgument,
    UnnamedAfterNamed,
    WrongType,
)
from netlang.language.diagnostics.suggest import Guess
from netlang.language.metric_path import MetricPath
from netlang.language.shapes import Shape, ShapeError, Unknown, solved
from netlang.language.source import Span
from netlang.system.record import Record

_Callee = type[Item] | Block
_SIZES = [VALUE_TYPES[name] for name in ("Size", "Size | tuple[Size, ...]")]
_LISTS_OF_SIZES = [VALUE_TYPES[name] for name in ("tuple[Size, ...]", "Size | tuple[Size, ...]")]
_SOME_SIZE = 12  # for a size of a layer that is tried
BoundValue = PlainValue | Hole | tuple[PlainValue | Hole, ...]


class BoundCall(Record):
    """An item with checked values, and the call it came from. A size may be a hole, alone or in a
    list.

    ``arguments`` are those of the call and of the command line, by name.
    """

    item: type[Item]
    values: Mapping[str, BoundValue]
    call: ItemCall
    arguments: Mapping[str, CallArgument]

    def declared(self) -> Item:
        """An instance that holds the values.  None of them may be a hole."""
        known: Any = {n: v for n, v in self.values.items() if not [*holes_in(v)]}
        return self.item.declared(known)

    @property
    def span(self) -> Span:
        return self.call.span

    @property
    def spans(self) -> dict[str, Span]:
        """Where the value of each argument stands."""
        return {name: argument.value.span for name, argument in self.arguments.items()}

    def written_with(self, changed: Mapping[str, str]) -> str:
        """The call as source, with other texts for some arguments."""
        parts, left = [], dict(changed)
        for argument, declared in zip(self.call.arguments, self.item.arguments, strict=False):
            text = left.pop(argument.name or declared.name, argument.value.span.text)
            parts.append(f"{argument.name}={text}" if argument.name else text)
        parts += (f"{name}={text}" for name, text in left.items())
        return f"{self.item.name}({', '.join(parts)})"

    def constant(self, argument: str) -> Constant | None:
        """The argument's value, if it is in ``arguments`` and no hole."""
        found = self.arguments.get(argument)
        return found.value if found and isinstance(found.value, Constant) else None

    @property
    def tied(self) -> CallArgument | None:
        """The argument that names the shared network whose weight it uses."""
        of_networks = VALUE_TYPES["NetworkName"]
        names = [one.name for one in self.item.arguments if one.type is of_networks]
        found = (self.arguments.get(name) for name in names)
        return next((one for one in found if one and shared_network(one.value)), None)

    @property
    def named_parts(self) -> list[Part]:
        """The parts of the network that its arguments name."""
        of_parts = VALUE_TYPES["PartName | tuple[PartName, ...]"]
        names = [one.name for one in self.item.arguments if one.type is of_parts]
        values = [self.arguments[name].value for name in names if name in self.arguments]
        found = (as_part(one) for value in values for one in items_of(value))
        return [part for part in found if part]

    def is_literal(self, argument: str) -> bool:
        """Whether the argument's value stands in the call itself, and not behind a name."""
        constant = self.constant(argument)
        return constant is not None and not constant.origins


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
    arguments = _matched(item, call.arguments, call.span, sink)
    if arguments is None:
        return None
    arguments |= _overriding(call, sink)
    values: dict[str, BoundValue] = {}
    sound = True
    for declared in item.arguments:
        found = arguments.get(declared.name)
        if found is None:
            continue
        if isinstance(found.value, Hole) and _may_be_a_hole(item, declared):
            values[declared.name] = found.value
            continue
        what = f"`{declared.name}` of `{item.name}`"
        if isinstance(found.value, Listing) and _may_hold_holes(item, declared, found.value):
            sizes = [_size_in_list(declared, one, what, sink) for one in found.value.items]
            values[declared.name] = tuple(size for _, size in sizes)
            sound &= all(fits for fits, _ in sizes)
            continue
        if elsewhere := _switch_without_name(item, declared, found):
            sink.report(WrongType(found.span, what, declared.expects, *elsewhere))
            sound = False
            continue
        fits, values[declared.name] = check(declared, found.value, what, sink, found.span)
        sound &= fits
    missing = [one for one in item.required_arguments() if one.name not in arguments]
    if missing:
        _report_missing(call, missing, sink)
    return BoundCall(item, values, call, arguments) if sound and not missing else None


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


def _may_be_a_hole(item: type[Item], argument: Argument) -> bool:
    return item.kind == "layer" and argument.type in _SIZES


def _may_hold_holes(item: type[Item], argument: Argument, listing: Listing) -> bool:
    of_sizes = item.kind == "layer" and argument.type in _LISTS_OF_SIZES
    return of_sizes and all(isinstance(one, Hole | Constant) for one in listing.items)


def _size_in_list(
    argument: Argument, value: Value, what: str, sink: Sink
) -> tuple[bool, PlainValue | Hole]:
    """Whether ``value`` is a size or a hole, and what it is. A wrong one is reported."""
    if isinstance(value, Hole):
        return True, value
    assert isinstance(value, Constant)
    fits, _ = check(argument, value.replace(plain=(value.plain,)), what, sink)
    return fits, value.plain


def holes_in(value: object) -> Iterator[Hole]:
    """The holes that a bound value is, or has in its list."""
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, Hole):
            yield one


def _names(callee: _Callee) -> list[str]:
    """The names of the arguments that ``callee`` takes."""
    if isinstance(callee, Block):
        return list(callee.parameters)
    return [argument.name for argument in callee.arguments]


def _overriding(call: ItemCall, sink: Sink) -> dict[str, CallArgument]:
    """The arguments that the command line sets; an unknown one is reported."""
    names = _names(call.item)
    for name, argument in call.overrides.items():
        if name not in names:
            sink.report(_unknown_argument(call.item, name, argument.span))
    return {name: one for name, one in call.overrides.items() if name in names}


def _unknown_argument(
    callee: _Callee, name: str, span: Span, others: Sequence[str | None] = ()
) -> UnknownArgument:
    """The report of an argument that ``callee`` lacks; ``others`` are the names beside it."""
    meant, is_block = callee.meant_argument(name), isinstance(callee, Block)
    kind = "" if isinstance(callee, Block) else callee.kind
    help = None if meant and (meant.sure or is_block) else help_for_argument(name, kind)
    if meant and (help or meant.text in others):
        meant = None
    if meant and span.source.is_override:  # a fix would change a file
        meant = Guess(meant.text)
    of_file = is_block and callee.name not in library.NAMES
    return UnknownArgument(span, callee.name, callee.signature(), meant, of_file, help)


def match_block(
    block: Block, arguments: Sequence[CallArgument], call: Span, sink: Sink
) -> dict[str, Value] | None:
    """The values of a block's parameters, defaults included; None if an argument is wrong."""
    matched = _matched(block, arguments, call, sink)
    if matched is None:
        return None
    values = dict(block.parameters) | {name: one.value for name, one in matched.items()}
    missing = tuple(name for name, value in values.items() if value is None)
    if missing:
        texts = [one.span.text for one in arguments] + [f"{name}=..." for name in missing]
        docs = tuple(f"a parameter of `{block.name}`" for _ in missing)
        example = f"{block.name}({', '.join(texts)})"
        sink.report(MissingArgument(call, block.name, missing, docs, block.signature(), example))
        return None
    return {name: value for name, value in values.items() if value is not None}


def _decimal(one: CallArgument | None, other: CallArgument) -> str:
    """The number that was meant if a decimal comma split it into two arguments; else ""."""
    if one is None:
        return ""
    digits = one.value.span, other.span
    if not all(re.fullmatch("[0-9]+", span.text) for span in digits):
        return ""
    written = digits[0].to(digits[1]).text  # with a blank behind the comma, it separates
    return written.replace(",", ".") if re.fullmatch("[0-9]+,[0-9]+", written) else ""


def _texts_of_one(callee: _Callee, arguments: Sequence[CallArgument]) -> WrongType | None:
    """The report of strings that are one argument, a list, and stand there without its brackets."""
    first = None if isinstance(callee, Block) or not callee.arguments else callee.arguments[0]
    texts = [*takewhile(_is_text, arguments)]
    if first is None or not (first.type.takes_text and first.type.takes_texts) or len(texts) < 2:
        return None
    span, what = texts[0].span.to(texts[-1].span), f"`{first.name}` of `{callee.name}`"
    meant = Guess(f"[{', '.join(one.span.text for one in texts)}]", sure=True)
    return WrongType(span, what, first.expects, f"{len(texts)} strings", meant=meant)


def _numbers_of_one(callee: _Callee, arguments: Sequence[CallArgument]) -> WrongType | None:
    """The report of numbers that are one argument, a list, and stand there without its brackets."""
    given = [*takewhile(lambda one: one.name is None, arguments)]
    for number, declared in enumerate(() if isinstance(callee, Block) else callee.arguments):
        apart = given[number:]
        known = [one.value.plain for one in apart if isinstance(one.value, Constant)]
        holes = sum(isinstance(one.value, Hole) for one in apart)
        may_have_holes = declared.type in _LISTS_OF_SIZES or not holes
        are_all = len(known) + holes == len(apart) > 1 and may_have_holes
        if are_all and known and declared.takes((*known,)) and not declared.takes(known[0]):
            text = ", ".join(one.span.text for one in apart)
            span, what = apart[0].span.to(apart[-1].span), f"`{declared.name}` of `{callee.name}`"
            meant = Guess(f"[{text}]", sure=True)
            return WrongType(span, what, declared.expects, f"`{text}`", meant=meant)
    return None


def _is_text(argument: CallArgument) -> bool:
    value = argument.value
    plain = value.plain if isinstance(value, Constant) else None
    return argument.name is None and isinstance(plain, str) and not isinstance(plain, MetricPath)


def _matched(
    callee: _Callee, arguments: Sequence[CallArgument], call: Span, sink: Sink
) -> dict[str, CallArgument] | None:
    """The arguments by name; None if one is wrong, because then others may be wrong, too."""
    matched: dict[str, CallArgument] = {}
    if several := _texts_of_one(callee, arguments) or _numbers_of_one(callee, arguments):
        sink.report(several)
        return None
    names, called, signature = _names(callee), callee.name, callee.signature()
    is_block, unknown = isinstance(callee, Block) and called not in library.NAMES, False
    for index, argument in enumerate(arguments):
        before = arguments[index - 1] if index else None
        span = argument.span
        if argument.name is None and index >= len(names):
            if isinstance(argument.value, Poison):
                return None
            inner = (
                span.text if is_network(argument.value) and not isinstance(callee, Block) else ""
            )
            many, decimal = len(names), _decimal(before, argument)
            sink.report(TooManyArguments(span, called, many, signature, is_block, decimal, inner))
            return None
        if argument.name is None and before and before.name:
            decimal = _decimal(before, argument)
            sink.report(UnnamedAfterNamed(span, called, before.span, signature, decimal))
            return None
        name = argument.name or names[index]
        if name not in names:
            others = [one.name for one in arguments]
            found = _unknown_argument(callee, name, argument.name_span or span, others)
            alone = sum(one not in names for one in others if one) == 1
            whole = None if unknown or (alone and found.meant) else _whole(callee, arguments, call)
            sink.report(found.replace(whole=whole))
            if whole:
                return None
            unknown = True
            continue
        if name in matched:
            sink.report(RepeatedArgument(span, called, name, matched[name].span))
            return None
        matched[name] = argument
    return None if unknown else matched


def _whole(
    callee: _Callee, arguments: Sequence[CallArgument], call: Span
) -> tuple[Span, Guess] | None:
    """The call of a layer as it is meant, if all its arguments are known here."""
    if isinstance(callee, Block) or callee.kind != "layer":
        return None
    found = translated(callee, [(one.name, one.value.span.text) for one in arguments])
    sure = found and found.whole and "->" not in found.text and not call.source.is_override
    return (call, Guess(found.text, bool(sure))) if found else None


def _report_missing(call: ItemCall, missing: list[Argument], sink: Sink) -> None:
    texts = [argument.span.text for argument in call.arguments]
    texts += (f"{one.name}={'25' if one.type.at_least else '...'}" for one in missing)
    example = f"{call.item.name}({', '.join(texts)})"
    names = tuple(argument.name for argument in missing)
    docs = tuple(argument.doc for argument in missing)
    signature, or_hole = call.item.signature(), _with_holes(call, missing)
    instead = next((one.instead for one in missing if one.instead), "")
    about = docs, signature, example, or_hole, instead
    sink.report(MissingArgument(call.span, call.item.name, names, *about))


def _with_holes(call: ItemCall, missing: Sequence[Argument]) -> str:
    """The call of a layer with a hole for each size that is missing."""
    written, needed = call.arguments, call.item.required_arguments()
    texts = [one.span.text for one in written]
    if any(one.name for one in written):
        if not all(_may_be_a_hole(call.item, one) for one in missing):
            return ""
        texts += [f"{one.name}=_" for one in missing]
    elif written and _input_tells(call.item, missing):
        texts += ["_"] * len(missing)
    else:  # people leave out the first, which other frameworks find
        sizes = needed[:1] if len(missing) == 1 else needed
        if not all(_may_be_a_hole(call.item, one) for one in sizes):
            return ""
        if not written and not _input_tells(call.item, missing):
            return ""
        texts = ["_"] * len(missing) + texts
    return f"{call.item.name}({', '.join(texts)})"


def _input_tells(item: type[Item], missing: Sequence[Argument]) -> bool:
    """Whether the shape of its input tells the sizes that are ``missing`` in a layer's call."""
    if not issubclass(item, Layer) or not all(_may_be_a_hole(item, one) for one in missing):
        return False
    holes: dict[str, Any] = {one.name: Unknown() for one in missing}
    written = {one.name: _SOME_SIZE for one in item.required_arguments()}
    for rank in (1, 2, 3):
        try:
            item.declared({**written, **holes}).infer(Shape((_SOME_SIZE,) * rank))
        except ShapeError:
            continue
        if all(isinstance(solved(hole), int) for hole in holes.values()):
            return True
    return False
