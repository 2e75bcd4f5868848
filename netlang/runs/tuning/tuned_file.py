"""The best values are written into the file, where the file has its own; all else stays."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.catalogue import registry
from netlang.language.diagnostics import Sink
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import ast, parse

_Change = tuple[Span, str]


def with_values(source: SourceFile, values: Mapping[str, str]) -> str | None:
    """The text of ``source`` with each value at its path: in its definition, or, of a setting that
    has none, in a new one. None where a value has no place of its own there, as in another file.
    """
    file = parse(source, Sink())
    definitions = {one.defines: one for one in file.statements if isinstance(one, ast.Definition)}
    changes: list[_Change] = []
    for path, text in values.items():
        name, _, argument = path.partition(".")
        definition = definitions.get(name)
        if definition is None:
            if argument or not definitions:
                return None
            last = [*definitions.values()][-1].span
            changes.append((Span(source, last.end, last.end), f"\n{name} = {text}"))
        elif not argument:
            changes.append((definition.value.span, text))
        else:
            call = _call(definition.value, definitions)
            if call is None:
                return None
            changes += _changed(call, argument, text)
    return _applied(source, changes)


def _call(
    value: ast.Expression, definitions: Mapping[str, ast.Definition]
) -> ast.Call | ast.Name | None:
    """The call that a value is, perhaps by names; an item alone is a call without brackets."""
    for _ in range(len(definitions) + 1):
        while isinstance(value, ast.Parenthesized):
            value = value.inner
        if isinstance(value, ast.Call):
            return value if value.callee.name in registry.ITEMS else None
        if not isinstance(value, ast.Name):
            return None
        if value.name in registry.ITEMS:
            return value
        if value.name not in definitions:
            return None
        value = definitions[value.name].value
    return None


def _changed(call: ast.Call | ast.Name, argument: str, text: str) -> list[_Change]:
    """What gives the ``call`` that argument."""
    if isinstance(call, ast.Name):
        return [(Span(call.span.source, call.span.end, call.span.end), f"({argument}={text})")]
    declared = [one.name for one in registry.ITEMS[call.callee.name].arguments]
    for place, one in enumerate(call.arguments):
        name = one.name.name if one.name else declared[place] if place < len(declared) else ""
        if name == argument:
            return [(one.value.span, text)]
    end = call.span.end - 1
    if not call.arguments:
        return [(Span(call.span.source, end, end), f"{argument}={text}")]
    behind = call.arguments[-1].span.end
    return [(Span(call.span.source, behind, behind), f", {argument}={text}")]


def _applied(source: SourceFile, changes: list[_Change]) -> str:
    parts, at = [], 0
    for span, text in _merged(changes):
        parts += [source.text[at : span.start], text]
        at = span.end
    return "".join([*parts, source.text[at:]])


def _merged(changes: list[_Change]) -> list[_Change]:
    """The changes in the order of the text. Several arguments may go behind one item's name."""
    found: list[_Change] = []
    for span, text in sorted(changes, key=lambda change: change[0].start):
        if found and found[-1][0] == span and text.startswith("("):
            found[-1] = span, f"{found[-1][1][:-1]}, {text[1:]}"
        elif found and found[-1][0] == span and not span.text and not text.startswith(("\n", ",")):
            found[-1] = span, f"{found[-1][1]}, {text}"
        else:
            found.append((span, text))
    return found
