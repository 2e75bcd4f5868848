"""Frames of pandas and polars, arrays, tensors and lists come as columns, and go as frames.

Columns are cells by name, as the pipeline of a model takes them: a list, a series of polars, or an
array of numbers. A cell that is missing is None.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import UnfitData
from netlang.language.diagnostics.wording import counted, in_code, listed, type_of
from netlang.system.lazy import np, torch

_NAMED = 12  # columns that are named

Columns = Mapping[str, Any]


def columns_of(data: Any, names: Sequence[str], called: str = "X") -> Columns:
    """The columns of ``data`` by name: of a frame or a dict its own, and of rows without names
    those that the model takes, ``names``, in this order.

    Raises NetError for other numbers of columns, and TypeError for what is no table.
    """
    match kind_of_frame(data):
        case "polars":
            return {series.name: series for series in data}
        case "pandas":
            _check_names([*map(str, data)], called)
            return {str(name): _of_pandas(data.iloc[:, at]) for at, name in enumerate(data)}
    if isinstance(data, Mapping):
        if data and all(isinstance(one, str | int | float) for one in data.values()):
            help = f"`[{called}]` is a list of one row"
            raise unfit(called, f"{called} is a row, and no column has a list of cells", help)
        return data
    if isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
        every = dict.fromkeys(name for row in data for name in row)
        return {name: [row.get(name) for row in data] for name in every}
    rows = array_of(data, called)
    if rows.dtype.names:  # a structured array
        return {name: _cells(rows[name]) for name in rows.dtype.names}
    return _of_rows(rows, names, called)


def _check_names(names: Sequence[str], called: str) -> None:
    """Raises NetError where two columns have one name."""
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        problem = f"two columns of {called} are called `{twice}`"
        raise unfit(called, problem, "give one of them another name, or leave it out")


def kind_of_frame(data: object) -> str:
    """ "polars" or "pandas", of whose frames it is one; "" for anything else."""
    package = type(data).__module__.partition(".")[0]
    is_frame = type(data).__name__ == "DataFrame" and package in ("pandas", "polars")
    return package if is_frame else ""


def array_of(data: Any, called: str = "X") -> Any:
    """``data``, an array, a tensor or lists of rows, as an array of NumPy.

    Raises TypeError for what is none, and NetError for rows of unequal length.
    """
    if data is None or isinstance(data, str | bytes | int | float) or hasattr(data, "__next__"):
        takes = "an array, a tensor, a frame of pandas or polars, or a list of rows"
        raise TypeError(f"{called} is {takes}, not {type_of(data)}")
    if type(data).__module__.startswith("torch.utils.data"):
        help = "give its tensors, such as `fit(*dataset.tensors)`"
        raise TypeError(f"{called} is an array or a frame, not {type_of(data)}: {help}")
    if type(data).__module__.startswith("scipy.sparse"):
        raise unfit(called, f"{called} is sparse", f"give it whole: `{called}.toarray()`")
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        help = f"say what stands there: `{called}.filled(np.nan)` marks a missing number"
        raise unfit(called, f"{called} has numbers that are masked", help)
    if isinstance(data, torch.Tensor):
        if data.is_meta:
            raise unfit(called, f"{called} is a tensor without numbers", "give one on the CPU")
        if data.layout != torch.strided:
            raise unfit(called, f"{called} is sparse", f"give it whole: `{called}.to_dense()`")
        floats = (torch.float16, torch.float32, torch.float64)  # which NumPy has, too
        is_other = data.is_floating_point() and data.dtype not in floats
        data = (data.float() if is_other else data).detach().cpu()
    elif type(data).__name__ == "LazyFrame":
        raise unfit(called, f"{called} is a lazy frame", f"read it first: `{called}.collect()`")
    try:
        found = np.asarray(data)
    except ValueError:
        raise of_unequal_lengths(called, data, "give rows that are equally long") from None
    if found.dtype.kind == "O" and found.ndim == 0:
        raise TypeError(f"{called} is an array or a frame, not {type_of(data)}")
    if found.dtype.kind == "c":
        help = "give their real and imaginary parts as columns of their own"
        raise unfit(called, f"{called} has complex numbers", help)
    return found


def pandas() -> Any:
    """The package.  Raises ImportError, which says how to get it."""
    try:
        return importlib.import_module("pandas")
    except ModuleNotFoundError:
        raise ImportError("pandas is not installed: pip install pandas") from None


def _of_rows(rows: Any, names: Sequence[str], called: str) -> Columns:
    """The columns of an array [N, columns]."""
    takes = f"the model takes {counted(len(names), 'column')}: {listed(in_code(names), _NAMED)}"
    if rows.ndim == 1 and len(names) == 1:
        rows = rows.reshape(-1, 1)
    if rows.ndim == 1 and len(rows) == len(names):
        problem = f"{called} has one dimension, [{len(rows)}], and rows are [N, {len(names)}]"
        raise unfit(called, problem, f"`{called}.reshape(1, -1)` makes it a row", takes)
    if rows.ndim != 2:
        problem = f"{called} has the shape {[*rows.shape]}, and rows are [N, {len(names)}]"
        raise unfit(called, problem, "give an array with a row for each sample", takes)
    if rows.shape[1] != len(names):
        problem = f"{called} has {counted(rows.shape[1], 'column')}"
        raise unfit(
            called, problem, "give these columns, in this order, or a frame that has them", takes
        )
    return {name: _cells(rows[:, at]) for at, name in enumerate(names)}


def _cells(column: Any) -> Any:
    """The cells of a column [N] of NumPy."""
    if column.dtype.kind in "iuf":
        return np.ascontiguousarray(column)
    if column.dtype.kind in "bmM":
        import polars

        return polars.Series(column)
    return [None if one is None or one != one else one for one in column.tolist()]


def _of_pandas(series: Any) -> Any:
    """The cells of a series of pandas."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iufbM":
        return _cells(series.to_numpy())
    cells = series.astype(object).where(series.notna(), None).tolist()
    if all(isinstance(one, bool) for one in cells if one is not None):
        import polars

        return polars.Series(cells, dtype=polars.Boolean)
    if dtype == "category":  # also numbers are names then
        return [None if one is None else str(one) for one in cells]
    return cells


def of_unequal_lengths(called: str, rows: Any, help: str) -> NetError:
    """The error to raise for ``rows`` of a table that are not equally long."""
    lengths = sorted({len(row) for row in rows if hasattr(row, "__len__")})
    each = listed(map(str, lengths), _NAMED)
    return unfit(called, f"the rows of {called} have unequal lengths: {each}", help)


def unfit(given: str, problem: str, help: str, note: str = "") -> NetError:
    """The error to raise for what was ``given``, X or y, and cannot be used."""
    return NetError(UnfitData(None, given, problem, help, note))
