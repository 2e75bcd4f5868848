"""The definitions of one file before they have values, and reports of names that are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlang.catalogue import library, registry
from netlang.catalogue.foreign import help_for_call
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.language.diagnostics import Cause, Sink
from netlang.language.diagnostics.messages.names import DefinedTwice, ReservedName, UnknownName
from netlang.language.source import Span
from netlang.language.syntax import ast


def definitions_of(file: ast.File, sink: Sink) -> dict[str, ast.Definition]:
    """A file's definitions by name. One whose name is taken is reported and left out."""
    definitions: dict[str, ast.Definition] = {}
    incomplete: set[str] = set()  # networks whose other part is in a second definition
    for statement in file.statements:
        if not isinstance(statement, ast.Definition):
            continue
        name, span, bare = statement.defines, statement.name_span, statement.name is None
        if wrong := _foreign_call(statement, file) or reserved(name, span, help_for_argument(name)):
            sink.report(wrong)
        elif first := definitions.get(name):
            causes = [Cause.UNNAMED_NETWORKS.at(first)] if bare else []
            sink.report(DefinedTwice(span, name, first.name_span, bare), *causes)
            incomplete |= {name} if bare or name == "net" else set()
        else:
            definitions[name] = statement
    return {name: one for name, one in definitions.items() if name not in incomplete}


def reserved(name: str, span: Span, help: str | None = None) -> ReservedName | None:
    """The report of a definition, at ``span``, if every file knows the name already; ``help`` says
    what to do about a setting that others call so.
    """
    kind = registry.kind_of(name)
    if kind is None or (name in library.NAMES and library.is_library(span.source)):
        return None
    first = library.blocks()[name].definition.name_span if name in library.NAMES else None
    return ReservedName(span, kind, first, help)


def _foreign_call(statement: ast.Definition, file: ast.File) -> UnknownName | None:
    """The report of a statement that calls a function, as programs do, and is not a chain."""
    value = statement.value
    if statement.name or not isinstance(value, ast.Call) or value.callee.name in registry.NAMES:
        return None
    callee, help = value.callee, help_for_call(value.callee.name)
    others = (one for one in file.statements if isinstance(one, ast.Broken | ast.Definition))
    imports = any(isinstance(one, ast.Import) for one in file.statements)
    if help is None or callee.name in {one.defines for one in others} or imports:
        return None
    return UnknownName(callee.span, None, help=help)


def broken_names(file: ast.File, definitions: Mapping[str, ast.Definition]) -> dict[str, Span]:
    """The names that only statements with a mistake define."""
    return {
        statement.defines: statement.span
        for statement in file.statements
        if isinstance(statement, ast.Broken | ast.Definition)
        and statement.defines
        and statement.defines not in definitions
    }


def mentioned_in(file: ast.File) -> Iterator[ast.Name]:
    """The names that the file's statements use."""
    for statement in file.statements:
        if isinstance(statement, ast.Definition):
            yield from statement.free_names
        elif isinstance(statement, ast.Expect):
            yield from ast.names_in(statement.bound)
        elif isinstance(statement, ast.Tuning) and isinstance(statement.candidates, ast.ListOf):
            yield from ast.names_in(statement.candidates)
