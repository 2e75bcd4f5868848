"""What a command changes in a file, or would change."""

from __future__ import annotations

import bisect
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise

import click

from netlang.language.source import SourceFile
from netlang.tools.cli.messages import has_colour, shown

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_COMPARED = 250_000  # pairs of lines that are looked at to match two stretches


def show_difference(source: SourceFile, text: str, done: str, context: int = 3) -> None:
    """Print the lines that differ from ``source`` in ``text``, which was ``done`` to it."""
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
    """Lines as ``diff -u`` counts them: an empty range is named by the line before it."""
    length = stop - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


class _Matcher(SequenceMatcher[str]):
    """difflib's matcher, kept from taking time in proportion to the product of two texts' lengths.

    A long stretch is cut at the lines that stand once in both texts, as in a patience diff; one
    that has no such line is taken to have changed as a whole, but for its equal ends.
    """

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after)
        self.before, self.after = before, after

    def get_matching_blocks(self) -> list[Match]:
        found: list[tuple[int, int, int]] = []
        left = [(0, len(self.before), 0, len(self.after))]
        while left:
            i, i_end, j, j_end = left.pop()
            a, b = self.before[i:i_end], self.after[j:j_end]
            head = _alike(a, b)
            tail = _alike(a[head:][::-1], b[head:][::-1])
            found += [(i, j, head), (i_end - tail, j_end - tail, tail)]
            i, i_end, j, j_end = i + head, i_end - tail, j + head, j_end - tail
            a, b = self.before[i:i_end], self.after[j:j_end]
            if len(a) * len(b) <= _COMPARED:
                blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
                found += [(i + block.a, j + block.b, block.size) for block in blocks]
            elif anchors := _anchors(a, b):  # each begins a stretch of its own
                ends = [(0, 0), *anchors, (len(a), len(b))]
                left += [
                    (i + k, i + k_end, j + m, j + m_end)
                    for (k, m), (k_end, m_end) in pairwise(ends)
                ]
        return _joined(sorted(found), len(self.before), len(self.after))


def _alike(a: Sequence[str], b: Sequence[str]) -> int:
    """How many lines at the start are the same in both."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(a), len(b)))


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of line numbers: of the lines that both texts have once, the most in one order."""
    often_a, often_b = Counter(a), Counter(b)
    once = {line: at for at, line in enumerate(b) if often_b[line] == 1}
    pairs = [(i, once[line]) for i, line in enumerate(a) if often_a[line] == 1 and line in once]
    # The longest rising row of lines of b: for each length, the pair that ends one the lowest.
    lowest: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect.bisect_left(lowest, j)
        before.append(ends[length - 1] if length else None)
        lowest[length : length + 1], ends[length : length + 1] = [j], [index]
    row: list[tuple[int, int]] = []
    at = ends[-1] if ends else None
    while at is not None:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]


def _joined(blocks: list[tuple[int, int, int]], a_size: int, b_size: int) -> list[Match]:
    """The blocks with those in one that touch, and the empty one that difflib ends with."""
    joined: list[Match] = []
    for i, j, size in blocks:
        last = joined[-1] if joined else Match(0, 0, 0)
        if joined and (last.a + last.size, last.b + last.size) == (i, j):
            joined[-1] = Match(last.a, last.b, last.size + size)
        elif size:
            joined.append(Match(i, j, size))
    return [*joined, Match(a_size, b_size, 0)]
