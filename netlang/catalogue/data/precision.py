"""What is left of a column's numbers in training, which is in 32-bit floats."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice
from operator import ne

from netlang.language.diagnostics.data import Blurred

_LEFT = 0.9  # of a column's different numbers: a few of very many may meet by chance


def blurred(column: str, values: array[float]) -> Blurred | None:
    """What 32-bit floats make one of in ``values``, unless that is next to nothing."""
    if array("d", array("f", values)) == values:
        return None
    ordered = sorted(values)
    different, apart = _different(ordered), _different(array("f", ordered))
    if apart >= _LEFT * different:
        return None
    return Blurred(column, different, apart, ordered[0], ordered[-1])


def _different(ordered: Sequence[float]) -> int:
    steps: int = sum(map(ne, ordered, islice(ordered, 1, None)))
    return 1 + steps
