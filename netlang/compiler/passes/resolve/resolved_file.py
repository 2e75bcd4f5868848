"""One file, with the values of its definitions, its imports and its overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import dropwhile

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.evaluate import Evaluator
from netlang.compiler.passes.resolve.definitions import (
    broken_names,
    definitions_of,
    mentioned_in,
    reserved,
)
from netlang.compiler.passes.resolve.imports import Unit
from netlang.compiler.passes.resolve.overrides import with_argument
from netlang.compiler.passes.values import (
    Block,
    Constant,
    Names,
    Poison,
    Shared,
    Value,
    describe,
    is_network,
)
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.lints import SettingsNotImported
from netlang.language.diagnostics.messages.names import (
    DefinedTwice,
    ImportedTwice,
    RequiredAfterDefault,
    WrongKind,
)
from netlang.language.source import Span
from netlang.language.syntax import ast


class ResolvedFile:
    """One file: its ``definitions`` by name, in their order, and their ``values``.

    A definition that could not be read has the value poison. Imported names have values, too, but
    no definitions here. The command line belongs to the ``main`` file, and replaces definitions of
    it and of what it imports; ``overrides`` are those of arguments, by the name of a definition.
    ``bodies`` are the values of blocks for unknown arguments. The file is ``complete`` if all that
    it imports can be read. ``uses`` are the spans of all names that its text uses; ``mentioned``
    are these names, and in the main file those that the command line uses.
    """

    def __init__(self, unit: Unit, main: ResolvedFile | None, evaluator: Evaluator) -> None:
        self.unit, self.tree, self.main = unit, unit.file, main or self
        self.evaluator, self.sink = evaluator, evaluator.sink
        self.definitions = definitions_of(unit.file, self.sink)
        self.imported: dict[str, ResolvedFile] = {}
        self.importers: set[ResolvedFile] = set()
        self.overrides: dict[str, list[ast.Override]] = {}
        self.bodies: list[Value] = []
        self.expectations: list[tuple[ast.Expect, Value]] = []
        self.broken = broken_names(unit.file, self.definitions)
        self.values: dict[str, Value] = {name: Poison(span) for name, span in self.broken.items()}
        self.complete = True
        self.uses: dict[str, list[Span]] = {}
        for used in mentioned_in(unit.file):
            self.uses.setdefault(used.name, []).append(used.span)
        self.mentioned = set(self.uses)

    @property
    def defined(self) -> frozenset[str]:
        """The names that have a value here, or will get one."""
        settings = SETTINGS if self is self.main else ()
        return frozenset((*self.definitions, *self.imported, *self.values, *settings))

    @property
    def taps(self) -> dict[str, str]:
        """The taps of all definitions, with the name of the definition that knows each."""
        definitions = self.definitions.values()
        return {tap.name: one.defines for one in definitions for tap in one.taps}

    @cached_property
    def names(self) -> Names:
        """The names of the file, for the time when its imports and overrides are known."""
        written = {name: one.name_span for name, one in self.definitions.items()}
        spans = {name: span for name, span in written.items() if not span.source.is_override}
        statements = self.tree.statements
        roots = [one.value for one in statements if isinstance(one, ast.Definition)]
        return Names(self.values, self.defined, self.taps, spans, self.uses, roots, self.complete)

    @cached_property
    def unused(self) -> tuple[str, ...]:
        """The names that the file defines and does not use, settings apart."""
        used = SETTINGS.keys() | self.mentioned
        return tuple(name for name in self.definitions if name not in used)

    @property
    def is_for_import(self) -> bool:
        """Whether it has no settings, and has blocks or shared networks, or constants alone."""
        definitions, values = self.definitions, self.values
        if not definitions or any(name in values for name in SETTINGS):
            return False
        blocks = any(one.parameters is not None or one.shared for one in definitions.values())
        return blocks or all(isinstance(values[name], Constant) for name in definitions)

    def take_imports(self, files: Mapping[Unit, ResolvedFile]) -> None:
        """Take the names of the files that this one imports, settings excepted."""
        statements = self.tree.statements
        broken = any(isinstance(one, ast.Broken) and one.is_import for one in statements)
        self.complete = not broken and None not in self.unit.imports.values()
        taken: dict[Unit, Span] = {}
        for statement, unit in self.unit.imports.items():
            span = statement.path.span
            if unit and unit in taken:
                self.sink.report(ImportedTwice(span, unit.file.source.name, taken[unit]))
            elif unit:
                taken[unit] = span
                self._take(files[unit], span)

    def _take(self, other: ResolvedFile, span: Span) -> None:
        """Take the names of ``other``, which is imported at ``span``."""
        own = self.definitions
        other.importers.add(self)
        for name in other.broken.keys() - own.keys() - SETTINGS.keys():
            self.values.setdefault(name, Poison(other.broken[name]))
        for name, definition in other.definitions.items():
            if name in SETTINGS:
                continue
            if name in own:
                self.sink.report(DefinedTwice(own[name].name_span, name, definition.name_span))
            elif first := self.defined_at(name):
                self.sink.report(DefinedTwice(span, name, first))
            else:
                self.imported[name] = other
        if left := SETTINGS.keys() & other.definitions.keys() - own.keys() - other.mentioned:
            path, names = other.tree.source.name, tuple(sorted(left))
            self.sink.report(SettingsNotImported(span, path, names))

    def take_library(self, blocks: Iterable[str], shelf: ResolvedFile) -> None:
        """Take ``blocks`` of the library, which is ``shelf``."""
        shelf.importers.add(self)
        self.imported.update(dict.fromkeys(sorted(blocks), shelf))

    def _file_of_names(self, definition: ast.Definition) -> ResolvedFile:
        """The file whose names a definition here uses; an override uses those of the main file."""
        return self.main if definition.span.source.is_override else self

    def uses_of(self, definition: ast.Definition) -> list[tuple[ast.Definition, ast.Name]]:
        """The definitions that ``definition`` uses, each with the name that leads to it."""
        found = self._file_of_names(definition)._leading_to(definition.free_names)
        for override in self.overrides.get(definition.defines, ()):
            found += self.main._leading_to(ast.names_in(override.value))
        return found

    def _leading_to(self, names: Iterable[ast.Name]) -> list[tuple[ast.Definition, ast.Name]]:
        """The definitions that ``names`` lead to where they stand in this file."""
        found = []
        for one in names:
            definitions = self.imported.get(one.name, self).definitions
            if one.name in definitions:
                found.append((definitions[one.name], one))
        return found

    def evaluate(self, definition: ast.Definition) -> None:
        """Give a definition its value, unless it is poison already."""
        name = definition.defines
        if name in self.values:
            return
        value = self._file_of_names(definition)._value(definition)
        for override in self.overrides.get(name, ()):
            value = with_argument(value, override, self.main.names, self.evaluator)
        self.give(name, value)

    def give(self, name: str, value: Value) -> None:
        """Give ``name``, which is defined here, its value, here and where it is imported."""
        self.values[name] = value
        for file in self.importers:
            if file.imported.get(name) is self:
                file.values[name] = value

    def _value(self, definition: ast.Definition) -> Value:
        taps = self._taps(definition)
        if definition.parameters is not None:
            return self._block(definition, taps)
        names = self.names
        if len(definition.taps) > len(taps):  # one may have been meant for another name
            names = names.replace(complete=False)
        setting = SETTINGS.get(definition.name.name) if definition.name else None
        value = self.evaluator.define(definition.value, names, taps, setting)
        if definition.name is None:  # a bare chain: whatever it is, it has to be a network
            return self.evaluator.network(definition.value, value)
        if not definition.shared or isinstance(value, Poison):
            return value
        if is_network(value):
            return Shared(value, value.span)
        problem = f"`shared` defines a network, and this is {describe(value)}"
        help = f"write `{definition.defines} = ...`, without `shared`"
        if definition.span.source is not self.tree.source:
            help = f"`{definition.defines}` is shared in the file: set it to a network"
        self.sink.report(WrongKind(definition.value.span, problem, "has no weights", help))
        return Poison(definition.span)

    def _block(self, definition: ast.Definition, taps: Mapping[str, Span]) -> Value:
        """The block, or poison if a parameter is refused, as then no call of it can be right."""
        parameters: dict[str, Value | None] = {}
        first: dict[str, Span] = {}
        sound = True
        for parameter in definition.parameters or ():
            name = parameter.name
            wrong: Diagnostic | None = reserved(name.name, name.span)
            if name.name in first:
                wrong = DefinedTwice(name.span, name.name, first[name.name])
            first.setdefault(name.name, name.span)
            if wrong:
                self.sink.report(wrong)
                sound = False
            default = parameter.default
            value = self.evaluator.evaluate(default, self.names) if default else None
            parameters[name.name] = value
        defines, span = definition.defines, definition.name_span
        if late := _late(definition):
            self.sink.report(late)
            sound = False
        block = Block(defines, parameters, definition.value, self.names, taps, span)
        self.bodies.append(self.evaluator.try_body(block))
        return block if sound else Poison(span)

    def _taps(self, definition: ast.Definition) -> Mapping[str, Span]:
        """The spans of its taps by name. A tap whose name is defined already is reported."""
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
        file = self.imported.get(name, self)
        return file.definitions[name].name_span if name in file.definitions else None


def _late(definition: ast.Definition) -> RequiredAfterDefault | None:
    """The report of the first parameter of a block that has no default behind one that has."""
    parameters = definition.parameters or ()
    behind = [*dropwhile(lambda one: one.default is None, parameters)]
    late = next((one for one in behind if one.default is None), None)
    if late is None:
        return None
    in_order = sorted(parameters, key=lambda one: one.default is not None)
    head = f"{definition.defines}({', '.join(one.span.text for one in in_order)})"
    return RequiredAfterDefault(late.span, definition.defines, behind[0].span, head)
