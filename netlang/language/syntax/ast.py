"""The syntax tree: what a file says, word for word, before any name has a value.

Every part of it keeps the span that it was written in. Parts are compared by identity. A tree may
be deep, so nothing here or above walks one by recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class Name(Record):
    name: str
    span: Span


class Literal(Record):
    """A number, a string, ``true``, ``false``, ``none``, or a MetricPath."""

    value: int | float | str | bool | None
    span: Span


class Unary(Record):
    operator: str
    operand: Expression
    span: Span


class Binary(Record):
    operator: str
    left: Expression
    right: Expression
    span: Span


class Hole(Record):
    """``_``, a size to be found."""

    span: Span


class Argument(Record):
    """``value``, or ``name=value``."""

    name: Name | None
    value: Expression
    span: Span


class Call(Record):
    callee: Name
    arguments: tuple[Argument, ...]
    span: Span


class ListOf(Record):
    items: tuple[Expression, ...]
    span: Span


class Chain(Record):
    """``first -> second -> ...``, at least two links."""

    links: tuple[Expression, ...]
    span: Span


class Tapped(Record):
    """``inner as name``."""

    inner: Expression
    name: Name
    span: Span


class Parenthesized(Record):
    """An expression in round brackets, which the span includes."""

    inner: Expression
    span: Span


Expression = Name | Literal | Hole | Unary | Binary | Call | ListOf | Chain | Tapped | Parenthesized


class Parameter(Record):
    """A parameter of a block: ``name``, or ``name=default``."""

    name: Name
    default: Expression | None
    span: Span


class Definition(Record):
    """``name = value``; a bare chain is the definition of ``net``, without the name.

    ``shared name = value`` has ``shared``, ``block name(...) = value`` its ``parameters``.
    """

    name: Name | None
    value: Expression
    span: Span
    shared: bool = False
    parameters: tuple[Parameter, ...] | None = None

    @property
    def defines(self) -> str:
        return self.name.name if self.name else "net"

    @property
    def name_span(self) -> Span:
        """The span of its name, or of all of it, if it has none."""
        return self.name.span if self.name else self.span

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names that its value uses."""
        return tuple(names_in(self.value))

    @cached_property
    def taps(self) -> tuple[Name, ...]:
        """The names of its taps, in the order of the text."""
        return tuple(part.name for part in postorder(self.value) if isinstance(part, Tapped))

    @cached_property
    def own(self) -> Mapping[str, Span]:
        """The names that only it knows, of its taps and its parameters, and their spans."""
        parameters = (parameter.name for parameter in self.parameters or ())
        return {name.name: name.span for name in (*self.taps, *parameters)}

    @cached_property
    def free_names(self) -> tuple[Name, ...]:
        """The names that it uses and does not bring itself; a default knows none of its own."""
        free = (name for name in self.names if name.name not in self.own)
        return (*free, *self.names_in_defaults)

    @property
    def names_in_defaults(self) -> tuple[Name, ...]:
        """The names that the defaults of its parameters use."""
        defaults = (one.default for one in self.parameters or () if one.default)
        return tuple(name for default in defaults for name in names_in(default))


class Import(Record):
    """``import "path"``; ``path`` is a string."""

    path: Literal
    span: Span


class Expect(Record):
    """``expect metric comparison bound``; ``metric`` is a path such as (test, accuracy)."""

    metric: tuple[Name, ...]
    comparison: str
    bound: Expression
    span: Span


class Interval(Record):
    """``low..high``, both ends included. With ``log``, a number is as likely as one that is twice
    as large; with a ``step``, only ``low + n * step`` are meant.
    """

    low: Literal
    high: Literal
    log: bool
    step: Literal | None
    span: Span


class Tuning(Record):
    """``tune path in candidates``; ``path`` is a name, or an argument such as (optimizer, lr)."""

    path: tuple[Name, ...]
    candidates: Interval | ListOf
    span: Span

    @property
    def path_text(self) -> str:
        return ".".join(name.name for name in self.path)

    @property
    def path_span(self) -> Span:
        return self.path[0].span.to(self.path[-1].span)


class Broken(Record):
    """A statement that could not be read.

    ``defines`` is the name that it seems to define. With ``is_import``, it seems to import a file.
    """

    defines: str | None
    span: Span
    is_import: bool = False


Statement = Definition | Import | Expect | Tuning | Broken


class Override(Record):
    """``--set path=value``; with a ``number``, of that part of what the first name stands for."""

    path: tuple[Name, ...]
    value: Expression
    span: Span
    number: int | None = None

    @property
    def text(self) -> str:
        """The override as it is written, without blanks around its parts."""
        return f"{self.path_text}={self.value.span.text}"

    @property
    def path_text(self) -> str:
        """What it is an override of."""
        first, *others = (name.name for name in self.path)
        number = "" if self.number is None else f"[{self.number}]"
        return ".".join([first + number, *others])


class File(Record):
    source: SourceFile
    statements: tuple[Statement, ...]


_PARTS: Mapping[type, Callable[[Any], tuple[Expression | Argument, ...]]] = {
    Unary: lambda it: (it.operand,),
    Binary: lambda it: (it.left, it.right),
    Argument: lambda it: (it.value,),
    Call: lambda it: it.arguments,
    ListOf: lambda it: it.items,
    Chain: lambda it: it.links,
    Parenthesized: lambda it: (it.inner,),
    Tapped: lambda it: (it.inner,),
}


def postorder(root: Expression) -> Iterator[Expression | Argument]:
    """``root`` and every part of it, parts before the whole, without recursion."""
    found: list[Expression | Argument] = []  # the whole before its parts, the last part first
    left: list[Expression | Argument] = [root]
    while left:
        one = left.pop()
        found.append(one)
        if parts := _PARTS.get(type(one)):
            left += parts(one)
    return reversed(found)


def names_in(expression: Expression) -> Iterator[Name]:
    """The names that it uses or calls, without the names of arguments."""
    for part in postorder(expression):
        if isinstance(part, Call):
            yield part.callee
        elif isinstance(part, Name):
            yield part


def same(one: File, other: File) -> bool:
    """Whether both say the same, whatever their layout; found without recursion."""
    pairs: list[tuple[object, object]] = [(one.statements, other.statements)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif isinstance(a, Record) and type(a) is type(b):
            names = (name for name in a.fields if name != "span")
            pairs += [(getattr(a, name), getattr(b, name)) for name in names]
        elif a != b or type(a) is not type(b):
            return False
    return True
