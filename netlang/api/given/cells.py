"""Cells and columns of what Python gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlang.api.frames import array_of, columns_of, kind_of_frame, unfit
from netlang.system.lazy import np

if TYPE_CHECKING:
    from polars import Series


def has_names(X: Any) -> bool:
    """Whether X is a frame, a dict of columns, or a list of rows that are dicts."""
    is_list = isinstance(X, list | tuple) and bool(X)
    return bool(kind_of_frame(X)) or isinstance(X[0] if is_list else X, Mapping)


def named_columns(X: Any) -> Mapping[str, Any]:
    """The columns of X; those of an array are called x0, x1, ..."""
    if has_names(X):
        return columns_of(X, ())
    rows = array_of(X)
    return columns_of(rows, [f"x{place}" for place in range(rows.shape[1])])


def series_of(name: str, cells: Any) -> Series:
    """A column as polars has it: numbers, truth values or texts.  Raises NetError."""
    import polars

    if isinstance(cells, polars.Series):
        return cells.alias(name)
    if hasattr(cells, "dtype") and cells.dtype.kind in "iufb":
        return polars.Series(name, np.ascontiguousarray(cells))
    if hasattr(cells, "dtype") and cells.dtype.kind == "c":
        raise unfit("X", f"column `{name}` holds complex numbers", "give their parts a column each")
    found = [None if is_missing(one) else one for one in cells]
    kinds = {type(one) for one in found if one is not None}
    if all(issubclass(one, bool | np.bool_) for one in kinds):
        return polars.Series(name, found, dtype=polars.Boolean if kinds else polars.String)
    if all(issubclass(one, int | float | np.number) for one in kinds):
        numbers = [None if one is None else float(one) for one in found]
        return polars.Series(name, numbers, dtype=polars.Float64)
    if wrong := next((one for one in kinds if issubclass(one, Mapping | list | tuple | set)), None):
        problem = f"column `{name}` holds values of the type {wrong.__name__}"
        raise unfit("X", problem, "give a number or a text in each cell")
    return polars.Series(name, [None if one is None else str(one) for one in found], polars.String)


def are_names(cells: Any, series: Series) -> bool:
    """Whether ``cells``, and the ``series`` of them, are texts by their type, and no numbers among
    texts.
    """
    import polars

    if isinstance(cells, polars.Series):
        return cells.dtype in (polars.String, polars.Categorical, polars.Enum)
    if series.dtype != polars.String:
        return False
    return all(isinstance(one, str) or is_missing(one) for one in cells)


def is_missing(cell: Any) -> bool:
    """Whether it is None, NaN, or what pandas has for a missing cell."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float) and cell != cell


def count_of(called: str, columns: Mapping[str, Series]) -> int:
    """How many rows there are.  Raises NetError for none, and for unequal columns."""
    counts = {len(one) for one in columns.values()}
    if len(counts) > 1:
        each = " and ".join(f"{one:,}" for one in sorted(counts))
        raise unfit(called, f"the columns of {called} have {each} rows", "give as many of each")
    count = counts.pop() if counts else 0
    if not count:
        raise unfit(called, f"{called} has no rows", "give one at least")
    return count
