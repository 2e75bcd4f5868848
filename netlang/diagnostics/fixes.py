"""Fixes put to work: a source with the changes made that its messages are sure of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from netlang.diagnostics.diagnostic import Diagnostic, Fix
from netlang.source import SourceFile

_ROUNDS = 20  # mending one mistake can bring the next to light

Check = Callable[[SourceFile], Sequence[Diagnostic]]


def mended(source: SourceFile, check: Check) -> tuple[SourceFile, int]:
    """``source`` with fixes made, and how many were.

    Fixes of other files are left alone. A round of fixes is taken back if one of its messages
    stays, and so were not mended by it.
    """
    found, made = check(source), 0
    for _ in range(_ROUNDS):
        fixable = _apart(one for one in found if _own_fix(one, source))
        if not fixable:
            break
        text = _changed(source.text, [fix for one in fixable for fix in one.fixes])
        changed = SourceFile(source.name, text, source.path, source.allowed)
        left = check(changed)
        if not {_told(one) for one in fixable}.isdisjoint(map(_told, left)):
            break
        source, found, made = changed, left, made + len(fixable)
    return source, made


def _told(one: Diagnostic) -> tuple[str, str, str]:
    return one.code, one.title, one.label


def _own_fix(one: Diagnostic, source: SourceFile) -> bool:
    return bool(one.fixes) and all(fix.span.source is source for fix in one.fixes)


def _apart(fixable: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those that change different places: of two in one place, the first."""
    chosen: list[Diagnostic] = []
    taken: set[int] = set()
    for one in sorted(fixable, key=lambda one: one.fixes[0].span.start):
        places = {place for fix in one.fixes for place in _covered(fix)}
        if places.isdisjoint(taken):
            chosen.append(one)
            taken |= places
    return chosen


def _covered(fix: Fix) -> range:
    return range(fix.span.start, max(fix.span.end, fix.span.start + 1))


def _changed(text: str, fixes: Iterable[Fix]) -> str:
    parts, at = [], 0
    for fix in sorted(fixes, key=lambda fix: fix.span.start):
        parts += [text[at : fix.span.start], fix.replacement]
        at = fix.span.end
    return "".join([*parts, text[at:]])
