"""What the passes learned of a file, whether it has errors or not.

It is there for editors, which ask where a name is defined and what shape a layer gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from netlang.catalogue import registry
from netlang.catalogue.items import Item
from netlang.compiler.passes.infer import Output
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.values import Value
from netlang.language.source import Span
from netlang.language.syntax.ast import Definition, Expect, Name, names_in
from netlang.system.record import Record


class Reference(Record):
    """A name where it is used. ``definition`` is where it is defined, and ``value`` what it means;
    a tap or a parameter has no value of its own. For a name of the catalogue's there is ``item``
    instead, and for an unknown one nothing.
    """

    name: Name
    definition: Span | None
    value: Value | None = None
    item: type[Item] | None = None


class Analysis(Record):
    """``files`` are those that were read, the file itself last; ``outputs`` are in the order of the
    network's layers.
    """

    files: tuple[ResolvedFile, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def values(self) -> Mapping[str, Value]:
        """What each name of the file means; poison for what has an error."""
        return self.files[-1].values if self.files else {}

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All names that the files use, in the order of the text."""
        return tuple(reference for file in self.files for reference in _references(file))


def _references(file: ResolvedFile) -> Iterator[Reference]:
    for statement in file.tree.statements:
        if isinstance(statement, Expect):
            yield from _in_file(names_in(statement.bound), file, {})
        elif isinstance(statement, Definition):
            parameters = statement.parameters or ()
            outer = [name for one in parameters if one.default for name in names_in(one.default)]
            yield from _in_file(outer, file, {})
            own = (*statement.taps, *(parameter.name for parameter in parameters))
            yield from _in_file(statement.names, file, {name.name: name.span for name in own})


def _in_file(
    names: Iterable[Name], file: ResolvedFile, own: Mapping[str, Span]
) -> Iterator[Reference]:
    """References in a definition that brings names of its ``own``."""
    for name in sorted(names, key=lambda name: name.span.start):
        if name.name in own:
            yield Reference(name, own[name.name])
        elif name.name in file.values:
            value = file.values[name.name]
            yield Reference(name, file.defined_at(name.name) or value.span, value)
        else:
            yield Reference(name, None, item=registry.ITEMS.get(name.name))
