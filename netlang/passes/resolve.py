"""Resolve: every name gets its meaning, whatever order definitions stand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang import catalogue
from netlang.diagnostics import Sink
from netlang.diagnostics.names import Cycle, DefinedTwice, ReservedName, UnknownName, WrongKind
from netlang.diagnostics.suggest import nearest
from netlang.passes.evaluate import Evaluator
from netlang.passes.meaning import Constant, Given, Meaning, Poison, Use, describe
from netlang.passes.order import evaluation_order, names_in
from netlang.record import Record
from netlang.settings import SETTINGS
from netlang.source import SourceFile, Span
from netlang.syntax.ast import Broken, Definition, Expectation, File, Name, Override


class Resolved(Record):
    """The meanings of all definitions, and the spans of their names.

    ``mentioned`` are the names that some expression uses; ``meanings`` holds poison for what
    could not be read.
    """

    source: SourceFile
    meanings: dict[str, Meaning]
    name_spans: dict[str, Span]
    mentioned: frozenset[str]
    expectations: tuple[tuple[Expectation, Meaning], ...]


def resolve(file: File, overrides: Sequence[Override], sink: Sink) -> Resolved:
    definitions = _definitions(file, sink)
    broken = _unreadable(file, definitions)
    names = frozenset((*definitions, *broken, *SETTINGS))
    # What an override puts out of use was used in the file, and is no mistake.
    mentioned = _mentioned(file) | {
        used.name for override in overrides for used in names_in(override.value)
    }
    arguments: dict[str, list[Override]] = {}
    for override in overrides:
        if _replace(override, definitions, names, sink):
            arguments.setdefault(override.path[0].name, []).append(override)
    meanings: dict[str, Meaning] = {name: Poison(span) for name, span in broken.items()}
    evaluator = Evaluator(meanings, names, sink)
    order, cycles = evaluation_order(definitions)
    for cycle in cycles:
        _report_cycle(cycle, meanings, sink)
    for name in order:
        if name not in meanings:
            meanings[name] = _evaluated(evaluator, definitions[name])
        for override in arguments.pop(name, ()):
            meanings[name] = _with_argument(meanings[name], override, evaluator, sink)
    for left in arguments.values():
        _no_arguments(left[0], "this file does not define it", sink)
    expectations = tuple(
        (statement, evaluator.evaluate(statement.bound))
        for statement in file.statements
        if isinstance(statement, Expectation)
    )
    spans = {name: d.name.span if d.name else d.span for name, d in definitions.items()}
    return Resolved(file.source, meanings, spans, mentioned, expectations)


def _definitions(file: File, sink: Sink) -> dict[str, Definition]:
    definitions: dict[str, Definition] = {}
    broken_off: set[str] = set()  # networks of which the rest stands in a line of its own
    for statement in file.statements:
        if not isinstance(statement, Definition):
            continue
        name = statement.defines
        place = statement.name.span if statement.name else statement.span
        if item := catalogue.ITEMS.get(name):
            sink.report(ReservedName(place, name, item.kind))
        elif name in definitions:
            first = definitions[name]
            before = first.name.span if first.name else first.span
            bare = statement.name is None
            sink.report(DefinedTwice(place, name, before, bare), cause=first if bare else None)
            broken_off |= {name} if bare else set()
        else:
            definitions[name] = statement
    for name in broken_off:
        del definitions[name]
    return definitions


def _unreadable(file: File, definitions: Mapping[str, Definition]) -> dict[str, Span]:
    """The names that are defined by a statement with a mistake, and by no sound one."""
    return {
        statement.defines: statement.span
        for statement in file.statements
        if isinstance(statement, Broken | Definition)
        and statement.defines
        and statement.defines not in definitions
    }


def _mentioned(file: File) -> frozenset[str]:
    """The names that the file's expressions use."""
    expressions = [
        statement.value if isinstance(statement, Definition) else statement.bound
        for statement in file.statements
        if not isinstance(statement, Broken)
    ]
    return frozenset(used.name for expression in expressions for used in names_in(expression))


def _evaluated(evaluator: Evaluator, definition: Definition) -> Meaning:
    meaning = evaluator.evaluate(definition.value)
    if definition.name is None:  # a bare chain: whatever it is, it has to be a network
        return evaluator.link(definition.value, meaning).meaning
    return meaning


def _report_cycle(cycle: list[tuple[str, Name]], meanings: dict[str, Meaning], sink: Sink) -> None:
    names = tuple(name for name, _ in cycle)
    spans = [used.span for _, used in cycle]
    sink.report(Cycle(spans[0], names, tuple(spans[1:])))
    for name, used in cycle:
        meanings.setdefault(name, Poison(used.span))


def _replace(
    override: Override, definitions: dict[str, Definition], names: frozenset[str], sink: Sink
) -> bool:
    """Put the override in a definition's place; True if it is one of an argument instead."""
    first = override.path[0]
    if first.name not in names:
        meant = nearest(first.name, names)
        what = "constant or setting"
        sink.report(UnknownName(first.span, first.name, what, meant))
    elif len(override.path) == 1:
        definitions[first.name] = Definition(first, override.value, override.span)
    else:
        return True
    return False


def _with_argument(
    meaning: Meaning, override: Override, evaluator: Evaluator, sink: Sink
) -> Meaning:
    """``meaning``, a use of some item, with one of its arguments overridden."""
    if isinstance(meaning, Poison):
        return meaning
    if not isinstance(meaning, Use) or len(override.path) != 2:
        _no_arguments(override, f"it is {describe(meaning)}", sink)
        return Poison(override.span)
    value = evaluator.evaluate(override.value)
    if isinstance(value, Constant):
        name = override.path[1]
        given = Given(name.name, name.span, value, name.span)
        overrides = {**meaning.overrides, name.name: given}
        return Use(meaning.item, meaning.arguments, meaning.span, overrides)
    if not isinstance(value, Poison):
        problem = f"an argument is a value, and this is {describe(value)}"
        help = "give a number or a string"
        sink.report(WrongKind(override.value.span, problem, "no value", help))
    return Poison(override.span)


def _no_arguments(override: Override, why: str, sink: Sink) -> None:
    name = override.path[0]
    problem = f"`{name.name}` has no arguments to set: {why}"
    help = f"write `{name.name}=...`, or the name of something with arguments"
    sink.report(WrongKind(name.span, problem, "no arguments", help))
