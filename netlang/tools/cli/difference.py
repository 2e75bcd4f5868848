"""Commands show what they change in a file, or would change."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import StringIO

import click

from netlang.language.source import SourceFile
from netlang.system.matching import Matcher
from netlang.tools.cli.printing import has_colour, visible_path

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show_difference(source: SourceFile, text: str, done: str, context: int = 3) -> None:
    """Print how ``text``, which is ``done`` ("formatted"), differs from ``source``."""
    name = visible_path(source.name)
    lines = _unified([*StringIO(source.text)], [*StringIO(text)], context)
    colour = has_colour(sys.stdout)
    for index, line in enumerate(lines):
        if index == 0:
            click.echo(f"--- {name}\n+++ {name} ({done})")
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
