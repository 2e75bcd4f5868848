"""Values: what expressions evaluate to, before arguments are bound and networks expanded.

A value carries the span it was written in. ``Poison`` stands for what was reported
already: whatever meets it stays silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeGuard

from netlang.catalogue.arguments import PlainValue, as_source
from netlang.catalogue.foreign_arguments import parameters
from netlang.catalogue.items import Item
from netlang.language.diagnostics import Label
from netlang.language.diagnostics.suggest import Guess, by_part, guess
from netlang.language.metric_path import PARTS, MetricPath
from netlang.language.source import Span
from netlang.language.syntax import ast
from netlang.system.record import Record


class Poison(Record):
    span: Span


class Constant(Record):
    """A plain value. If it came through names, ``origins`` are the spans where it was written, and
    ``passed`` is the span where it was passed to a block.
    """

    plain: PlainValue
    span: Span
    origins: tuple[Span, ...] = ()
    passed: Span | None = None


class Scope(Record):
    """One definition, or one expansion of a block, to which taps and holes belong."""


class Hole(Record):
    """``_``, a size that is inferred.

    Written as a layer's argument, it is a size of that layer alone, and has no ``scope``. A name
    that stands for ``_`` is one size wherever it is used in one expansion of ``scope``.
    """

    span: Span
    scope: Scope | None = None


class CallArgument(Record):
    """An argument as a call gives it: ``value``, or ``name=value``."""

    name: str | None
    name_span: Span | None
    value: Value
    span: Span


class ItemCall(Record):
    """A name of the catalogue with the arguments that it is called with, not checked yet.

    ``overrides`` are arguments from the command line, by name; they win.
    """

    item: type[Item]
    arguments: tuple[CallArgument, ...]
    span: Span
    overrides: Mapping[str, CallArgument] = MappingProxyType({})


class Weighted(Record):
    """``0.5 * MSE``: a loss, or another item of the catalogue, that counts so many times."""

    weight: Constant
    call: ItemCall
    span: Span


class Arrow(Record):
    """``A -> B -> C``: items of the catalogue of one kind, none of them a layer, that follow each
    other.
    """

    links: tuple[ItemCall, ...]
    span: Span


class Summed(Record):
    """``MSE + 0.1 * MAE``: losses that are added up, of one output."""

    terms: tuple[ItemCall | Weighted, ...]
    span: Span


class Series(Record):
    """``a -> b -> c``."""

    links: tuple[NetworkValue, ...]
    span: Span


class Fan(Record):
    """``[a, b, c]`` as a part of a network: each gets the same input."""

    branches: tuple[NetworkValue, ...]
    span: Span


class Repeat(Record):
    """``body * times``; 0 times is the identity."""

    body: NetworkValue
    times: int
    span: Span


class WithTap(Record):
    """``body as name``."""

    body: NetworkValue
    name: str
    scope: Scope
    span: Span


class Alias(Record):
    """A network that is used by its name."""

    body: NetworkValue
    name: str
    span: Span

    @property
    def definition(self) -> Span:
        """Where the network is written."""
        return self.body.span


class Scoped(Record):
    """A network at its definition, whose taps belong to ``scope``."""

    body: NetworkValue
    span: Span
    scope: Scope


class BlockCall(Record):
    """The network of the block ``name``, which ``definition`` defines, for the arguments of one
    call; its taps and holes belong to ``scope``.
    """

    body: NetworkValue
    name: str
    span: Span
    scope: Scope
    definition: Span


class Part(Record):
    """A part of the network by its name: all uses of the block or network that ``definition``
    defines.
    """

    name: str
    definition: Span
    span: Span


class Shared(Record):
    """A network whose uses all have the same weights; compared by identity."""

    body: NetworkValue
    span: Span


class Tap(Record):
    """A use of a tap: the output that ``... as name`` of the same definition named."""

    name: str
    scope: Scope
    span: Span


class Listing(Record):
    """A list that is neither a plain value nor a fan-out, such as a list of metrics."""

    items: tuple[Value, ...]
    span: Span


class Names(Record):
    """The names of one file. ``known`` holds the values so far, and ``defined`` all names that get
    a value.

    The names are not ``complete`` if an import cannot be read. ``taps`` are the taps of all
    definitions, with the name of the definition that knows each. ``spans`` are the spans of the
    definitions, and ``uses`` those of all uses. ``roots`` are the expressions that the file
    defines names by.
    """

    known: dict[str, Value]
    defined: frozenset[str]
    taps: Mapping[str, str] = MappingProxyType({})
    spans: Mapping[str, Span] = MappingProxyType({})
    uses: Mapping[str, Sequence[Span]] = MappingProxyType({})
    roots: Sequence[ast.Expression] = ()
    complete: bool = True


class Block(Record):
    """A network with parameters, expanded at each use.

    ``names`` are those of the file that defines it, and ``taps`` are its own. A parameter that is
    required has the default None.
    """

    name: str
    parameters: Mapping[str, Value | None]
    body: ast.Expression
    names: Names
    taps: Mapping[str, Span]
    span: Span

    def signature(self) -> str:
        """How it is used: ``res(width, depth=2)``."""
        return f"{self.name}({', '.join(self._shown)})"

    def meant_argument(self, wrong: str) -> Guess | None:
        """The parameter that ``wrong``, the name of an argument, seems to mean, if any."""
        names = list(self.parameters)
        if known := [name for name in parameters(wrong) if name in names]:
            return Guess(known[0])
        if part := by_part(wrong, names):
            return Guess(part)
        return guess(wrong, names) or (Guess(names[0]) if len(names) == 1 else None)

    def with_parameter(self, name: str) -> str:
        """Its signature with one more that is required: ``res(width, m, depth=2)``."""
        required = sum(default is None for default in self.parameters.values())
        shown = [*self._shown[:required], name, *self._shown[required:]]
        return f"{self.name}({', '.join(shown)})"

    @property
    def _shown(self) -> list[str]:
        return [
            f"{name}={default.span.text}" if default else name
            for name, default in self.parameters.items()
        ]


Callee = type[Item] | Block  # what a call names
NamedNetwork = Alias | Scoped | BlockCall
NetworkValue = ItemCall | Series | Fan | Repeat | WithTap | NamedNetwork | Shared | Tap | Poison
Value = Constant | Hole | Listing | Block | Part | Weighted | Summed | Arrow | NetworkValue


def parts_of(value: Value) -> tuple[Value, ...]:
    """The parts of a network, an arrow or a list; layers, taps and all other values have none.

    Parts are shared, not copied: a network may hold the same part many times.
    """
    match value:
        case Series(links=parts) | Fan(branches=parts) | Listing(items=parts):
            return parts
        case Arrow():
            return value.links
        case Repeat() | WithTap() | Alias() | Scoped() | BlockCall() | Shared():
            return (value.body,)
        case _:
            return ()


def holds_poison(value: Value) -> bool:
    """Whether it is, or contains, something wrong that is reported already."""
    left: list[Value] = [value]
    seen: set[Value] = set()
    while left:
        part = left.pop()
        if isinstance(part, Poison):
            return True
        if part not in seen:
            seen.add(part)
            left += parts_of(part)
    return False


def items_of(value: Value) -> tuple[Value, ...]:
    """The items of a list; a value that is no list counts as its only item."""
    if isinstance(value, Listing | Fan):
        return parts_of(value)
    if isinstance(value, Constant) and isinstance(value.plain, tuple):
        return tuple(value.replace(plain=one) for one in value.plain)  # ["accuracy"]
    return (value,)


def links_of(value: Value) -> tuple[Value, ...]:
    """The items of an arrow; a value that is no arrow counts as its only item."""
    return value.links if isinstance(value, Arrow) else (value,)


def number_in(value: Value) -> int | float | None:
    """The number that a constant is; None for all other values, and for ``true`` and ``false``."""
    plain = value.plain if isinstance(value, Constant) else None
    return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None


def is_network(value: Value | None) -> TypeGuard[NetworkValue]:
    """Whether it can stand in a chain."""
    match value:
        case ItemCall():
            return value.item.kind == "layer"
        case (
            Constant()
            | Hole()
            | Listing()
            | Block()
            | Part()
            | Weighted()
            | Summed()
            | Arrow()
            | None
        ):
            return False
        case _:
            return True


def behind_names(value: Value) -> Value:
    """What a name, or a name of a name, stands for."""
    while isinstance(value, NamedNetwork):
        value = value.body
    return value


def as_part(value: Value) -> Part | None:
    """The part of the network that ``value`` names, if it is a name of one."""
    match value:
        case Part():
            return value
        case Alias():
            return Part(value.name, value.definition, value.span)
        case _:
            return None


def shared_network(value: Value) -> Shared | None:
    """The shared network that a name, or a name of a name, stands for."""
    while isinstance(value, Alias):
        value = value.body
    return value if isinstance(value, Shared) else None


def provenance(*constants: Constant) -> tuple[Label, ...]:
    """Labels that show where ``constants`` come from, if they were written elsewhere."""
    origins = dict.fromkeys(span for one in constants for span in one.origins)
    passed = dict.fromkeys(one.passed for one in constants if one.passed)
    return (
        *(Label(span, "the value comes from here") for span in origins),
        *(Label(span, "given here") for span in passed if span not in origins),
    )


def blame(value: Value, used: Span, label: str) -> tuple[Span, tuple[Label, ...]]:
    """The span at which to report ``value``, which is wrong where it is ``used``, and further
    labels. A value that was passed to a block is reported there, and ``label`` says how it is used.
    """
    if not isinstance(value, Constant):
        return used, ()
    origins = provenance(value)
    if value.passed is None:
        return used, origins
    others = (one for one in origins if one.span != value.passed)
    return value.passed, (Label(used, label), *others)


def describe(value: Value) -> str:
    """The value in words: ``the number 3``, ``the layer `ReLU```."""
    value = behind_names(value)
    match value:
        case Constant(plain=bool() | None):
            return f"`{as_source(value.plain)}`"
        case Constant(plain=MetricPath() as path) if path.part not in PARTS:
            return f"the name `{path}`"
        case Constant(plain=MetricPath()):
            return f"the metric `{value.plain}`"
        case Constant(plain=str()):
            return "a string"
        case Constant(plain=tuple()) | Listing():
            return "a list"
        case Constant():
            return f"the number {value.plain}"
        case Hole():
            return "a hole"
        case Block() | Part():
            return f"the block `{value.name}`"
        case ItemCall():
            return f"the {value.item.kind} `{value.item.name}`"
        case Summed():
            return f"the sum of losses `{value.span.text}`"
        case Weighted():
            return f"the {value.call.item.kind} `{value.span.text}`"
        case Arrow():
            return f"an arrow of {value.links[0].item.kind}s"
        case Poison():
            return "a mistake"
        case Tap():
            return f"the tap `{value.name}`"
        case _:
            return "a network"
