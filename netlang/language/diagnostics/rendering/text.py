"""Diagnostics as text for people: the headline, the source with its labels, notes and help.

Colour is the caller's: each piece goes through ``paint`` with its style. How
labels are laid out around a source line is excerpt.py's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from netlang.language.diagnostics.diagnostic import Diagnostic
from netlang.language.diagnostics.rendering.excerpt import GAP, Mark, Row, Style, excerpt, marks
from netlang.language.source import SourceFile
from netlang.system.terminal import visible, width

_LONGEST = 600  # characters of a title, a note or a help

Paint = Callable[[str, Style], str]


def plain(text: str, style: Style) -> str:
    """The paint that leaves text as it is."""
    return text


def render_all(diagnostics: Iterable[Diagnostic], paint: Paint = plain) -> str:
    """All of ``diagnostics``, with a blank line between two."""
    return "\n\n".join(render(diagnostic, paint) for diagnostic in diagnostics)


def render(diagnostic: Diagnostic, paint: Paint = plain) -> str:
    """One diagnostic, without a line break at its end."""
    sections = _sections(diagnostic)
    numbers = [row.gutter for _, rows in sections for row in rows if row is not GAP]
    page = _Page(paint, margin=max(map(len, numbers), default=1))
    lines = [page.headline(diagnostic)]
    for index, (location, rows) in enumerate(sections):
        lines += [page.bar()] if index else []
        lines += page.section(":::" if index else "-->", location, rows)
    remarks = [(Style.NOTE, note) for note in diagnostic.notes]
    remarks += [(Style.HELP, text) for text in diagnostic.helps]
    if remarks:
        lines.append(page.bar())
    for style, text in remarks:
        lines += page.remark(style, text)
    return "\n".join(lines)


def _sections(diagnostic: Diagnostic) -> list[tuple[str, list[Row]]]:
    """Where each file is marked, and its lines, the diagnostic's own file first."""
    files: dict[SourceFile, list[tuple[Mark, ...]]] = {}
    if diagnostic.span:
        primary = marks(diagnostic.span, diagnostic.label, Style.PRIMARY)
        files[diagnostic.span.source] = [primary]
    for label in diagnostic.labels:
        secondary = marks(label.span, label.text, Style.SECONDARY)
        files.setdefault(label.span.source, []).append(secondary)
    sections: list[tuple[str, list[Row]]] = []
    if diagnostic.file and not diagnostic.span:
        sections.append((visible(diagnostic.file), []))
    for source, labels in files.items():
        mark = labels[0][0]
        location = f"{visible(source.name)}:{mark.line}:{mark.start + 1}"
        sections.append((location, excerpt(source, labels)))
    return sections


@dataclass(frozen=True)
class _Page:
    """The kinds of lines in a message, drawn with ``paint`` beside a gutter ``margin`` wide."""

    paint: Paint
    margin: int

    def headline(self, diagnostic: Diagnostic) -> str:
        severity = diagnostic.severity
        code = f"[{visible(diagnostic.code)}]" if diagnostic.code else ""
        title = f": {_clipped(diagnostic.title)}".rstrip()
        return self.paint(severity + code, Style(severity)) + self.paint(title, Style.TITLE)

    def section(self, arrow: str, location: str, rows: list[Row]) -> Iterator[str]:
        yield " " * self.margin + self.paint(arrow, Style.GUTTER) + f" {location}".rstrip()
        if rows:
            yield self.bar()
        yield from map(self.row, rows)

    def bar(self) -> str:
        return self.row(Row("", ()))

    def row(self, row: Row) -> str:
        if row is GAP:
            return self.paint(row.gutter, Style.GUTTER)
        line = self.paint(f"{row.gutter:>{self.margin}} |", Style.GUTTER)
        end = -1  # a space stands between the gutter and column 0
        for fragment in row.fragments:
            text = self.paint(fragment.text, fragment.style) if fragment.style else fragment.text
            line += " " * (fragment.column - end) + text
            end = fragment.column + width(fragment.text)
        return line

    def remark(self, style: Style, text: str) -> Iterator[str]:
        """A note or a help; its further lines stand under the text of its first."""
        first, *rest = [_clipped(line).rstrip() for line in text.split("\n")]
        sign, word = self.paint("=", Style.GUTTER), self.paint(style.value, style)
        yield f"{'':{self.margin}} {sign} {word}: {first}".rstrip()
        indent = self.margin + len(f" = {style.value}: ")
        yield from (f"{'':{indent}}{line}".rstrip() for line in rest)


def _clipped(text: str) -> str:
    """``text`` made visible; of a very long one, such as a name of a megabyte, both its ends."""
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:200]} ... {shown[-80:]}"
