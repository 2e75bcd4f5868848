"""Applies fixes: those that make a source better, each tried and checked before it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from netlang.language.diagnostics.diagnostic import Diagnostic
from netlang.language.source import SourceFile
from netlang.system.record import Record

_ROUNDS = 20  # mending one mistake can bring the next to light
_CHARACTERS = 200_000  # that are checked to try fixes, in all: some seconds
_CHECKS = 20  # that a long text gets in any case

Check = Callable[[SourceFile], Sequence[Diagnostic]]


def mended(source: SourceFile, check: Check) -> tuple[SourceFile, int]:
    """``source`` with fixes applied, and how many were.

    A fix is kept if its message goes and no other comes, neither an error nor a warning. All are
    tried together first. If that fails, those whose lines get a new message are tried apart from
    the others, and then by halves. Fixes of other files are left alone.
    """
    trial = _Trial(check, max(_CHECKS, _CHARACTERS // (len(source.text) + 1)))
    state = _State(source, check(source))
    for _ in range(_ROUNDS):
        better = trial.together(state, state.remedies, len(state.changes))
        if better is state:
            break
        state = better
    return state.source, state.made


class _Edit(Record):
    """Characters of a text, and what they become."""

    start: int
    end: int
    replacement: str

    @property
    def covers(self) -> range:
        return range(self.start, max(self.end, self.start + 1))


_Change = Sequence[_Edit]  # edits that are made at once, in the offsets of the text before them


class _Remedy(Record):
    """What mends the mistake that has a code and a title."""

    mistake: tuple[str, str]
    edits: tuple[_Edit, ...]


class _State(Record):
    """A text and the diagnostics ``found`` in it; ``changes`` led to it, ``made`` of so many
    fixes.
    """

    source: SourceFile
    found: Sequence[Diagnostic]
    changes: tuple[_Change, ...] = ()
    made: int = 0

    @property
    def remedies(self) -> list[_Remedy]:
        """The fixes that change different characters: of two that change the same, the first."""
        own = [
            _Remedy(
                _mistake(one),
                tuple(_Edit(fix.span.start, fix.span.end, fix.replacement) for fix in one.fixes),
            )
            for one in self.found
            if one.fixes and all(fix.span.source is self.source for fix in one.fixes)
        ]
        chosen: list[_Remedy] = []
        taken: set[int] = set()
        for remedy in sorted(own, key=lambda remedy: remedy.edits[0].start):
            offsets = {at for edit in remedy.edits for at in edit.covers}
            if offsets.isdisjoint(taken):
                chosen.append(remedy)
                taken |= offsets
        return chosen

    def after(self, remedies: Sequence[_Remedy], check: Check) -> _State:
        change = sorted((e for one in remedies for e in one.edits), key=lambda edit: edit.start)
        parts, at = [], 0
        for edit in change:
            parts += [self.source.text[at : edit.start], edit.replacement]
            at = edit.end
        changed = self.source.with_text("".join([*parts, self.source.text[at:]]))
        changes = (*self.changes, change)
        return _State(changed, check(changed), changes, self.made + len(remedies))


class _Trial:
    """Tries fixes, with as many checks as are ``left``."""

    def __init__(self, check: Check, left: int) -> None:
        self.check, self.left = check, left

    def together(self, state: _State, remedies: Sequence[_Remedy], begin: int) -> _State:
        """``state`` with those of the remedies that make it better; itself if none does.

        Their offsets are those of the text before the change ``begin`` that led to ``state``.
        """
        here = [moved for one in remedies if (moved := _moved(one, state.changes[begin:]))]
        if not here or self.left <= 0:
            return state
        changed = self._after(state, here)
        if better := self._settled(state, changed, here):
            return better
        if len(here) > 1:
            begin = len(state.changes)
            for part in _parts(here, state, changed):
                state = self.together(state, part, begin)
        return state

    def _after(self, state: _State, remedies: Sequence[_Remedy]) -> _State:
        self.left -= 1
        return state.after(remedies, self.check)

    def _settled(self, before: _State, after: _State, remedies: Sequence[_Remedy]) -> _State | None:
        """``after``, mended in what only now comes to light, if that makes it better."""
        left = set(map(_mistake, before.found)) - {one.mistake for one in remedies}
        for _ in range(_ROUNDS):
            if not _new(before, after, remedies):
                return after
            more = [one for one in after.remedies if one.mistake not in left]
            if not more or self.left <= 0:
                break
            after = self._after(after, more)
        return None


def _new(before: _State, after: _State, remedies: Sequence[_Remedy]) -> list[Diagnostic]:
    """What is wrong with ``after``, and should not be after the remedies."""
    allowed = Counter(map(_mistake, before.found))
    allowed.subtract(one.mistake for one in remedies)
    new = []
    for one in after.found:
        allowed[_mistake(one)] -= 1
        if allowed[_mistake(one)] < 0:
            new.append(one)
    return new


def _mistake(one: Diagnostic) -> tuple[str, str]:
    return one.code, one.title


def _parts(
    remedies: Sequence[_Remedy], before: _State, after: _State
) -> Iterable[Sequence[_Remedy]]:
    """The remedies in two parts: the second are those in whose lines something new is wrong. If
    that does not part them, they are halved.
    """
    lines: set[int] = set()
    for one in _new(before, after, remedies):
        if one.span and one.span.source is after.source:
            lines.update(range(one.span.first.line, one.span.last.line + 1))
    change = after.changes[len(before.changes)]
    blamed: list[_Remedy] = []
    others: list[_Remedy] = []
    for remedy in remedies:
        offsets = [_offset_after(edit.start, change) for edit in remedy.edits]
        found = {after.source.position(at).line for at in offsets}
        (others if lines.isdisjoint(found) else blamed).append(remedy)
    if blamed and others:
        return others, blamed
    half = len(remedies) // 2
    return remedies[:half], remedies[half:]


def _moved(remedy: _Remedy, changes: Iterable[_Change]) -> _Remedy | None:
    """The remedy in offsets of the text after ``changes``; None if they changed it there."""
    edits = remedy.edits
    for change in changes:
        taken = {at for edit in change for at in edit.covers}
        if any(not taken.isdisjoint(edit.covers) for edit in edits):
            return None
        edits = tuple(
            _Edit(
                _offset_after(edit.start, change), _offset_after(edit.end, change), edit.replacement
            )
            for edit in edits
        )
    return _Remedy(remedy.mistake, edits)


def _offset_after(offset: int, change: _Change) -> int:
    """Where the character at ``offset`` stands after ``change``."""
    gained = sum(
        len(edit.replacement) - (edit.end - edit.start) for edit in change if edit.end <= offset
    )
    return offset + gained
