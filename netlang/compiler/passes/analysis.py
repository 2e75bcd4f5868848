"""What the passes found out about a file, even if it has errors.

Editors ask for it: where is a name defined, and which shape does a layer give?
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
from netlang.language.syntax.ast import (
    Definition,
    Expect,
    ListOf,
    Name,
    Tuning,
    names_in,
)
from netlang.system.record import Record


class Reference(Record):
    """One use of a name. ``definition`` is where the name is defined, and ``value`` is its value,
    which a tap or a parameter does not have. A name of the catalogue has an ``item`` instead, and
    an unknown name has nothing.
    """

    name: Name
    definition: Span | None
    value: Value | None = None
    item: type[Item] | None = None


class Analysis(Record):
    """``files`` are all files that were read, the main one last. ``outputs`` follow the order of
    the network's layers.
    """

    files: tuple[ResolvedFile, ...] = ()
    outputs: tuple[Output, ...] = ()

    @property
    def values(self) -> Mapping[str, Value]:
        """The value of each name of the file, which is poison after an error."""
        return self.files[-1].values if self.files else {}

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All names that the files use, in the order of the text."""
        return tuple(reference for file in self.files for reference in _references(file))


def _references(file: ResolvedFile) -> Iterator[Reference]:
    for statement in file.tree.statements:
        if isinstance(statement, Expect):
            yield from _in_file(names_in(statement.bound), file, {})
        elif isinstance(statement, Tuning):
            choices = statement.candidates
            offered = names_in(choices) if isinstance(choices, ListOf) else ()
            yield from _in_file([statement.path[0], *offered], file, {})
        elif isinstance(statement, Definition):
            yield from _in_file(statement.names_in_defaults, file, {})
            yield from _in_file(statement.names, file, statement.own)


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
