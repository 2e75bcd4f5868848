"""The classes of y: each has a number for the training, and a name for the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.api.frames import unfit
from netlang.api.given.cells import is_missing
from netlang.system.lazy import np

if TYPE_CHECKING:
    from polars import Series


def labels_in(y: Any, every: Any = None) -> Any:
    """The different classes in y [N] as it has them, in ascending order, or ``every`` one that may
    come.  Raises NetError for what has no order.
    """
    if every is not None:
        return np.unique(every)
    is_there = np.array([not is_missing(one) for one in y.tolist()], bool)
    try:
        return np.unique(y[is_there])
    except TypeError:
        kinds = ", ".join(sorted({type(one).__name__ for one in y.tolist()}))
        problem = f"the classes of y are of several types: {kinds}"
        raise unfit("y", problem, "give texts, or numbers") from None


def coded(name: str, y: Any, labels: Any) -> Series:
    """The column ``name`` of the numbers that the classes y [N] have among the ``labels``.

    Raises NetError for another class.
    """
    import polars

    numbers = {label: str(number) for number, label in enumerate(labels.tolist())}
    cells = [None if is_missing(one) else one for one in y.tolist()]
    if other := next((one for one in cells if one is not None and one not in numbers), None):
        raise unfit("y", f"y holds the class {other!r}, and `classes` lacks it", "name it there")
    return polars.Series(name, [numbers.get(one) for one in cells], dtype=polars.String)


def names_of(labels: Any) -> tuple[str, ...]:
    """What a file calls the classes."""
    return tuple(map(_name, labels.tolist()))


def _name(label: Any) -> str:
    if isinstance(label, bool):
        return "true" if label else "false"
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label) or "(empty)"
