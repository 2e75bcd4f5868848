"""E0414, W0609 to W0611: what a table's target was taken for, and classes that look like none."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic

_SHOWN = 6  # classes that a message names
_LENGTH = 40  # characters of a name that a message shows


class OneClass(Diagnostic):
    code: ClassVar = "E0414"
    column: str
    name: str
    rows: int

    @property
    def title(self) -> str:
        return f"`{self.column}` has one class alone"

    @property
    def label(self) -> str:
        rows = "the one row is" if self.rows == 1 else f"all {self.rows:,} rows are"
        return f"{rows} `{shortened(self.name)}`"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("name another column for the `target`, or give the file rows of another class",)


class TargetTaken(Diagnostic):
    """``different`` whole numbers in so many ``rows`` were taken for classes, or for numbers."""

    code: ClassVar = "W0609"
    column: str
    classes: bool
    different: int
    rows: int

    @property
    def title(self) -> str:
        what = f"{self.different:,} classes" if self.classes else "a number to predict"
        return f"`{self.column}` is taken for {what}"

    @property
    def label(self) -> str:
        return f"{self.different:,} different whole numbers in {self.rows:,} rows"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.classes:
            other = 'or `task="regression"` if it is a number to predict'
            return (f'add `task="classification"` to say so, {other}',)
        other = 'or `task="classification"` if each number is a class'
        return (f'add `task="regression"` to say so, {other}',)


class RareClasses(Diagnostic):
    """``alone`` are classes of one row, each with its row, counted from 1."""

    code: ClassVar = "W0610"
    alone: tuple[tuple[str, int], ...]

    @property
    def title(self) -> str:
        if len(self.alone) == 1:
            return f"the class `{shortened(self.alone[0][0])}` has one row alone"
        return f"{len(self.alone):,} classes have one row alone"

    @property
    def label(self) -> str:
        return "a class of one row is learnt from or tested on, not both"

    @property
    def notes(self) -> tuple[str, ...]:
        shown = [f"`{shortened(name)}` in row {row:,}" for name, row in self.alone]
        return (_some(shown),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("mend the row if it is misspelt; else give its class more rows, or remove it",)


class SimilarClasses(Diagnostic):
    """``groups`` of classes that look like one."""

    code: ClassVar = "W0611"
    column: str
    groups: tuple[tuple[str, ...], ...]

    @property
    def title(self) -> str:
        return f"{_alike(self.groups[0])} are different classes"

    @property
    def label(self) -> str:
        return "they differ in capitals, blanks or ways to write the same"

    @property
    def notes(self) -> tuple[str, ...]:
        others = [_alike(group) for group in self.groups[1:]]
        return (f"so are {_some(others, '; ')}",) if others else ()

    @property
    def helps(self) -> tuple[str, ...]:
        return (f"if they are meant to be one, write them alike in the column `{self.column}`",)


def shortened(name: str) -> str:
    """A class's name as messages show it: not longer than a line bears."""
    return name if len(name) <= _LENGTH else f"{name[: _LENGTH - 3]}..."


def _some(texts: Sequence[str], between: str = ", ") -> str:
    more = len(texts) - _SHOWN
    return between.join(texts[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _alike(names: Sequence[str]) -> str:
    """Names, with their code points where they would look the same."""
    looks = {unicodedata.normalize("NFKC", " ".join(name.split())) for name in names}
    seen = all(c.isprintable() for name in names for c in name)
    plain = len(looks) == len(names) and seen
    shown = [name if plain else name.encode("unicode_escape").decode() for name in names]
    *others, last = [f"`{shortened(name)}`" for name in shown]
    return f"{', '.join(others)} and {last}"
