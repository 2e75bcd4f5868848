"""Replacement: what the command line sets takes the place of a definition."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from netlang.catalogue import library, registry
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.catalogue.settings import SETTINGS, suggest_setting
from netlang.compiler.passes.resolve.resolved_file import ResolvedFile
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.names import UnknownName, WrongKind
from netlang.language.diagnostics.suggest import Guess, nearest
from netlang.language.diagnostics.wording import in_code, listed, with_article
from netlang.language.syntax.ast import Call, Definition, Name, Override

_NAMED = 20  # names of which one may be set that are listed


def replace(override: Override, main: ResolvedFile) -> None:
    """Let ``override`` replace a definition of ``main`` or of a file that it imports. One of an
    argument is kept until the definition has a value.
    """
    first = override.path[0]
    file = main.imported.get(first.name, main)
    defined = file.definitions.get(first.name)
    if wrong := not_settable(first, main):
        main.sink.report(wrong)
    elif override.number is not None and len(override.path) == 1:
        main.sink.report(_is_whole_part(override))
    elif len(override.path) > 1:
        file.overrides.setdefault(first.name, []).append(override)
    else:  # what is shared stays shared
        is_shared = defined is not None and defined.shared
        value, span = override.value, override.span
        file.definitions[first.name] = Definition(first, value, span, is_shared)


def not_settable(name: Name, main: ResolvedFile) -> Diagnostic | None:
    """The report of a ``name`` that nothing can be set by, which is the first one of a path."""
    defined = main.imported.get(name.name, main).definitions.get(name.name)
    if name.name not in main.defined or name.name in library.NAMES:
        return _undefined(name, main)
    return _is_block(name, defined) if defined and defined.parameters is not None else None


def _is_whole_part(override: Override) -> WrongKind:
    name = override.path[0]
    part = f"{name.name}[{override.number}]"
    problem = f"`{part}` is a part of `{name.name}`, of which only arguments can be set"
    help = f"write `{part}.ARGUMENT=...`, or all of it, `{name.name}=...`"
    return WrongKind(name.span, problem, "no argument", help)


def _is_block(name: Name, defined: Definition) -> WrongKind:
    help = "it has no parameters: change it in the file"
    if defined.parameters:
        call = f"{name.name}({', '.join(one.name.name for one in defined.parameters)})"
        help = f"set a constant that the file gives it where it is used, as in `{call}`"
    problem = f"`{name.name}` is a block, and cannot be set"
    return WrongKind(name.span, problem, "no value", help)


def _undefined(name: Name, main: ResolvedFile) -> Diagnostic:
    """The report of a name that is not defined: it may be that of a tap, or of an imported file."""
    text, files = name.name, [str(one.path.value) for one in main.unit.imports]
    if kind := registry.kind_of(text):
        what = f"`{text}` is the name of {with_article(kind)}"
        help = "set a name that the file defines, or an argument of one, such as `optimizer.lr`"
    elif owner := main.taps.get(text):
        what, help = f"`{text}` is a tap of `{owner}`", f"set `{owner}`, of which it is a part"
    elif file := next((file for file in files if Path(file).stem == text), None):
        what = f"`{file}` is an imported file"
        help = "set a name that it defines, without the file's name before it"
    else:
        return _unknown(name, main)
    return WrongKind(name.span, f"{what}, and cannot be set", "no definition", help)


def _unknown(name: Name, main: ResolvedFile) -> UnknownName:
    text, settable = name.name, [*_defined_values(main), *SETTINGS]
    meant = _argument_called(text, main) or nearest(text, settable)
    meant = meant or suggest_setting(text, SETTINGS)
    what, note = "constant or setting", f"there are {listed(in_code(settable), _NAMED)}"
    if meant:
        return UnknownName(name.span, Guess(meant), note, what=what)
    help = help_for_argument(text)
    help = help or "set one of those, or an argument of one, such as `optimizer.lr`"
    return UnknownName(name.span, None, note, help, what=what)


def _defined_values(main: ResolvedFile) -> Iterator[str]:
    """The names of the file's constants and networks, settings apart."""
    for name in (*main.definitions, *main.imported):
        definition = main.imported.get(name, main).definitions[name]
        if definition.parameters is None and name not in SETTINGS:
            yield name


def _argument_called(name: str, main: ResolvedFile) -> str | None:
    """The argument that netlang or others call ``name``, of an item that a setting has."""
    for setting in SETTINGS:
        value = main.definitions[setting].value if setting in main.definitions else None
        used = value.callee if isinstance(value, Call) else value
        item = registry.ITEMS.get(used.name) if isinstance(used, Name) else None
        if item and (found := registry.argument(name, [item])):
            return f"{setting}.{found[1].name}"
    found = registry.argument(name, registry.items("optimizer"))
    return f"optimizer.{found[1].name}" if found else None
