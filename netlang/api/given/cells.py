"""Cells and columns of what Python gives: X, y and the weights of samples."""

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


def plain(y: Any) -> Any:
    """y as an array of NumPy. In a list of texts, what is no text stays what it is: a NaN, which
    marks a missing one, is no class.
    """
    if hasattr(y, "to_numpy"):
        y = y.to_numpy()
    found = array_of(y, "y")
    if isinstance(y, list | tuple) and found.ndim == 1 and found.dtype.kind == "U":
        return found if all(isinstance(one, str) for one in y) else np.array(y, object)
    return found


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
    if kinds == {int} and None not in found and (whole := np.array(found)).dtype.kind in "iu":
        return polars.Series(name, whole)
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


def weights_of(sample_weight: Any, rows: int) -> Any:
    """The weights as an array [N] float64.  Raises NetError."""
    if sample_weight is None:
        return None
    found = plain(sample_weight)
    if found.dtype.kind not in "biuf" or found.shape != (rows,):
        problem = f"sample_weight has the shape {[*found.shape]}, and there are {rows:,} samples"
        if found.dtype.kind not in "biuf":
            problem = f"sample_weight holds what is no number: {found.dtype}"
        raise unfit("sample_weight", problem, "give a number from 0 on for each sample")
    found = found.astype(np.float64)
    if not (np.isfinite(found) & (found >= 0)).all():
        problem = "sample_weight holds a number below 0, NaN or infinity"
        raise unfit("sample_weight", problem, "give a number from 0 on for each sample")
    if not found.any():
        problem = "every sample weight is zero: no sample counts"
        raise unfit("sample_weight", problem, "give one of them a weight above 0")
    return found
