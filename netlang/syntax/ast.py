"""The syntax tree: what a file says, word for word, before any name has a meaning.

Every node keeps the span it was written in. Nodes are compared by identity, and a
tree may be deep, so nothing here or above it walks one by recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netlang.source import SourceFile, Span


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    name: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A number, a string, ``true``, ``false`` or ``none``."""

    value: int | float | str | bool | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Unary:
    operator: str
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """``value``, or ``name=value``."""

    name: Name | None
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    callee: Name
    arguments: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ListOf:
    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """``first -> second -> ...``, at least two links."""

    links: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """An expression in round brackets, which the span includes."""

    inner: Expression
    span: Span


Expression = Name | Literal | Unary | Binary | Call | ListOf | Chain | Group


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """``name = value``; a bare chain is the definition of ``net``, without the name."""

    name: Name | None
    value: Expression
    span: Span

    @property
    def defines(self) -> str:
        return self.name.name if self.name else "net"


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """``expect metric comparison bound``; ``metric`` is a path such as (test, accuracy)."""

    metric: tuple[Name, ...]
    comparison: str
    bound: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A statement that could not be read; ``defines`` is the name it was meant to define."""

    defines: str | None
    span: Span


Statement = Definition | Expectation | Broken


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """``--set path=value``."""

    path: tuple[Name, ...]
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class File:
    source: SourceFile
    statements: tuple[Statement, ...]


def children(node: Expression | Argument) -> tuple[Expression | Argument, ...]:
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Argument():
            return (node.value,)
        case Call():
            return node.arguments
        case ListOf():
            return node.items
        case Chain():
            return node.links
        case Group():
            return (node.inner,)
        case _:
            return ()


def postorder(root: Expression) -> Iterator[Expression | Argument]:
    """Every node under ``root``, children before their parent, without recursion."""
    stack: list[tuple[Expression | Argument, bool]] = [(root, False)]
    while stack:
        node, seen = stack.pop()
        if seen:
            yield node
            continue
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(children(node)))
