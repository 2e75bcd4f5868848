"""Resolve: every definition of a file, and of what it imports, gets its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from netlang.catalogue import library
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.definitions import (
    broken_names,
    definitions_of,
    mentioned_in,
    reserved,
)
from netlang.compiler.passes.evaluate import Evaluator
from netlang.compiler.passes.imports import Unit
from netlang.compiler.passes.order import evaluation_order
from netlang.compiler.passes.overrides import no_arguments, not_settable, with_argument
from netlang.compiler.passes.values import (
    Block,
    Names,
    Poison,
    Shared,
    Value,
    describe,
    is_network,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.names import Cycle, DefinedTwice, WrongKind
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import (
    Broken,
    Definition,
    Expect,
    File,
    Name,
    Override,
    names_in,
)
from netlang.system.record import Record


class Resolved(Record):
    """A file's definitions by name, in their order; ``values`` holds poison for what
    could not be read. Imported names are among them, but not among ``definitions``. ``every_value``
    are the values of this file and of all it imports, and of the bodies of blocks, ``scopes`` those
    of the same files.
    """

    file: File
    definitions: dict[str, Definition]
    values: dict[str, Value]
    mentioned: frozenset[str]
    expectations: tuple[tuple[Expect, Value], ...]
    every_value: tuple[Value, ...]
    scopes: tuple[FileResolver, ...]

    @property
    def source(self) -> SourceFile:
        return self.file.source

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """The names that the file defines and does not use, settings apart."""
        used = SETTINGS.keys() | self.mentioned
        return tuple(name for name in self.definitions if name not in used)


def resolve(units: Sequence[Unit], overrides: Sequence[Override], sink: Sink) -> Resolved:
    """Resolve ``units``: the last is the file itself, and those that it imports come before it."""
    evaluator = Evaluator(sink)
    scopes = {unit: FileResolver(unit, unit is units[-1], evaluator) for unit in units}
    main = scopes[units[-1]]
    for unit in units:
        scopes[unit].take_imports(scopes)
    scopes = _with_library(scopes, overrides, evaluator)
    for override in overrides:
        main.override(override)
    for scope in scopes.values():
        scope.evaluate()
    # A name that only an overridden definition used is not reported as unused.
    mentioned = main.mentioned | {
        used.name for override in overrides for used in names_in(override.value)
    }
    expectations = tuple(
        (statement, evaluator.evaluate(statement.bound, main.names))
        for statement in main.file.statements
        if isinstance(statement, Expect)
    )
    known = main.names.known
    everything = tuple(
        value for scope in scopes.values() for value in (*scope.names.known.values(), *scope.bodies)
    )
    found = main.file, main.definitions, known, mentioned, expectations, everything
    return Resolved(*found, tuple(scopes.values()))


def _with_library(
    scopes: Mapping[Unit, FileResolver], overrides: Sequence[Override], evaluator: Evaluator
) -> dict[Unit, FileResolver]:
    """``scopes`` with the library before them; it is parsed only if they use a block of it."""
    in_overrides = {used.name for override in overrides for used in names_in(override.value)}
    lacking = {
        scope: library.NAMES & (scope.mentioned | in_overrides) - scope.names.defined
        for scope in scopes.values()
    }
    if not any(lacking.values()):
        return dict(scopes)
    unit = Unit(library.file(), {})
    shelf = FileResolver(unit, False, evaluator)
    for scope, blocks in lacking.items():
        scope.take_library(blocks, shelf)
    return {unit: shelf, **scopes}


class FileResolver:
    """One file: its definitions, and the values that they get."""

    def __init__(self, unit: Unit, is_main: bool, evaluator: Evaluator) -> None:
        self.unit, self.file = unit, unit.file
        self.evaluator, self.sink = evaluator, evaluator.sink
        self.definitions = {
            name: definition
            for name, definition in definitions_of(unit.file, self.sink).items()
            if is_main or name not in SETTINGS
        }
        self.imported: dict[str, FileResolver] = {}
        self.arguments: dict[str, list[Override]] = {}
        self.bodies: list[Value] = []  # of blocks, for unknown arguments
        broken = broken_names(unit.file, self.definitions)
        known: dict[str, Value] = {name: Poison(span) for name, span in broken.items()}
        settings = SETTINGS if is_main else ()
        taps = {
            tap.name: definition.defines
            for definition in self.definitions.values()
            for tap in definition.taps
        }
        spans = {name: one.name_span for name, one in self.definitions.items()}
        uses: dict[str, list[Span]] = {}
        for used in mentioned_in(unit.file):
            uses.setdefault(used.name, []).append(used.span)
        names = frozenset((*self.definitions, *broken, *settings))
        self.names = Names(known, names, taps, spans, uses)
        self.mentioned = frozenset(uses)

    def take_imports(self, scopes: Mapping[Unit, FileResolver]) -> None:
        """Take the names of the files that this one imports, settings excepted."""
        missing = any(isinstance(one, Broken) and one.is_import for one in self.file.statements)
        for statement, unit in self.unit.imports.items():
            missing |= unit is None
            for name in scopes[unit].definitions if unit else ():
                self._take(name, scopes[unit], statement.path.span)  # type: ignore[index]
        known = self.names.defined | self.imported.keys()
        self.names = self.names.with_changes(defined=known, complete=not missing)

    def _take(self, name: str, other: FileResolver, span: Span) -> None:
        brought = other.definitions[name].name_span
        if name in self.definitions:
            self.sink.report(DefinedTwice(self.definitions[name].name_span, name, brought))
        elif name in self.imported:
            first = self.imported[name].definitions[name].name_span
            self.sink.report(DefinedTwice(span, name, first))
        else:
            self.imported[name] = other

    def take_library(self, blocks: Iterable[str], scope: FileResolver) -> None:
        """Take the library's ``blocks``, which stand in ``scope``."""
        self.imported.update(dict.fromkeys(sorted(blocks), scope))
        self.names = self.names.with_changes(defined=self.names.defined.union(blocks))

    def override(self, override: Override) -> None:
        """Let the override replace its definition, or keep it if it is one of an argument."""
        first = override.path[0]
        scope = self.imported.get(first.name, self)
        defined = scope.definitions.get(first.name)
        if first.name not in self.names.defined:
            files = [str(one.path.value) for one in self.unit.imports]
            unknown = not_settable(
                first, self._settable(), self.names.taps, files, self.definitions
            )
            self.sink.report(unknown)
        elif defined and defined.parameters is not None:
            problem = f"`{first.name}` is a block, and cannot be set"
            help = f"set what is given to it where it is used: a constant, as in `{first.name}(n)`"
            self.sink.report(WrongKind(first.span, problem, "no value", help))
        elif len(override.path) > 1:
            scope.arguments.setdefault(first.name, []).append(override)
        else:  # what is shared stays shared
            is_shared = defined is not None and defined.shared
            value, span = override.value, override.span
            scope.definitions[first.name] = Definition(first, value, span, is_shared)

    def _settable(self) -> list[str]:
        """What can be set by its name: the file's constants and networks, and all settings."""
        defined = [
            name
            for name in (*self.definitions, *self.imported)
            if self.imported.get(name, self).definitions[name].parameters is None
        ]
        return [*(name for name in defined if name not in SETTINGS), *SETTINGS]

    def evaluate(self) -> None:
        known = self.names.known
        for name, scope in self.imported.items():
            known[name] = scope.names.known[name]
        order, cycles = evaluation_order(self.definitions)
        for cycle in cycles:
            self._report_cycle(cycle)
        for name in order:
            if name not in known:
                known[name] = self._value(self.definitions[name])
            for override in self.arguments.pop(name, ()):
                known[name] = with_argument(known[name], override, self.names, self.evaluator)
        for left in self.arguments.values():
            self.sink.report(no_arguments(left[0].path[:1], "this file does not define it"))

    def _value(self, definition: Definition) -> Value:
        taps = self._taps(definition)
        if definition.parameters is not None:
            return self._block(definition, taps)
        names = self.names
        if len(definition.taps) > len(taps):  # one may have been meant for another name
            names = names.with_changes(complete=False)
        value = self.evaluator.evaluate(definition.value, names, taps)
        if definition.name is None:  # a bare chain: whatever it is, it has to be a network
            return self.evaluator.network(definition.value, value)
        if not definition.shared or isinstance(value, Poison):
            return value
        if is_network(value):
            return Shared(value, value.span)
        problem = f"`shared` defines a network, and this is {describe(value)}"
        help = f"write `{definition.defines} = ...`, without `shared`"
        if definition.span.source is not self.file.source:
            help = f"`{definition.defines}` is shared in the file: set it to a network"
        self.sink.report(WrongKind(definition.value.span, problem, "has no weights", help))
        return Poison(definition.span)

    def _block(self, definition: Definition, taps: Mapping[str, Span]) -> Block:
        parameters: dict[str, Value | None] = {}
        for parameter in definition.parameters or ():
            name = parameter.name
            if refusal := reserved(name.name, name.span):
                self.sink.report(refusal)
            elif name.name in parameters:
                first = next(p.name.span for p in definition.parameters or () if p is not parameter)
                self.sink.report(DefinedTwice(name.span, name.name, first))
            default = parameter.default
            value = self.evaluator.evaluate(default, self.names) if default else None
            parameters[name.name] = value
        defines, span = definition.defines, definition.name_span
        block = Block(defines, parameters, definition.value, self.names, taps, span)
        self.bodies.append(self.evaluator.try_body(block))
        return block

    def _taps(self, definition: Definition) -> Mapping[str, Span]:
        """The names of its taps. One that is defined already is reported, and keeps its value."""
        found: dict[str, Span] = {}
        taken: set[str] = set()
        own = {p.name.name: p.name.span for p in definition.parameters or ()}
        for tap in definition.taps:
            first = found.get(tap.name) or own.get(tap.name) or self.defined_at(tap.name)
            if refusal := reserved(tap.name, tap.span):
                self.sink.report(refusal)
            elif first:
                self.sink.report(DefinedTwice(tap.span, tap.name, first))
                taken |= {tap.name} - found.keys()
            found.setdefault(tap.name, tap.span)
        return {name: span for name, span in found.items() if name not in taken}

    def defined_at(self, name: str) -> Span | None:
        scope = self.imported.get(name, self)
        return scope.definitions[name].name_span if name in scope.definitions else None

    def _report_cycle(self, cycle: list[tuple[str, Name]]) -> None:
        names = tuple(name for name, _ in cycle)
        spans = [used.span for _, used in cycle]
        blocks = all(self.definitions[name].parameters is not None for name in names)
        self.sink.report(Cycle(spans[0], names, tuple(spans[1:]), blocks))
        for name, used in cycle:
            self.names.known.setdefault(name, Poison(used.span))
