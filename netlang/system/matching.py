"""Finds what two lists of texts have in common, in a time that grows with their length."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import Match, SequenceMatcher
from operator import itemgetter

_COMPARED = 250_000  # pairs of texts that difflib looks at to match two stretches


class Matcher(SequenceMatcher[str]):
    """difflib's matcher, whose own time grows with the product of both lengths, made faster.

    Equal ends are matched first, then texts that both lists have once, as in a patience diff. What
    is left between two of these is difflib's. Where it is too long, texts are matched one by one.
    """

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after)
        self.before, self.after = before, after
        self.anchors = _anchors(before, after)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        a, b = self.before, self.after
        ahi, bhi = len(a) if ahi is None else ahi, len(b) if bhi is None else bhi
        shorter = min(ahi - alo, bhi - blo)
        if head := next((n for n in range(shorter) if a[alo + n] != b[blo + n]), shorter):
            return Match(alo, blo, head)
        if tail := next((n for n in range(shorter) if a[ahi - n - 1] != b[bhi - n - 1]), shorter):
            return Match(ahi - tail, bhi - tail, tail)
        first, last = (bisect_left(self.anchors, (i, 0)) for i in (alo, ahi))
        if first < last:
            return Match(*self.anchors[(first + last) // 2], 1)
        if (ahi - alo) * (bhi - blo) > _COMPARED:
            same = next((n for n in range(1, shorter) if a[alo + n] == b[blo + n]), 0)
            return Match(alo + same, blo + same, 1 if same else 0)
        middle = SequenceMatcher(None, a[alo:ahi], b[blo:bhi], autojunk=False)
        i, j, size = middle.find_longest_match()
        return Match(alo + i, blo + j, size)


def _anchors(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """As many pairs of indices as can rise together, of texts that both lists have once."""
    often_before, often_after = Counter(before), Counter(after)
    once = {text: j for j, text in enumerate(after) if often_after[text] == often_before[text] == 1}
    ends: list[tuple[int, int]] = []  # of the rising rows of each length, the lowest last pair
    previous: dict[tuple[int, int], tuple[int, int] | None] = {}
    for i, text in enumerate(before):
        if (j := once.get(text)) is not None:
            shorter = bisect_left(ends, j, key=itemgetter(1))
            previous[i, j] = ends[shorter - 1] if shorter else None
            ends[shorter : shorter + 1] = [(i, j)]
    anchors: list[tuple[int, int]] = []
    pair = ends[-1] if ends else None
    while pair:
        anchors.append(pair)
        pair = previous[pair]
    return anchors[::-1]
