"""The syntax tree: what a file says, word for word, before any name has a meaning.

Every node keeps the span it was written in. Nodes are compared by identity, and a
tree may be deep, so nothing here or above it walks one by recursion.
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
    """A number, a string, ``true``, ``false`` or ``none``."""

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
        """Where it is named, or the whole of it."""
        return self.name.span if self.name else self.span

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """The names that its value uses."""
        return tuple(names_in(self.value))

    @cached_property
    def taps(self) -> tuple[Name, ...]:
        """The names that ``as`` gives in it, in the order of the text."""
        return tuple(node.name for node in postorder(self.value) if isinstance(node, Tapped))

    @cached_property
    def free_names(self) -> tuple[Name, ...]:
        """The names that it uses and does not bring: those of parameters and taps are its own."""
        parameters = self.parameters or ()
        own = {one.name for one in (*self.taps, *(parameter.name for parameter in parameters))}
        free = [name for name in self.names if name.name not in own]
        for parameter in parameters:
            if parameter.default:
                free += names_in(parameter.default)
        return tuple(free)


class Import(Record):
    """``import "path"``; ``path`` is a string."""

    path: Literal
    span: Span


class Expectation(Record):
    """``expect metric comparison bound``; ``metric`` is a path such as (test, accuracy)."""

    metric: tuple[Name, ...]
    comparison: str
    bound: Expression
    span: Span


class Broken(Record):
    """A statement that could not be read; ``defines`` is the name it was meant to define."""

    defines: str | None
    span: Span


Statement = Definition | Import | Expectation | Broken


class Override(Record):
    """``--set path=value``."""

    path: tuple[Name, ...]
    value: Expression
    span: Span

    @property
    def text(self) -> str:
        """It as written, without the blanks around its parts."""
        return f"{'.'.join(name.name for name in self.path)}={self.value.span.text}"


class File(Record):
    source: SourceFile
    statements: tuple[Statement, ...]


_CHILDREN: Mapping[type, Callable[[Any], tuple[Expression | Argument, ...]]] = {
    Unary: lambda node: (node.operand,),
    Binary: lambda node: (node.left, node.right),
    Argument: lambda node: (node.value,),
    Call: lambda node: node.arguments,
    ListOf: lambda node: node.items,
    Chain: lambda node: node.links,
    Parenthesized: lambda node: (node.inner,),
    Tapped: lambda node: (node.inner,),
}


def postorder(root: Expression) -> Iterator[Expression | Argument]:
    """Every node under ``root``, children before their parent, without recursion."""
    found: list[Expression | Argument] = []  # parents before their children, the last child first
    left: list[Expression | Argument] = [root]
    while left:
        node = left.pop()
        found.append(node)
        if children := _CHILDREN.get(type(node)):
            left += children(node)
    return reversed(found)


def names_in(expression: Expression) -> Iterator[Name]:
    """The names that it uses, those of blocks included; arguments' own names are none."""
    for node in postorder(expression):
        if isinstance(node, Call):
            yield node.callee
        elif isinstance(node, Name):
            yield node


def same(one: File, other: File) -> bool:
    """Whether both say the same, wherever it stands in their texts. Without recursion."""
    pairs: list[tuple[object, object]] = [(one.statements, other.statements)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                return False
            pairs += zip(a, b, strict=True)
        elif isinstance(a, Record) and type(a) is type(b):
            names = (name for name in a._fields if name != "span")
            pairs += [(getattr(a, name), getattr(b, name)) for name in names]
        elif a != b or type(a) is not type(b):
            return False
    return True
