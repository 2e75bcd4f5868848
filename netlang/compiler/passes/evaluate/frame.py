"""A frame: an expression that is being evaluated, and the values of the names in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES, Argument
from netlang.catalogue.settings import Setting
from netlang.compiler.passes.evaluate.foreign_parts import ForeignPart, foreign_parts
from netlang.compiler.passes.values import Block, Hole, Names, Scope, Value
from netlang.language.source import Span
from netlang.language.syntax import ast


class Frame:
    """The expression of a definition, or the body of a ``block`` for one ``call`` of it.

    Without a call, the body is tried: its mistakes are reported, and the blocks in it not entered.
    ``setting`` is the one that the definition gives a value, if any. Where it ``names_parts``, the
    name of a block stands for all its uses, and does not enter it.
    """

    def __init__(
        self,
        root: ast.Expression,
        names: Names,
        taps: Mapping[str, Span] = MappingProxyType({}),
        arguments: Mapping[str, Value] = MappingProxyType({}),
        block: Block | None = None,
        call: ast.Name | ast.Call | None = None,
        setting: Setting | None = None,
    ) -> None:
        self.root, self.names, self.taps, self.block, self.call = root, names, taps, block, call
        self.kind = setting.item if setting else None
        self.names_parts = setting is not None and setting.names_parts
        self.scope = Scope()
        self.arguments = {name: self.in_scope(value) for name, value in arguments.items()}
        self.left: Iterator[ast.Expression | ast.Argument] = ast.postorder(root)
        self.done: dict[int, Value] = {}  # by the expression's identity, which is its equality

    @property
    def is_trial(self) -> bool:
        return self.block is not None and self.call is None

    @cached_property
    def strings(self) -> Mapping[int, Argument]:
        """The parts of ``root`` that stand where an argument takes a string, by identity."""
        return {id(part): argument for part, argument in strings_in(self.root)}

    @cached_property
    def part_names(self) -> frozenset[int]:
        """The parts of ``root`` that name parts of the network, by identity."""
        given = (value for value, _ in _given(self.root, _takes_parts))
        values = [self.root] if self.names_parts else given
        return frozenset(id(part) for value in values for part in ast.postorder(value))

    @cached_property
    def items(self) -> frozenset[int]:
        """The names in ``root`` that stand where one of the setting's items does, by identity."""
        left, found = [self.root] if self.kind else [], set[int]()
        while left:
            match left.pop():
                case ast.ListOf(items=parts) | ast.Chain(links=parts):
                    left += parts
                case ast.Binary(operator="+") as total:
                    left += total.left, total.right
                case ast.Call(callee=name) | (ast.Name() as name):
                    found.add(id(name))
        return frozenset(found)

    @cached_property
    def foreign(self) -> Sequence[ForeignPart]:
        """The parts of ``root`` that are one mistake each."""
        known = _Together(self.arguments, self.taps, self.names.defined, registry.NAMES)
        return [*foreign_parts(self.root, known)]

    @cached_property
    def links(self) -> frozenset[int]:
        """The parts of ``root`` that are links of a chain, by identity."""
        chains = (one for one in ast.postorder(self.root) if isinstance(one, ast.Chain))
        return frozenset(id(link) for chain in chains for link in chain.links)

    @cached_property
    def calls(self) -> Mapping[int, ast.Call]:
        """The calls in ``root``, by the identity of the name that is called."""
        calls = (one for one in ast.postorder(self.root) if isinstance(one, ast.Call))
        return {id(call.callee): call for call in calls}

    def in_scope(self, value: Value) -> Value:
        """``value``; a hole that had no scope is now one of the frame's."""
        if isinstance(value, Hole) and value.scope is None:
            return Hole(value.span, self.scope)
        return value

    def value(self, expr: ast.Expression) -> Value:
        return self.done[id(expr)]

    def find(self, name: str) -> Value | None:
        return self.arguments.get(name) or self.names.known.get(name)


class _Together(Collection[str]):
    """The names in several collections, none of which is copied: each statement asks for them."""

    def __init__(self, *parts: Collection[str]) -> None:
        self._parts = parts

    def __contains__(self, name: object) -> bool:
        return any(name in part for part in self._parts)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))


def strings_in(root: ast.Expression) -> Iterator[tuple[ast.Expression, Argument]]:
    """What calls in ``root`` give to arguments that take strings."""
    for value, one in _given(root, lambda one: one.type.takes_text or one.type.takes_texts):
        if one.type.takes_texts and isinstance(value, ast.ListOf):
            yield from ((item, one) for item in value.items)
        else:
            yield value, one


def _takes_parts(argument: Argument) -> bool:
    return argument.type is VALUE_TYPES["PartName | tuple[PartName, ...]"]


def _given(
    root: ast.Expression, is_wanted: Callable[[Argument], bool]
) -> Iterator[tuple[ast.Expression, Argument]]:
    """What calls in ``root`` give to the arguments that are wanted."""
    for call in ast.postorder(root):
        item = registry.ITEMS.get(call.callee.name) if isinstance(call, ast.Call) else None
        if item is None or not isinstance(call, ast.Call):
            continue
        for index, argument in enumerate(call.arguments):
            name, value = argument.name, argument.value
            declared = [one for one in item.arguments if name and one.name == name.name]
            for one in declared if name else item.arguments[index : index + 1]:
                if is_wanted(one):
                    yield value, one
