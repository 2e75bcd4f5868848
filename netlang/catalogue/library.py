"""The library: the blocks of ``std.net``, which a file uses without an import.

Their names are known from the start. The text is parsed only when a block is used or shown, as
most files use none.
"""

from __future__ import annotations

import re
from functools import cache

from netlang.language.diagnostics import Sink
from netlang.language.source import SourceFile
from netlang.language.syntax import parse
from netlang.language.syntax.ast import Definition, File, Parameter
from netlang.system import shipped
from netlang.system.record import Record

SOURCE = SourceFile("netlang/std.net", shipped.inside("std.net").read_text(encoding="utf-8"))

_HEADS = re.compile(r"(?P<comment>(?:^#.*\n)+)^block (?P<name>\w+)", re.MULTILINE)
_COMMENTS = {head["name"]: head["comment"] for head in _HEADS.finditer(SOURCE.text)}

NAMES = frozenset(_COMMENTS)


class LibraryBlock(Record):
    """A block as the library defines it."""

    name: str
    definition: Definition

    @property
    def about(self) -> str:
        """The comment above it, whose first sentence says what it is."""
        lines = _COMMENTS[self.name].splitlines()
        return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.definition.parameters or ()

    @property
    def signature(self) -> str:
        """How it is used: ``MLP(inputs, hidden, outputs, depth=2, act=ReLU)``."""
        return f"{self.name}({', '.join(one.span.text for one in self.parameters)})"

    @property
    def text(self) -> str:
        return self.definition.span.text


@cache
def file() -> File:
    """The library's text, parsed."""
    return parse(SOURCE, Sink())


@cache
def blocks() -> dict[str, LibraryBlock]:
    """The block of each of ``NAMES``, in the order of the text."""
    found = (one for one in file().statements if isinstance(one, Definition))
    return {one.defines: LibraryBlock(one.defines, one) for one in found}


def is_library(source: SourceFile) -> bool:
    """Whether ``source`` is the library itself, wherever its file lies."""
    return source.text == SOURCE.text
