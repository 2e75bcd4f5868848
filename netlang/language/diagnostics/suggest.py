"""Did you mean: the known name nearest to an unknown one, and whether nothing else can be meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_SHORTEST_IN_ANOTHER_CASE = 3  # letters: `N` and `n` may be two names
_SHORTEST_MISSPELT = 5  # a letter of `left` makes it another word
_VERY_LONG = 9
_DIGITS = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Guess:
    """What was meant by something that is wrong; a machine may write it only if it is ``sure``."""

    text: str
    sure: bool = False

    @property
    def question(self) -> str:
        return f"did you mean `{self.text}`?"


def guess(wrong: str, known: Collection[str]) -> Guess | None:
    """The known name that ``wrong`` was meant to be; None if none is near.

    >>> guess("Lienar", ["Linear", "ReLU"])
    Guess(text='Linear', sure=True)
    """
    near = nearest(wrong, known)
    return Guess(near, sure=near == unmistakable(wrong, known)) if near else None


def nearest(wrong: str, known: Iterable[str]) -> str | None:
    """The known name that ``wrong`` was most likely meant to be; None if none is near.

    A third of the letters may be wrong, but none of one or two letters. A pair of swapped letters
    counts as one. Case only decides between names that are equally near.

    >>> nearest("Lienar", ["Linear", "ReLU"])
    'Linear'
    """
    budget = max(1, (len(wrong) + 1) // 3) if len(wrong) > 2 else 0
    letters = frozenset(wrong.casefold())
    ranked = sorted(
        (_distance(wrong.casefold(), name.casefold(), budget), _distance(wrong, name, budget), name)
        for name in known
        # Each letter that only one of them has takes an edit, which excludes most names at once.
        if abs(len(name) - len(wrong)) <= budget and len(letters.difference(name.lower())) <= budget
    )
    return ranked[0][2] if ranked and ranked[0][0] <= budget else None


def is_one_of(name: str, names: Iterable[str]) -> bool:
    """Whether it is one of ``names``, but for its case and its ``_``, in which frameworks differ.

    >>> is_one_of("batchSize", ["batch_size", "minibatch"])
    True
    """
    return _plain(name) in map(_plain, names)


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def unmistakable(wrong: str, known: Iterable[str]) -> str | None:
    """The known name that ``wrong`` was meant to be beyond doubt, so that a machine may write it.

    They differ only in case, or in one letter of a long name, or in two of a very long one. The
    first letter and the digits are the same, and no other known name is nearly as near.

    >>> unmistakable("Lienar", ["Linear", "ReLU"]), unmistakable("layer2", ["layer1"])
    ('Linear', None)
    """
    names = set(known)
    if len(wrong) < _SHORTEST_IN_ANOTHER_CASE or wrong in names:
        return None
    same = [name for name in names if name.casefold() == wrong.casefold()]
    if same:
        return same[0] if len(same) == 1 else None
    budget = 2 if len(wrong) >= _VERY_LONG else 1
    meant = [name for name in names if _alike(wrong, name) and _within(budget, wrong, name)]
    if len(meant) != 1 or min(len(wrong), len(meant[0])) < _SHORTEST_MISSPELT:
        return None
    nearly = [name for name in names if _within(budget + _begin_alike(wrong, name), wrong, name)]
    return meant[0] if nearly == meant else None


def one_letter_apart(wrong: str, name: str) -> bool:
    """Whether one letter is wrong, or two are swapped, but neither the first nor a digit."""
    return _alike(wrong, name) and _within(1, wrong, name)


def _alike(wrong: str, name: str) -> bool:
    return _begin_alike(wrong, name) and _DIGITS.findall(wrong) == _DIGITS.findall(name)


def _begin_alike(wrong: str, name: str) -> bool:
    return wrong[:1].casefold() == name[:1].casefold()  # a column's name may be empty


def _within(budget: int, wrong: str, name: str) -> bool:
    if abs(len(name) - len(wrong)) > budget:
        return False
    return _distance(wrong.casefold(), name.casefold(), budget) <= budget


def _distance(a: str, b: str, budget: int) -> int:
    """How many edits lead from ``a`` to ``b``, where a swap of neighbours is one edit.

    A number over ``budget`` is not exact.
    """
    if len(a) > 64:
        return 0 if a == b else budget + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > budget and min(before) > budget:  # a swap reaches over one row
            return budget + 1
    return row[-1]


def by_part(wrong: str, names: list[str]) -> str | None:
    """The name that contains ``wrong`` or is contained in it, such as ``out``, if there is one."""
    words = [name for name in names if wrong in name.split("_") or name in wrong.split("_")]
    found = words or [name for name in names if wrong in name]
    return found[0] if len(found) == 1 else None
