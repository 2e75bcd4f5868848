"""The targets y, and the weights of samples, as Python gives them."""

from __future__ import annotations

import warnings
from typing import Any

from netlang.api.frames import array_of, unfit
from netlang.system.lazy import np


def plain(y: Any) -> Any:
    """y as an array of NumPy. In a list of texts, what is no text stays what it is: a NaN, which
    marks a missing one, is no class. Whole numbers among objects, as categories are, stay whole.
    """
    if hasattr(y, "to_numpy"):
        y = y.to_numpy()
    found = array_of(y, "y")
    if isinstance(y, list | tuple) and found.ndim == 1 and found.dtype.kind == "U":
        return found if all(isinstance(one, str) for one in y) else np.array(y, object)
    if found.dtype.kind == "O" and {type(one) for one in found.flat} == {int}:
        return np.array(found.tolist())
    return found


def warn_of_order(X: Any, y: Any) -> None:
    """A UserWarning where X and y, of pandas, have the same index in another order: rows are
    matched by their places, so that each would have another one's target.
    """
    of_x: Any = getattr(X, "index", None)
    of_y: Any = getattr(y, "index", None)
    if not (hasattr(of_x, "equals") and hasattr(of_y, "equals")) or of_x.equals(of_y):
        return
    if of_x.is_unique and of_y.is_unique and not len(of_x.symmetric_difference(of_y)):
        what = "y has the index of X in another order, and rows are matched by their places"
        warnings.warn(f"{what}: `y.loc[X.index]` has its order", stacklevel=2)


def weights_of(sample_weight: Any, rows: int) -> Any:
    """The weights as an array [N] float64.  Raises NetError."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, str):
        help = '`netlang.load(..., data__weights="balanced")` lets all classes count alike'
        raise TypeError(f"sample_weight is a number for each sample, not a text: {help}")
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
