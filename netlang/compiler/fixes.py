"""Fixes are applied to a file: each is tried, and kept if it makes the file better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from netlang.compiler.passes import Compilation
from netlang.language.diagnostics import Diagnostic, Fix
from netlang.language.source import SourceFile
from netlang.system.record import Record

_ROUNDS = 20  # mending one mistake can bring the next to light
_COST = 200_000  # of all checks: characters and expressions of blocks, some seconds
_CHECKS = 20  # that a long text gets in any case


Check = Callable[[SourceFile], Compilation]


def mended(source: SourceFile, check: Check) -> tuple[SourceFile, int]:
    """``source`` with fixes applied, and how many were.

    A fix is kept if its message goes and no other comes. That of an error may bring warnings, which
    nobody could see before: a file that can be used is better than one that cannot. All are tried
    together first. If that fails, those whose lines get a new message are tried apart from
    the others, and then by halves. Fixes of other files are left alone.
    """
    trial = _Trial(check, max(_COST, _CHECKS * len(source.text)))
    state = _State(source, check(source).diagnostics)
    for _ in range(_ROUNDS):
        better, _kept = trial.together(state, state.fixable, state, [])
        if better is state:
            break
        state = better
    return state.source, state.made


class _State(Record):
    """A text, the diagnostics ``found`` in it, and how many mistakes were mended to get there."""

    source: SourceFile
    found: Sequence[Diagnostic]
    made: int = 0

    @property
    def fixable(self) -> list[Diagnostic]:
        """The mistakes whose fixes change different characters: of two that change the same, the
        first.
        """
        own = (
            one
            for one in self.found
            if one.fixes and all(fix.span.source is self.source for fix in one.fixes)
        )
        chosen: list[Diagnostic] = []
        taken: set[int] = set()
        for one in sorted(own, key=lambda one: one.fixes[0].span.start):
            spans = [fix.span for fix in one.fixes]
            offsets = {at for s in spans for at in range(s.start, max(s.end, s.start + 1))}
            if offsets.isdisjoint(taken):
                chosen.append(one)
                taken |= offsets
        return chosen


class _Trial:
    """Tries fixes as long as something is ``left`` of what its checks may cost."""

    def __init__(self, check: Check, left: int) -> None:
        self.check, self.left = check, left

    def together(
        self, state: _State, mistakes: Sequence[Diagnostic], best: _State, kept: list[Diagnostic]
    ) -> tuple[_State, list[Diagnostic]]:
        """Mend as many of ``mistakes`` as possible in ``best``, together or in parts.

        ``best`` is ``state`` with the mistakes ``kept`` mended so far. Returns the better state,
        and all mistakes that are mended in it.
        """
        if not mistakes or self.left <= 0:
            return best, kept
        tried = [*kept, *mistakes]
        changed = self._without(state, tried)
        if better := self._settled(state, changed, tried):
            return better, tried
        if len(mistakes) > 1:
            for part in _parts(mistakes, tried, state, changed):
                best, kept = self.together(state, part, best, kept)
        return best, kept

    def _without(self, state: _State, mistakes: Sequence[Diagnostic]) -> _State:
        """``state`` with the fixes of ``mistakes``."""
        text, parts, at = state.source.text, [], 0
        for fix in _fixes(mistakes):
            parts += [text[at : fix.span.start], fix.replacement]
            at = fix.span.end
        changed = state.source.with_text("".join([*parts, text[at:]]))
        checked = self.check(changed)
        self.left -= len(changed.text) + checked.expanded + 1
        return _State(changed, checked.diagnostics, state.made + len(mistakes))

    def _settled(self, before: _State, after: _State, tried: Sequence[Diagnostic]) -> _State | None:
        """``after``, mended in what only now comes to light, if that makes it better."""
        left = set(map(_name, before.found)) - set(map(_name, tried))
        for _ in range(_ROUNDS):
            if not _new(before, after, tried):
                return after
            more = [one for one in after.fixable if _name(one) not in left]
            if not more or self.left <= 0:
                break
            after = self._without(after, more)
        return None


def _fixes(mistakes: Sequence[Diagnostic]) -> list[Fix]:
    """The fixes of all ``mistakes``, in the order of the text."""
    return sorted((fix for one in mistakes for fix in one.fixes), key=lambda fix: fix.span.start)


def _name(mistake: Diagnostic) -> tuple[str, str]:
    """What tells a mistake from others, wherever it stands."""
    return mistake.code, mistake.title


def _new(before: _State, after: _State, mended: Sequence[Diagnostic]) -> list[Diagnostic]:
    """What is wrong with ``after``, and was not before, or should be mended."""
    allowed = Counter(map(_name, before.found))
    allowed.subtract(map(_name, mended))
    new = []
    lets_see = all(one.is_error for one in mended)  # what may look like a mistake behind errors
    for one in after.found:
        allowed[_name(one)] -= 1
        if allowed[_name(one)] < 0 and (one.is_error or not lets_see):
            new.append(one)
    return new


def _parts(
    mistakes: Sequence[Diagnostic], tried: Sequence[Diagnostic], before: _State, after: _State
) -> tuple[Sequence[Diagnostic], Sequence[Diagnostic]]:
    """``mistakes`` in two parts: the second are those in whose lines something new is wrong. If
    that does not part them, they are halved.
    """
    wrong: set[int] = set()
    for one in _new(before, after, tried):
        if one.span and one.span.source is after.source:
            wrong.update(range(one.span.first.line, one.span.last.line + 1))
    blamed: set[Fix] = set()
    gained = 0
    for fix in _fixes(tried):
        if after.source.position(fix.span.start + gained).line in wrong:
            blamed.add(fix)
        gained += len(fix.replacement) - (fix.span.end - fix.span.start)
    parts: tuple[list[Diagnostic], list[Diagnostic]] = [], []
    for one in mistakes:
        parts[not blamed.isdisjoint(one.fixes)].append(one)
    if all(parts):
        return parts
    half = len(mistakes) // 2
    return mistakes[:half], mistakes[half:]
