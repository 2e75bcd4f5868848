"""The definitions of one file, before they have values; names that are taken are reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlang.catalogue import library, registry
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.foreign import help_for_call
from netlang.language.diagnostics.names import DefinedTwice, ReservedName, UnknownName
from netlang.language.source import Span
from netlang.language.syntax.ast import (
    Broken,
    Call,
    Definition,
    Expect,
    File,
    Import,
    Name,
    names_in,
)


def definitions_of(file: File, sink: Sink) -> dict[str, Definition]:
    """A file's definitions by name, those of names that are taken left out and reported."""
    definitions: dict[str, Definition] = {}
    incomplete: set[str] = set()  # networks whose other part is in a second definition
    for statement in file.statements:
        if not isinstance(statement, Definition):
            continue
        name, span, bare = statement.defines, statement.name_span, statement.name is None
        if wrong := _foreign_call(statement, file) or reserved(name, span):
            sink.report(wrong)
        elif first := definitions.get(name):
            twice = DefinedTwice(span, name, first.name_span, bare)
            sink.report(twice, *([first] if bare else []))
            incomplete |= {name} if bare or name == "net" else set()
        else:
            definitions[name] = statement
    return {name: one for name, one in definitions.items() if name not in incomplete}


def reserved(name: str, span: Span) -> ReservedName | None:
    """What to say of a definition, at ``span``, of a name that every file knows already."""
    kind = registry.kind_of(name)
    if kind is None or (name in library.NAMES and library.is_library(span.source)):
        return None
    first = library.blocks()[name].definition.name_span if name in library.NAMES else None
    return ReservedName(span, kind, first)


def _foreign_call(statement: Definition, file: File) -> UnknownName | None:
    """What to say of a statement that calls a function as programs do: it is no chain."""
    value = statement.value
    if statement.name or not isinstance(value, Call) or value.callee.name in registry.NAMES:
        return None
    callee, help = value.callee, help_for_call(value.callee.name)
    defined = {one.defines for one in file.statements if isinstance(one, Broken | Definition)}
    imports = any(isinstance(one, Import) for one in file.statements)
    if help is None or callee.name in defined or imports:
        return None
    return UnknownName(callee.span, None, help=help)


def broken_names(file: File, definitions: Mapping[str, Definition]) -> dict[str, Span]:
    """The names that are defined by a statement with a mistake, and by no sound one."""
    return {
        statement.defines: statement.span
        for statement in file.statements
        if isinstance(statement, Broken | Definition)
        and statement.defines
        and statement.defines not in definitions
    }


def mentioned_in(file: File) -> Iterator[Name]:
    """The names that the file's statements use."""
    for statement in file.statements:
        if isinstance(statement, Definition):
            yield from statement.free_names
        elif isinstance(statement, Expect):
            yield from names_in(statement.bound)
