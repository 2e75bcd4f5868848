"""A file's text, and spans that point into it: the parser makes them, and all messages use them."""

from __future__ import annotations

import bisect
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


@dataclass(frozen=True, slots=True)
class Position:
    """A point in a text; ``line`` and ``column`` count from 1, columns in characters."""

    line: int
    column: int


class SourceFile(Record):
    """A text, and the name by which messages call it.

    Paths in the text are relative to the folder of ``path``, which is None for standard input. The
    text may name files in that folder, and in those that the command line has ``allowed``.
    ``fingerprint`` is that of the file which the text was read from, if it comes from one.
    ``is_override`` says that the text is an override, which stands on the command line.
    ``together`` are the texts of all files that it may name, by their paths, where it is to be read
    without them: then no file is opened for it.
    ``first_line`` is the number of the text's first line, where the text is a part of the file.
    """

    name: str
    text: str
    path: Path | None = None
    allowed: tuple[Path, ...] = ()
    fingerprint: Fingerprint | None = None
    is_override: bool = False
    together: Mapping[str, str] | None = None
    first_line: int = 1

    def __repr__(self) -> str:  # the whole text would hide all else
        return f"SourceFile({self.name!r}, {len(self.text)} characters)"

    def with_text(self, text: str) -> SourceFile:
        """The same file as if it held ``text``."""
        return SourceFile(self.name, text, self.path, self.allowed, is_override=self.is_override)

    @cached_property
    def _line_starts(self) -> array[int]:
        starts = array("q", [0])  # a file may have millions of lines
        newline = self.text.find("\n")
        while newline >= 0:
            starts.append(newline + 1)
            newline = self.text.find("\n", newline + 1)
        return starts

    def position(self, offset: int) -> Position:
        """The line and column of the character at ``offset`` (which may be the text's end)."""
        line = bisect.bisect_right(self._line_starts, offset) - 1
        return Position(line + self.first_line, offset - self._line_starts[line] + 1)

    def offset(self, line: int) -> int:
        """Where line ``line`` begins, counting from 1."""
        return self._line_starts[line - self.first_line]

    def line(self, number: int) -> str:
        """Line ``number``, counting from 1, without its line break."""
        starts, index = self._line_starts, number - self.first_line
        end = starts[index + 1] if index + 1 < len(starts) else len(self.text)
        return self.text[starts[index] : end].rstrip("\r\n")

    @property
    def folder(self) -> Path:
        """The folder that paths written in this text are relative to."""
        return self.path.parent if self.path else Path()


@dataclass(frozen=True, slots=True)
class Span:
    """The characters ``start`` to ``end`` (exclusive) of a source."""

    source: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def first(self) -> Position:
        return self.source.position(self.start)

    @property
    def last(self) -> Position:
        """The position just after the span's last character."""
        return self.source.position(self.end)

    def holds(self, other: Span) -> bool:
        return self.source is other.source and self.start <= other.start and other.end <= self.end

    def rewritten(self, text: str) -> Span:
        """This span in a source that has ``text`` there, which is as long."""
        whole = self.source.text
        changed = self.source.with_text(whole[: self.start] + text + whole[self.end :])
        return Span(changed, self.start, self.end)

    def to(self, other: Span) -> Span:
        """The span from this one's start to ``other``'s end."""
        return Span(self.source, self.start, other.end)
