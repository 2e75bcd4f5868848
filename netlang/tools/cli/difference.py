"""Commands show what they change in a file, or would change."""

from __future__ import annotations

import bisect
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

import click

from netlang.language.source import SourceFile
from netlang.tools.cli.printing import has_colour, shown

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_COMPARED = 250_000  # pairs of lines that are looked at to match two stretches
_Row = tuple[tuple[int, int], "_Row | None"]  # its last pair of line numbers, and those before


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
    """difflib's matcher, kept from taking time in proportion to the product of two texts' lengths.

    The texts are cut at the lines that stand once in both, as in a patience diff. A long stretch
    between two of those is taken to have changed as a whole.
    """

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after)
        self.before, self.after = before, after

    def get_matching_blocks(self) -> list[Match]:
        ends = [*_anchors(self.before, self.after), (len(self.before), len(self.after))]
        blocks = []
        i = j = 0
        for i_end, j_end in ends:
            a, b = self.before[i:i_end], self.after[j:j_end]
            if 0 < len(a) * len(b) <= _COMPARED:
                found = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
                blocks += [(i + block.a, j + block.b, block.size) for block in found]
            blocks.append((i_end, j_end, 1))
            i, j = i_end + 1, j_end + 1
        return _joined(blocks[:-1], *ends[-1])


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of line numbers: of the lines that both texts have once, the most in one order."""
    often_before, often_after = Counter(before), Counter(after)
    once = {line: j for j, line in enumerate(after) if often_after[line] == often_before[line] == 1}
    pairs = [(i, once[line]) for i, line in enumerate(before) if line in once]
    # The longest rising row of their second numbers: for each length, the row that ends lowest.
    lowest: list[int] = []
    rows: list[_Row] = []
    for i, j in pairs:
        length = bisect.bisect_left(lowest, j)
        row = (i, j), rows[length - 1] if length else None
        lowest[length : length + 1], rows[length : length + 1] = [j], [row]
    found = []
    last = rows[-1] if rows else None
    while last:
        pair, last = last
        found.append(pair)
    return found[::-1]


def _joined(blocks: list[tuple[int, int, int]], a_size: int, b_size: int) -> list[Match]:
    """The blocks, in which those that touch are one, and the empty one that difflib ends with."""
    joined: list[Match] = []
    for i, j, size in blocks:
        last = joined[-1] if joined else Match(0, 0, 0)
        if joined and (last.a + last.size, last.b + last.size) == (i, j):
            joined[-1] = Match(last.a, last.b, last.size + size)
        elif size:
            joined.append(Match(i, j, size))
    return [*joined, Match(a_size, b_size, 0)]
