"""A call whose arguments are known by name and fit what its item takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netlang.catalogue.arguments import VALUE_TYPES, PlainValue
from netlang.catalogue.items import Item
from netlang.compiler.passes.values import (
    CallArgument,
    Constant,
    Hole,
    ItemCall,
    Part,
    as_part,
    items_of,
    shared_network,
)
from netlang.language.source import Span
from netlang.system.record import Record

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


def holes_in(value: object) -> Iterator[Hole]:
    """The holes that a bound value is, or has in its list."""
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, Hole):
            yield one
