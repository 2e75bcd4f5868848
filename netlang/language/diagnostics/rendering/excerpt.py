"""A source's lines with the labels on them, laid out in rows.

What stands around the rows, and their colours, are the renderer's (text.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, takewhile

from netlang.language.source import SourceFile, Span
from netlang.system.terminal import visible, width

_BLANK = " \t\r\n"
_CUT = "..."
_WIDEST = 160  # cells of a source line that are shown
_CONTEXT = 40  # of these, the cells before the label, where a line is cut
_SPACING = 2  # cells between a text and what is right of it
_TALLEST = 4  # lines of a label that are all shown


class Style(StrEnum):
    """The kinds of text in a message. Each may have a colour."""

    ERROR = "error"
    WARNING = "warning"
    TITLE = "title"
    GUTTER = "gutter"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    NOTE = "note"
    HELP = "help"


_STROKES = {Style.PRIMARY: "^", Style.SECONDARY: "-"}


@dataclass(frozen=True, slots=True)
class Fragment:
    """Text that starts at the cell ``column`` of its row; source text has no style."""

    column: int
    text: str
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an excerpt: what stands in the gutter, and right of it."""

    gutter: str
    fragments: tuple[Fragment, ...]


GAP = Row(_CUT, ())


@dataclass(frozen=True, slots=True)
class Mark:
    """The part of a label on one line: the characters ``start`` to ``end``, from 0."""

    line: int
    start: int
    end: int
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class _Bar:
    """A mark as drawn: the cells ``start`` to ``end``, at least one."""

    start: int
    end: int
    text: str
    style: Style


def marks(span: Span, text: str, style: Style) -> tuple[Mark, ...]:
    """The marks of a label: one within a line, or one on its first line and one on its last."""
    source = span.source
    start, end = _underlined(span)
    first, last = source.position(start), source.position(end)
    # A point within a line's "\r\n" is shown at the end of the line.
    line = source.line(first.line)
    left = min(first.column - 1, len(line))
    if first.line == last.line:
        right = min(last.column - 1, len(line))
        return (Mark(first.line, left, right, text, style),)
    ends = source.line(last.line)
    indent = len(ends) - len(ends.lstrip(_BLANK))
    return (
        Mark(first.line, left, len(line), "", style),
        Mark(last.line, indent, last.column - 1, text, style),
    )


def _underlined(span: Span) -> tuple[int, int]:
    """The offsets of ``span`` to show, without blanks at the end of a line or of the file."""
    text = span.source.text
    start = min(span.start, len(text))
    if start == len(text):  # the end of the file is shown where its last text ends
        body = len(text.rstrip(_BLANK))
        return body, body
    end = max(start, min(span.end, len(text)))
    covered = text[start:end]
    if "\n" in covered:
        end = start + len(covered.rstrip(_BLANK))
    return start, end


def excerpt(source: SourceFile, labels: Sequence[tuple[Mark, ...]]) -> list[Row]:
    """The lines of ``source`` that the labels are on, each with its labels below it."""
    shown = {number for label in labels for number in _lines(label)}
    numbers = sorted(shown | {number + 1 for number in shown if number + 2 in shown})
    rows: list[Row] = []
    for previous, number in zip([numbers[0], *numbers], numbers, strict=False):
        if number > previous + 1:
            rows.append(GAP)
        here = [mark for label in labels for mark in label if mark.line == number]
        rows += _line(number, source.line(number), here)
    return rows


def _lines(label: tuple[Mark, ...]) -> Iterable[int]:
    first, last = label[0].line, label[-1].line
    return range(first, last + 1) if last - first < _TALLEST else (first, last)


def _line(number: int, line: str, marks: list[Mark]) -> list[Row]:
    focus = min(marks, key=lambda mark: mark.style is not Style.PRIMARY, default=None)
    view = _View(line, focus.start if focus else 0)
    rows = [Row(str(number), (Fragment(0, view.text),) if view.text else ())]
    # Two labels that say the same of the same span are one.
    bars = list(dict.fromkeys(map(view.bar, marks)))
    return rows + [Row("", fragments) for fragments in _drawn(bars)]


class _View:
    """A line as shown, or the part of it around ``focus``, and the cells of its characters."""

    def __init__(self, line: str, focus: int) -> None:
        first, last = _window(line, focus)
        head, tail = _CUT if first else "", _CUT if last < len(line) else ""
        shown = [visible(character) for character in line[first:last]]
        self.text = "".join([head, *shown, tail]).rstrip()
        self._first = first
        self._columns = list(accumulate(map(width, shown), initial=len(head)))
        self._end = self._columns[-1] + len(tail)

    def bar(self, mark: Mark) -> _Bar:
        start, end = self._column(mark.start), self._column(mark.end)
        if start == end and mark.start < mark.end:  # a combining mark, or cut off
            start = max(0, start - 1)
        return _Bar(start, max(end, start + 1), visible(mark.text).strip(), mark.style)

    def _column(self, character: int) -> int:
        """The cell of a character; one that is cut off is where the line is cut."""
        index = character - self._first
        if index < 0:
            return 0
        return self._columns[index] if index < len(self._columns) else self._end


def _window(line: str, focus: int) -> tuple[int, int]:
    """The characters to show: all, or where they are too many, those around ``focus``."""
    first = focus - _fitting(reversed(line[:focus]), _CONTEXT)
    last = first + _fitting(line[first:], _WIDEST)
    if last == len(line):
        first = last - _fitting(reversed(line), _WIDEST)
    return first, last


def _fitting(characters: Iterable[str], cells: int) -> int:
    """How many of ``characters`` fit into ``cells``."""
    # Combining marks count here, so that no number of them makes an endless line.
    used = accumulate(max(1, width(visible(character))) for character in characters)
    return sum(1 for _ in takewhile(lambda so_far: so_far <= cells, used))


def _drawn(bars: list[_Bar]) -> list[tuple[Fragment, ...]]:
    """The rows below a source line: the underlines, then the texts that hang from them."""
    if not bars:
        return []
    beside = _with_room_beside(bars)
    texts = [Fragment(bar.end + 1, bar.text, bar.style) for bar in beside]
    underlined = sorted([*_underlines(bars), *texts], key=lambda fragment: fragment.column)
    return [tuple(underlined), *_hanging([bar for bar in bars if bar.text and bar not in beside])]


def _with_room_beside(bars: list[_Bar]) -> list[_Bar]:
    """The bars whose text fits right after them; the rightmost bar has the first choice."""
    served: list[_Bar] = []
    taken = [(bar.start, bar.end) for bar in bars]
    for bar in sorted(bars, key=lambda bar: (bar.end, bar.start), reverse=True):
        right = bar.end + 1 + width(bar.text) + _SPACING
        if bar.text and not any(start < right and bar.end < end for start, end in taken):
            served.append(bar)
            taken.append((bar.end, right))
    return served


def _underlines(bars: list[_Bar]) -> list[Fragment]:
    strokes = [" "] * max(bar.end for bar in bars)
    for bar in sorted(bars, key=lambda bar: bar.style is Style.PRIMARY):  # that one on top
        strokes[bar.start : bar.end] = _STROKES[bar.style] * (bar.end - bar.start)
    runs = re.finditer(r"\^+|-+", "".join(strokes))
    styles = {stroke: style for style, stroke in _STROKES.items()}
    return [Fragment(run.start(), run[0], styles[run[0][0]]) for run in runs]


def _hanging(bars: list[_Bar]) -> list[tuple[Fragment, ...]]:
    """A row of connectors, then a row for each text, the rightmost first."""
    waiting = sorted(bars, key=lambda bar: (bar.start, bar.style is Style.PRIMARY))
    rows = [_connectors(waiting)] if waiting else []
    while waiting:
        bar = waiting.pop()
        left = _connectors([other for other in waiting if other.start < bar.start])
        rows.append((*left, Fragment(bar.start, bar.text, bar.style)))
    return rows


def _connectors(bars: list[_Bar]) -> tuple[Fragment, ...]:
    return tuple({bar.start: Fragment(bar.start, "|", bar.style) for bar in bars}.values())
