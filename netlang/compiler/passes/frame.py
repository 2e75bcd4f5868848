"""A frame: an expression that is being evaluated, and the values of the names in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES
from netlang.compiler.passes.values import Block, Names, Scope, Value
from netlang.language.source import Span
from netlang.language.syntax import ast


class Frame:
    """The expression of a definition, or the body of a ``block`` for one ``call`` of it."""

    def __init__(
        self,
        root: ast.Expression,
        names: Names,
        taps: Mapping[str, Span],
        scope: Scope,
        arguments: Mapping[str, Value] = MappingProxyType({}),
        block: Block | None = None,
        call: ast.Name | ast.Call | None = None,
    ) -> None:
        self.root, self.names, self.taps, self.scope = root, names, taps, scope
        self.arguments, self.block, self.call = arguments, block, call
        self.left: Iterator[ast.Expression | ast.Argument] = ast.postorder(root)
        self.done: dict[int, Value] = {}  # by the node's identity, which is its equality

    @cached_property
    def strings(self) -> frozenset[int]:
        """The parts of ``root`` that stand where a string is taken, by identity."""
        return frozenset(_strings_in(self.root))

    def value(self, node: ast.Expression) -> Value:
        return self.done[id(node)]

    def find(self, name: str) -> Value | None:
        return self.arguments.get(name) or self.names.known.get(name)


def body_frame(
    block: Block,
    scope: Scope,
    arguments: Mapping[str, Value],
    call: ast.Name | ast.Call | None = None,
) -> Frame:
    """The body of ``block``, for one ``call``."""
    return Frame(block.body, block.names, block.taps, scope, arguments, block, call)


def _strings_in(root: ast.Expression) -> Iterator[int]:
    """The arguments, by identity, of something of the catalogue, where it takes a string."""
    for call in ast.postorder(root):
        item = registry.ITEMS.get(call.callee.name) if isinstance(call, ast.Call) else None
        if item is None or not isinstance(call, ast.Call):
            continue
        for index, argument in enumerate(call.arguments):
            name = argument.name.name if argument.name else None
            declared = [a for a in item.arguments[index : index + 1] if not name]
            declared += [a for a in item.arguments if a.name == name]
            if any(one.type is VALUE_TYPES["str"] for one in declared):
                yield id(argument.value)
            elif any(one.type is VALUE_TYPES["tuple[str, ...]"] for one in declared):
                value = argument.value
                yield from map(id, value.items if isinstance(value, ast.ListOf) else (value,))
