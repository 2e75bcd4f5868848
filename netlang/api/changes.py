"""What ``load`` sets in a file: values of Python become the language's own text.

They are then read as those of ``--set`` are, by the same grammar and with the same messages.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from typing import Any

from netlang.catalogue import registry
from netlang.catalogue.arguments import as_source
from netlang.catalogue.items import Item
from netlang.catalogue.settings import SETTINGS
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.messages.names import UnknownName
from netlang.language.diagnostics.wording import type_of
from netlang.language.source import SourceFile
from netlang.language.syntax import ByOption, parse
from netlang.language.syntax.ast import Definition, Literal

_NAME = re.compile(r"[A-Za-z]\w*(\[\d+\])?(\.\w+)*")


def changes_of(
    source: SourceFile, values: Mapping[str, object], by: str = "load"
) -> tuple[str, ...]:
    """The overrides that set ``values``, by name, in ``source``; messages say ``by`` which call.

    Raises TypeError for a value that no file can hold.
    """
    return tuple(_change(source, name, value, by) for name, value in values.items())


def _change(source: SourceFile, name: str, value: object, by: str) -> str:
    if not _NAME.fullmatch(name):
        names = "`hidden`, `optimizer.lr` or `optimizer[1].lr`"
        raise TypeError(f"`{name}` is no name of a constant or a setting, such as {names}")
    path = dotted(name)
    if isinstance(value, str) and _is_written(source, path, value):
        text = value
    else:
        text = _items(path, value) or as_source(_plain(name, value))
    return ByOption(f"{by}({name}=...)", f"{path}={text}")


def dotted(name: str) -> str:
    """The name in a file: Python has two underscores for a dot, as a keyword cannot hold one."""
    return name.replace("__", ".")


def as_keyword(found: Diagnostic) -> Diagnostic:
    """``found``, which says of an argument that is meant how Python names it."""
    if isinstance(found, UnknownName) and found.meant and "." in found.meant.text:
        keyword = found.meant.text.replace(".", "__")
        if found.span and found.span.source.is_override and "[" not in keyword:
            return found.replace(help=f"write `{keyword}=...`")
    return found


def _items(path: str, value: object) -> str:
    """The texts in a list, which stand for items or for parts of the network where the setting
    takes such; an empty text for all else.
    """
    setting = SETTINGS.get(path)
    if setting is None or not (setting.item or setting.names_parts):
        return ""
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        return ""
    return " -> ".join(value) if setting.in_turn else f"[{', '.join(value)}]"


def _is_written(source: SourceFile, path: str, value: str) -> bool:
    """Whether ``value`` is a piece of a file's text, such as ``Adam(lr=1e-3)``, and no string.

    A string it is where the file has a string, and for an argument that takes one.
    """
    if value.startswith('"') and value.endswith('"'):
        return True
    name, _, argument = path.rpartition(".")
    if name:
        named = registry.argument(argument, registry.ITEMS.values())
        return not (named and (named[1].type.takes_text or named[1].type.takes_texts))
    if setting := SETTINGS.get(argument):
        return not (setting.argument and setting.argument.type.takes_text)
    return not isinstance(_written(source, argument), str)


def _written(source: SourceFile, name: str) -> object:
    """The value of a definition that is written out as one; None for any other."""
    for statement in parse(source, Sink()).statements:
        if isinstance(statement, Definition) and statement.defines == name:
            return statement.value.value if isinstance(statement.value, Literal) else None
    return None


def _plain(name: str, value: Any) -> Any:
    """``value`` as a file can say it.  Raises TypeError."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist") and hasattr(value, "shape"):  # of NumPy or torch
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"`{name}` cannot be {value}: a file has finite numbers")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | range):
        return tuple(_plain(name, one) for one in value)
    if isinstance(value, Item) or (isinstance(value, type) and issubclass(value, Item)):
        kind = value if isinstance(value, type) else type(value)
        raise TypeError(f'`{name}` takes the text of a file, such as "{kind.name}", no object')
    takes = "a number, a text, True, False, None or a list of these"
    raise TypeError(f"`{name}` takes {takes}, not {type_of(value)}")


def as_python(value: Any) -> Any:
    """A plain value of a file as Python has it, with lists for lists."""
    return [*map(as_python, value)] if isinstance(value, tuple) else value
