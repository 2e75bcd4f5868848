"""The best values are written into the file, where the file has its own; all else stays."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.catalogue import registry
from netlang.catalogue.settings import SETTINGS
from netlang.language.diagnostics import Sink
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import ast, parse

_Change = tuple[Span, str]


def with_values(source: SourceFile, values: Mapping[str, str]) -> str | None:
    """The text of ``source`` with each value at its path: in its definition, or, of a setting that
    has none, in a new one. None where a value has no place of its own there, as in another file.
    """
    for path in sorted(values, key=lambda path: path.count(".")):  # a call before its arguments
        change = _change(source, path, values[path])
        if change is None:
            return None
        (span, text), before = change, source.text
        if _same_number(span.text, text):  # it stays as it is written
            continue
        source = source.with_text(before[: span.start] + text + before[span.end :])
    return source.text


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _change(source: SourceFile, path: str, text: str) -> _Change | None:
    """What gives the value at ``path`` this ``text``."""
    file = parse(source, Sink())
    definitions = {one.defines: one for one in file.statements if isinstance(one, ast.Definition)}
    name, _, argument = path.partition(".")
    definition = definitions.get(name)
    if definition is None:
        if argument or not definitions:
            return None
        last = [*definitions.values()][-1].span.end
        return Span(source, last, last), f"\n{name} = {text}"
    if not argument:
        return definition.value.span, text
    value = definition.value
    setting = SETTINGS.get(name)
    if setting and setting.by_part and isinstance(value, ast.ListOf) and value.items:
        value = value.items[0]  # as `--set` takes it
    call = _call(value, definitions)
    return _changed(call, argument, text) if call else None


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


def _changed(call: ast.Call | ast.Name, argument: str, text: str) -> _Change:
    """What gives the ``call`` that argument."""
    source, end = call.span.source, call.span.end
    if isinstance(call, ast.Name):
        return Span(source, end, end), f"({argument}={text})"
    declared = [one.name for one in registry.ITEMS[call.callee.name].arguments]
    for place, one in enumerate(call.arguments):
        name = one.name.name if one.name else declared[place] if place < len(declared) else ""
        if name == argument:
            return one.value.span, text
    if not call.arguments:
        return Span(source, end - 1, end - 1), f"{argument}={text}"
    behind = call.arguments[-1].span.end
    return Span(source, behind, behind), f", {argument}={text}"
