"""A cfg of Darknet: sections in their order, each with options, such as ``filters=32``."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.imports import ForeignSyntax, ForeignValue
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class Option(Record):
    text: str
    span: Span


class Section(Record):
    """``[name]`` and the options below it; ``span`` is that of the name."""

    name: str
    options: Mapping[str, Option]
    span: Span

    def has(self, name: str) -> bool:
        return name in self.options

    def text(self, name: str, default: str) -> str:
        return self.options[name].text if name in self.options else default

    def whole(self, name: str, default: int) -> int:
        found = self.wholes(name)
        return found[0] if found else default

    def wholes(self, name: str) -> list[int]:
        """``layers = -1, 61``: whole numbers between commas."""
        return [int(one) for one in self._numbers(name, "a whole number") if one == int(one)]

    def size(self, name: str, default: int) -> int:
        """A whole number that is at least 1."""
        found = self.whole(name, default)
        if found < 1:
            span = self.options[name].span if name in self.options else self.span
            raise NetError(ForeignValue(span, f"`{name}` is {found}", "a number of at least 1"))
        return found

    def number(self, name: str, default: float) -> float:
        found = self.numbers(name)
        return found[0] if found else default

    def numbers(self, name: str) -> list[float]:
        return self._numbers(name, "a number")

    def _numbers(self, name: str, expected: str) -> list[float]:
        option = self.options.get(name)
        if option is None:
            return []
        try:
            found = [float(one) for one in option.text.strip(", ").split(",")]
        except ValueError:
            found = []
        is_whole = "whole" not in expected or all(one == one // 1 for one in found)
        if not found or not is_whole or any(abs(one) > 1e15 for one in found):
            raise NetError(ForeignValue(option.span, f"`{name}` is not {expected}", expected))
        return found


def sections_of(source: SourceFile) -> list[Section]:
    """All sections of the text.  Raises NetError where it is no cfg."""
    found: list[Section] = []
    options: dict[str, Option] = {}  # those of the last section
    at = 0
    for line in source.text.splitlines(keepends=True):
        text = line.partition("#")[0].partition(";")[0].strip()
        start = at + line.find(text[:1]) if text else at
        span = Span(source, start, start + len(text))
        at += len(line)
        if not text:
            continue
        if text.startswith("[") and text.endswith("]"):
            options = {}
            found.append(Section(text[1:-1].strip().lower(), options, span))
            continue
        name, equals, value = text.partition("=")
        if not equals or not found:
            raise NetError(ForeignSyntax(span, "a cfg", "`[section]`, or `option=value` below one"))
        options[name.strip()] = Option(value.strip(), span)
    return found
