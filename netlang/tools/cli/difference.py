"""Commands show what they change in a file, or would change."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from difflib import Match, SequenceMatcher

import click

from netlang.language.source import SourceFile
from netlang.tools.cli.printing import has_colour, shown

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_COMPARED = 250_000  # pairs of lines that are looked at to match two stretches


def show_difference(source: SourceFile, text: str, done: str, context: int = 3) -> None:
    """Print how ``text``, which is ``done`` ("formatted"), differs from ``source``."""
    name = shown(source.name)
    lines = _unified(source.text.splitlines(), text.splitlines(), context)
    colour = has_colour(sys.stdout)
    for index, line in enumerate(lines):
        if index == 0:
            click.echo(f"--- {name}\n+++ {name} ({done})")
        if colour and (shade := _COLOURS.get(line[:1])):
            line = click.style(line, fg=shade)
        click.echo(line, color=colour)


def _unified(before: list[str], after: list[str], context: int) -> Iterator[str]:
    """The hunks of a unified diff."""
    for group in _Matcher(before, after).get_grouped_opcodes(context):
        (_, a, _, b, _), (_, _, a_end, _, b_end) = group[0], group[-1]
        yield f"@@ -{_range(a, a_end)} +{_range(b, b_end)} @@"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[i:i_end])
            else:
                yield from (f"-{line}" for line in before[i:i_end])
                yield from (f"+{line}" for line in after[j:j_end])


def _range(start: int, stop: int) -> str:
    """A range of lines as ``diff -u`` writes it: an empty one has the number of the line before."""
    length = stop - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


class _Matcher(SequenceMatcher[str]):
    """difflib's matcher, which alone takes time in proportion to the product of the texts' lengths.

    It is given first the lines that stand once in both texts, as in a patience diff. A long stretch
    between two of those is taken to have changed as a whole.
    """

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after)
        self.before, self.after = before, after
        self.anchors = _anchors(before, after)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        first = bisect_left(self.anchors, (alo, 0))
        last = len(self.anchors) if ahi is None else bisect_left(self.anchors, (ahi, 0))
        if first < last:
            return Match(*self.anchors[(first + last) // 2], 1)
        before, after = self.before[alo:ahi], self.after[blo:bhi]
        if len(before) * len(after) > _COMPARED:
            return Match(alo, blo, 0)
        i, j, size = SequenceMatcher(None, before, after, autojunk=False).find_longest_match()
        return Match(alo + i, blo + j, size)


def _anchors(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """Pairs of line numbers, both rising: of the lines that both texts have once."""
    often_before, often_after = Counter(before), Counter(after)
    once = {line: j for j, line in enumerate(after) if often_after[line] == often_before[line] == 1}
    anchors: list[tuple[int, int]] = []
    for i, line in enumerate(before):
        if (j := once.get(line)) is not None and (not anchors or j > anchors[-1][1]):
            anchors.append((i, j))
    return anchors
