"""What comes several times in a row becomes a repeat."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from netlang.imports.chains import Chain, Part, layers_of
from netlang.imports.likeness import Likeness

_LONGEST = 10  # parts of what is repeated


def folded(chain: Chain, likeness: Likeness) -> Chain:
    """``chain`` with repeats, in its branches, too. What is repeated begins with weights."""
    parts = [
        part.replace(branches=tuple(folded(branch, likeness) for branch in part.branches))
        if part.branches
        else part
        for part in chain
    ]
    keys = [likeness.exact(part) for part in parts]
    found: list[Part] = []
    at = 0
    while at < len(parts):
        period, times = _repeat(keys, at) if parts[at].learns else (1, 1)
        better = (n for n in range(at, at + period) if rank(parts[n]) > rank(parts[at]))
        if times > 1 and any(_repeat(keys, n)[1] >= times for n in better):
            times = period = 1
        row = parts[at : at + period * times]
        at += len(row)
        if times == 1:
            found += row
        else:
            body = tuple(row[:period])
            found.append(Part("repeat", "", {"times": times}, (body,), layers=layers_of(row)))
    return tuple(found)


def rank(part: Part) -> int:
    """How well something may begin with it: a norm stands behind its layer, and a convolution of
    groups before the one that mixes them.
    """
    is_grouped = part.arguments.get("groups", 1) != 1 or part.name.startswith("depthwise")
    return 2 if is_grouped else 0 if part.family == "norm" else 1


def _repeat(keys: Sequence[Hashable], at: int) -> tuple[int, int]:
    """How many parts come again in a row from there on, and how often: the most of all ways."""
    best = 1, 1
    for period in range(1, min(_LONGEST, (len(keys) - at) // 2) + 1):
        times, first = 1, keys[at : at + period]
        while keys[at + times * period : at + (times + 1) * period] == first:
            times += 1
        if times > 1 and period * times > best[0] * best[1]:
            best = period, times
    return best
