"""Commands show what they change in a file, or would change."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import StringIO

import click

from netlang.compiler.ir import Change
from netlang.language.source import SourceFile
from netlang.system.matching import Matcher
from netlang.tools.cli.output.printing import has_colour, visible_path

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show_difference(source: SourceFile, text: str, done: str, context: int = 3) -> None:
    """Print how ``text``, which is ``done`` ("formatted"), differs from ``source``."""
    name = source.name
    show_texts_difference((name, source.text), (f"{name} ({done})", text), context)


def show_texts_difference(
    before: tuple[str, str], after: tuple[str, str], context: int = 3
) -> None:
    """Print how two texts differ, each of which comes after its name."""
    names = [visible_path(name) for name, _ in (before, after)]
    lines = _unified([*StringIO(before[1])], [*StringIO(after[1])], context)
    colour = has_colour(sys.stdout)
    for index, line in enumerate(lines):
        if index == 0:
            click.echo(f"--- {names[0]}\n+++ {names[1]}")
        if colour and (shade := _COLOURS.get(line[:1])):
            line = click.style(line, fg=shade)
        click.echo(line, color=colour)


def _unified(before: list[str], after: list[str], context: int) -> Iterator[str]:
    """The hunks of a unified diff of lines that keep their ends."""
    for group in Matcher(before, after).get_grouped_opcodes(context):
        (_, a, _, b, _), (_, _, a_end, _, b_end) = group[0], group[-1]
        yield f"@@ -{_range(a, a_end)} +{_range(b, b_end)} @@"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from _shown(" ", before[i:i_end])
            else:
                yield from _shown("-", before[i:i_end])
                yield from _shown("+", after[j:j_end])


def _shown(sign: str, lines: Iterable[str]) -> Iterator[str]:
    """Each line behind ``sign``. What is unusual at its end, and cannot be seen, is written out."""
    for line in lines:
        yield sign + line.removesuffix("\n").replace("\r", "\\r")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _range(start: int, stop: int) -> str:
    """A range of lines as ``diff -u`` writes it: an empty one has the number of the line before."""
    length = stop - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


def change_rows(changes: Iterable[Change]) -> list[tuple[str, str]]:
    """A row for each change in meaning: what changed, and from what to what."""
    return [_change_row(change) for change in changes]


def _change_row(change: Change) -> tuple[str, str]:
    texts = " -> ".join(text for text in (change.before, change.after) if text is not None)
    numbers = filter(None, (change.line_before, change.line_after))
    lines = " -> ".join(dict.fromkeys(map(str, numbers)))
    where = f"  (line {lines})" if lines else ""
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    return f"{sign} {change.what}", f"{texts}{where}"
