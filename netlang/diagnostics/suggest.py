"""Did you mean: the known name nearest to one that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(wrong: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that ``wrong`` is most likely a slip of, None if none is near.

    A third of the letters may be wrong, of one or two letters none; a pair of swapped letters
    counts as one; case counts only between equals.

    >>> nearest("Lienar", ["Linear", "ReLU"])
    'Linear'
    """
    budget = max(1, (len(wrong) + 1) // 3) if len(wrong) > 2 else 0
    letters = frozenset(wrong.casefold())
    ranked = sorted(
        (_distance(wrong.casefold(), name.casefold(), budget), wrong != name, name)
        for name in known
        # Each letter that is in one alone takes an edit: this tells most names far apart at once.
        if abs(len(name) - len(wrong)) <= budget and len(letters.difference(name.lower())) <= budget
    )
    return ranked[0][2] if ranked and ranked[0][0] <= budget else None


def _distance(a: str, b: str, budget: int) -> int:
    """Edits from ``a`` to ``b``, a swap of neighbours being one; over ``budget`` is not exact."""
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
