"""Bind: the arguments that a use gives, checked against those that its item declares."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from netlang.catalogue.arguments import KINDS, Argument, Item, PlainValue, accepts, as_source
from netlang.compiler.passes.values import (
    Block,
    CallArgument,
    Constant,
    Fan,
    Hole,
    ItemCall,
    Listing,
    Poison,
    Value,
    behind_names,
    describe,
    is_network,
    provenance,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.names import (
    MissingArgument,
    OutOfRange,
    RepeatedArgument,
    TooManyArguments,
    UnknownArgument,
    UnnamedBehindNamed,
    WrongKind,
    WrongType,
)
from netlang.language.diagnostics.suggest import nearest, normalized, unmistakable
from netlang.language.source import Span
from netlang.system.record import Record

_Likely = tuple[str | None, bool]  # what was meant, if anything, and whether that is sure

_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")


class Bound(Record):
    """An item with checked values, and the use it came from. A size may be a hole."""

    item: type[Item]
    values: dict[str, PlainValue | Hole]
    use: ItemCall

    def declared(self) -> Item:
        """An instance that holds the values.  None of them may be a hole."""
        return self.item.declared({n: v for n, v in self.values.items() if not isinstance(v, Hole)})

    @property
    def places(self) -> dict[str, Span]:
        """Where the value of each argument that is given stands."""
        found = {
            given.name or self.item.arguments[index].name: given.value.span
            for index, given in enumerate(self.use.arguments)
        }
        return found | {name: given.value.span for name, given in self.use.overrides.items()}

    def written_with(self, changed: Mapping[str, str]) -> str:
        """The use as source, with other texts for some arguments; the others stay as given."""
        parts, left = [], dict(changed)
        for index, given in enumerate(self.use.arguments):
            name = given.name or self.item.arguments[index].name
            text = left.pop(name, given.value.span.text)
            parts.append(f"{given.name}={text}" if given.name else text)
        parts += (f"{name}={text}" for name, text in left.items())
        return f"{self.item.name}({', '.join(parts)})"

    def text(self, argument: str) -> str:
        """The argument's value as it is written in the use."""
        for index, given in enumerate(self.use.arguments):
            if argument == (given.name or self.item.arguments[index].name):
                return given.value.span.text
        value = self.values[argument]
        return "_" if isinstance(value, Hole) else as_source(value)

    def constant(self, argument: str) -> Constant | None:
        """The argument's value as given in the use, if it is."""
        for index, given in enumerate(self.use.arguments):
            if argument == (given.name or self.item.arguments[index].name):
                return given.value if isinstance(given.value, Constant) else None
        return None

    def literal(self, argument: str) -> bool:
        """Whether the argument's value stands in the use itself, and not behind a name."""
        constant = self.constant(argument)
        return constant is not None and not constant.origins


class Binder:
    """Binds each use once, however often the network holds it."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._bound: dict[int, tuple[ItemCall, Bound | None]] = {}

    def bind(self, use: ItemCall) -> Bound | None:
        """None if an argument is wrong, which is then reported."""
        if id(use) not in self._bound:
            self._bound[id(use)] = use, _bind(use, self.sink)
        return self._bound[id(use)][1]


def _bind(use: ItemCall, sink: Sink) -> Bound | None:
    item = use.item
    names = [argument.name for argument in item.arguments]
    signature = item.signature()
    placed = _placed(
        item.name, names, signature, use.arguments, sink, lambda name: _meant(name, item)
    )
    if placed is not None:
        placed |= _overridden(use, names, sink)
    if placed is None:
        return None
    values: dict[str, PlainValue | Hole] = {}
    sound = True
    for argument in item.arguments:
        given = placed.get(argument.name)
        if given is None:
            continue
        what = f"`{argument.name}` of `{item.name}`"
        if isinstance(given.value, Hole) and _may_be_a_hole(item, argument):
            values[argument.name] = given.value
            continue
        ok, value = check(argument, given.value, what, sink)
        values[argument.name] = value
        sound &= ok
    missing = [a for a in item.arguments if a.required and a.name not in placed]
    if missing:
        _report_missing(use, missing, sink)
    return Bound(item, values, use) if sound and not missing else None


def _may_be_a_hole(item: type[Item], argument: Argument) -> bool:
    return item.kind == "layer" and argument.kind is KINDS["Size"]


def _overridden(use: ItemCall, names: list[str], sink: Sink) -> dict[str, CallArgument]:
    """The arguments that the command line gives."""
    found = {}
    for name, given in use.overrides.items():
        if name in names:
            found[name] = given
            continue
        span, item = given.name_span or given.span, use.item
        meant, _ = _meant(name, item)
        sink.report(UnknownArgument(span, item.name, name, item.signature(), meant))
    return found


def place_in_block(
    block: Block, given: Sequence[CallArgument], call: Span, sink: Sink
) -> dict[str, Value] | None:
    """A block's arguments by name, defaults included; None if there is a mistake in them."""
    names = list(block.parameters)
    placed = _placed(
        *(block.name, names, block.signature, given, sink),
        lambda wrong: _meant_of_block(wrong, names),
        of_block=True,
    )
    if placed is None:
        return None
    values = {name: one.value for name, one in placed.items()}
    missing = [n for n, default in block.parameters.items() if not (default or n in values)]
    if missing:
        texts = [one.span.text for one in given] + [f"{name}=..." for name in missing]
        docs = tuple(f"a parameter of `{block.name}`" for _ in missing)
        example = f"{block.name}({', '.join(texts)})"
        sink.report(
            MissingArgument(call, block.name, tuple(missing), docs, block.signature, example)
        )
        return None
    return {n: values.get(n) or default for n, default in block.parameters.items()}  # type: ignore[misc]


def _meant_of_block(wrong: str, names: list[str]) -> _Likely:
    if sure := unmistakable(wrong, names):
        return sure, True
    return (names[0] if len(names) == 1 else nearest(wrong, names)), False


def _decimal(one: CallArgument, other: CallArgument) -> str:
    """The number that the two are if a comma was written for its point; "" if they are none."""
    digits = one.value.span, other.span
    if not all(re.fullmatch("[0-9]+", span.text) for span in digits):
        return ""
    written = digits[0].to(digits[1]).text  # with a blank behind the comma, it separates
    return written.replace(",", ".") if re.fullmatch("[0-9]+,[0-9]+", written) else ""


def _placed(
    callee: str,
    names: list[str],
    signature: str,
    arguments: Sequence[CallArgument],
    sink: Sink,
    meant: Callable[[str], _Likely],
    of_block: bool = False,
) -> dict[str, CallArgument] | None:
    """Arguments by name. None if one has no place, as then nothing can be said of the others."""
    placed: dict[str, CallArgument] = {}
    unknown = False
    for index, given in enumerate(arguments):
        decimal = _decimal(arguments[index - 1], given) if index else ""
        if given.name is None and index >= len(names):
            inner = given.span.text if is_network(given.value) and not of_block else ""
            many = len(names)
            sink.report(
                TooManyArguments(given.span, callee, many, signature, of_block, decimal, inner)
            )
            return None
        if given.name is None and index and (named := arguments[index - 1]).name:
            sink.report(UnnamedBehindNamed(given.span, callee, named.span, signature, decimal))
            return None
        name = given.name or names[index]
        if name not in names:
            span = given.name_span or given.span
            likely, sure = meant(name)
            likely = None if any(likely == other.name for other in arguments) else likely
            sink.report(UnknownArgument(span, callee, name, signature, likely, of_block, sure))
            unknown = True
            continue
        if name in placed:
            sink.report(RepeatedArgument(given.span, callee, name, placed[name].span))
            return None
        placed[name] = given
    return None if unknown else placed


def _meant(wrong: str, item: type[Item]) -> _Likely:
    """The argument that ``wrong`` was meant to be: by another system's word, a part, a slip."""
    names = [argument.name for argument in item.arguments]
    for argument in item.arguments:
        known_as = {normalized(name) for name in (argument.name, *argument.known_as)}
        if normalized(wrong) in (*known_as, *map(normalized, argument.like)):
            return argument.name, normalized(wrong) in known_as
    if part := _by_part(wrong, names):
        return part, wrong in part.split("_")
    if sure := unmistakable(wrong, names):
        return sure, True
    return nearest(wrong, names), False


def _by_part(wrong: str, names: list[str]) -> str | None:
    """The only name of which ``wrong`` is a word, or which is a word of it: ``out``, ``prob``."""
    words = [name for name in names if wrong in name.split("_") or name in wrong.split("_")]
    found = words or [name for name in names if wrong in name]
    return found[0] if len(found) == 1 else None


def _report_missing(use: ItemCall, missing: list[Argument], sink: Sink) -> None:
    given = [argument.span.text for argument in use.arguments]
    example = f"{use.item.name}({', '.join([*given, *(_example(a) for a in missing)])})"
    names = tuple(argument.name for argument in missing)
    docs = tuple(argument.doc for argument in missing)
    signature, or_hole = use.item.signature(), _with_holes(use, missing)
    found = MissingArgument(use.span, use.item.name, names, docs, signature, example, or_hole)
    sink.report(found)


def _with_holes(use: ItemCall, missing: Sequence[Argument]) -> str:
    """The use of a layer with holes for the sizes that it lacks, which may be its first ones."""
    given, sizes = use.arguments, [one for one in use.item.arguments if one.required]
    if not given or not all(_may_be_a_hole(use.item, one) for one in sizes):
        return ""
    if any(one.name for one in given):
        texts = [one.span.text for one in given] + [f"{one.name}=_" for one in missing]
    else:
        texts = ["_"] * len(missing) + [one.span.text for one in given]
    return f"{use.item.name}({', '.join(texts)})"


def _example(argument: Argument) -> str:
    return f"{argument.name}={'25' if argument.kind.at_least else '...'}"


def check(argument: Argument, value: Value, what: str, sink: Sink) -> tuple[bool, PlainValue]:
    """Whether ``value`` is a value for ``argument``, reported if not, and that value."""
    if isinstance(value, Poison):
        return False, None
    if isinstance(value, Hole):
        problem = f"{what} cannot be a hole"
        instead = f"give {argument.expects}; only a layer's sizes can be found from shapes"
        sink.report(WrongKind(value.span, problem, "nothing tells its value", instead))
        return False, None
    if not isinstance(value, Constant):
        value = behind_names(value)
        if _holds_poison(value):
            return False, None
        problem = f"{what} takes {argument.expects}"
        label = f"this is {describe(value)}"
        wrong_kind = WrongKind(value.span, problem, label, f"give {argument.expects}")
        sink.report(wrong_kind, value.span)
        return False, None
    plain, place = value.plain, value.span
    got = describe(value) if isinstance(plain, str | tuple) else _shown(plain)
    if not accepts(argument, plain):
        meant = _as_list(argument, plain)
        help = f"write `{meant}`" if meant else _as_meant(argument, value)
        fix = None if value.origins else meant
        wrong = WrongType(place, what, argument.expects, got, help, provenance(value), fix)
        sink.report(wrong, *value.origins)
        return False, None
    if plain is not None and not argument.allows(plain):
        got = f"`{as_source(plain)}`"
        help = _nearest_choice(argument, plain)
        refused = OutOfRange(place, what, argument.expects, got, help, provenance(value))
        sink.report(refused, *value.origins)
        return False, None
    return True, plain


def _holds_poison(value: Value) -> bool:
    """Whether it is a list with something in it that is wrong, and told."""
    parts = [value]
    while parts:
        part = behind_names(parts.pop())
        if isinstance(part, Poison):
            return True
        if isinstance(part, Fan | Listing):
            parts += part.branches if isinstance(part, Fan) else part.items
    return False


def _shown(value: PlainValue) -> str:
    """``value`` with its kind to be seen: 25.0 is not 25 here."""
    return f"`{value!r}`" if isinstance(value, float) else f"`{as_source(value)}`"


def _as_list(argument: Argument, value: PlainValue) -> str | None:
    """``value`` as it is written where a list is taken, if it may be its only item; or the only
    item of the list ``value`` where no list is taken.
    """
    other = value[0] if isinstance(value, tuple) and len(value) == 1 else (value,)
    fits = accepts(argument, other) and argument.allows(other)
    return as_source(other) if fits and other is not None else None


def _as_meant(argument: Argument, constant: Constant) -> str | None:
    plain = constant.plain
    if isinstance(plain, float) and plain.is_integer() and argument.kind.accepts(int(plain)):
        places = (constant.span, constant.given, *constant.origins)
        divides = any("/" in place.text for place in places if place)
        divided = "; `//` divides without leaving the whole numbers" if divides else ""
        return f"write `{int(plain)}`{divided}"
    if not isinstance(plain, str):
        return None
    if not _NUMBER.fullmatch(plain):
        return None
    number = int(plain) if plain.isdigit() else float(plain)
    meant = argument.kind.accepts(number) and argument.allows(number)
    return f"write `{plain}` without quotes" if meant else None


def _nearest_choice(argument: Argument, value: PlainValue) -> str | None:
    meant = nearest(value, argument.choices) if isinstance(value, str) else None
    return f"write `{as_source(meant)}`" if meant else None
