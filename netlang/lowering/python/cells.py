"""What an exported file does with the cells of a table: it has copies of these functions.

They are what netlang's pipelines do, in NumPy and without netlang's checks for people.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from statistics import NormalDist
from typing import Any, TypeAlias

from netlang.catalogue.data.columns import missing
from netlang.catalogue.data.columns.texts import symbols_of
from netlang.system.lazy import np

Array: TypeAlias = Any

NO_NUMBER = missing.NO_NUMBER
NO_NAME = missing.MARKS | missing.DASHES
MARKS = missing.MARKING_WORDS
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def by_name(samples: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    """The cells of columns by their names; rows of an array, or of a list, have this order."""
    if not hasattr(samples, "keys") and not hasattr(samples, "columns"):
        rows = samples if isinstance(samples, np.ndarray) else np.array([*samples], object)
        if rows.ndim != 2 or rows.shape[1] != len(names):
            raise ValueError(f"an array has {len(names)} columns, and not the shape {rows.shape}")
        samples = dict(zip(names, rows.T, strict=True))
    columns = {name: cells_of(samples, name) for name in names}
    first = names[0]
    for name in names:
        if len(columns[name]) != len(columns[first]):
            each = f"{len(columns[first])} cells, and `{name}` {len(columns[name])}"
            raise ValueError(f"the column `{first}` has {each}")
    return columns


def cells_of(columns: Mapping[str, Any], name: str) -> list[Any]:
    """The cells of a column, texts without blanks around them."""
    if name not in columns:
        raise ValueError(f"there is no column `{name}`")
    column = columns[name]
    if isinstance(column, str) or not hasattr(column, "__iter__"):
        raise ValueError(f"column `{name}` takes a list with a cell for each row: `[{column!r}]`")
    cells = ["" if cell is None else cell for cell in column]
    return [cell.strip() if isinstance(cell, str) else cell for cell in cells]


def number(cell: Any, name: str, row: int) -> float:
    """The number in a cell; NaN where it is missing."""
    holds = f"row {row}, column `{name}` holds `{cell}`"
    if isinstance(cell, str):
        if cell.casefold() in NO_NUMBER:
            return math.nan
        if not NUMBER.fullmatch(cell):
            raise ValueError(f"{holds}, which is no number")
    if type(cell).__name__ in ("NAType", "NaTType"):  # a missing one of pandas
        return math.nan
    try:
        found = float(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{holds}, which is no number") from None
    except OverflowError:
        found = math.inf
    if abs(found) > 3.4028234663852886e38:
        raise ValueError(f"{holds}, which is too large")
    return found


def numbers(
    columns: Mapping[str, Any],
    name: str,
    shift: float = 0.0,
    scale: float = 1.0,
    fill: float | None = None,
    bent: Callable[..., Array] | None = None,
    gaps: float | None = None,
) -> Array:
    """The numbers of a column less their shift and over their scale, then bent by a curve. A fill
    stands for a missing one, and an input behind it says gaps where one is missing, and else 0.

    Shape: [N, 1], or [N, 2].
    """
    cells = enumerate(columns[name], 1)
    found = np.array([[number(cell, name, row)] for row, cell in cells]).reshape(-1, 1)
    lacks = np.isnan(found)
    if fill is None and lacks.any():
        raise ValueError(f"row {lacks.argmax() + 1}, column `{name}` is empty")
    found = (np.where(lacks, 0.0 if fill is None else fill, found) - shift) / scale
    if bent:
        found = bent(found)
    return found if gaps is None else np.concatenate([found, lacks * gaps], 1)


def is_missing(name: str) -> bool:
    """Whether the name in a cell says that there is none."""
    return name in MARKS or name.casefold() in NO_NAME


def meaning(name: str, are_numbers: bool) -> Any:
    """What is the same for names that say the same: true and True, or 1, 1.0 and 01 among names
    that are numbers.
    """
    if name.lower() in ("true", "false"):
        return name.lower()
    if are_numbers:
        return Decimal(name) if NUMBER.fullmatch(name) else None
    return name


def places(
    columns: Mapping[str, Any], name: str, names: Sequence[str], fill: str | None = None
) -> tuple[Array, Array]:
    """The place of each cell's name among the names, which is -1 for another one, and whether it
    is missing; a fill stands for it then.  Shape: [N] both.
    """
    known = {one: place for place, one in enumerate(names)}
    are_numbers = all(map(NUMBER.fullmatch, names))
    meant = {meaning(one, are_numbers): place for place, one in enumerate(names)}
    if len(meant) < len(names):
        meant = {}
    if meant.keys() <= {Decimal(0), Decimal(1)}:
        truths = {"false": Decimal(0), "true": Decimal(1)}
        meant |= {word: meant[one] for word, one in truths.items() if one in meant}
    found, lacks = [], []
    for row, cell in enumerate(map(str, columns[name]), 1):
        place = known.get(cell, meant.get(meaning(cell, are_numbers), -1))
        lacks.append(place < 0 and is_missing(cell))
        if lacks[-1] and fill is None:
            raise ValueError(f"row {row}, column `{name}` is empty")
        found.append(known.get(fill, -1) if lacks[-1] and fill else place)
    return np.array(found, int), np.array(lacks, bool)


def categories(
    columns: Mapping[str, Any],
    name: str,
    names: Sequence[str],
    new: Sequence[str] = (),
    fill: str | None = None,
    gaps: float | None = None,
) -> Array:
    """An input for each of the names, which is 1 where a cell holds it; always 0 for those that
    are new, as no row had them in training. An input behind them says gaps where one is missing.

    Shape: [N, names], or one more.
    """
    found, lacks = places(columns, name, names, fill)
    ones = found[:, None] == np.arange(len(names))
    ones &= ~np.isin(names, new)
    return ones if gaps is None else np.concatenate([ones, lacks[:, None] * gaps], 1)


def codes(
    columns: Mapping[str, Any],
    name: str,
    names: Sequence[str],
    new: Sequence[str] = (),
    fill: str | None = None,
) -> Array:
    """The place of each cell's name among the names, from 1; 0 for any other, and for those that
    are new, as no row had them in training.  Shape: [N, 1].
    """
    found, _ = places(columns, name, names, fill)
    known = [0, *(place * (one not in new) for place, one in enumerate(names, 1))]
    return np.array(known)[found + 1][:, None]


def tokens(
    columns: Mapping[str, Any],
    name: str,
    by: str,
    length: int,
    symbols: Sequence[str | None],
    fill: str | None = None,
) -> Array:
    """The first tokens of each text: the place of a symbol, from 1, and 0 for any other.

    Shape: [N, length], with NaN behind the end of a text.
    """
    known = {symbol: place for place, symbol in enumerate(symbols, 1)}
    cells = [str(cell) for cell in columns[name]]
    found = np.full((len(cells), length), np.nan)
    for row, cell in enumerate(cells):
        if not cell and fill is None:
            raise ValueError(f"row {row + 1}, column `{name}` is empty")
        own = [known.get(one, 0) for one in symbols_of(cell, by)[:length]] or [0]
        found[row, : len(own)] = own
    return found


def clipped_smoothly(x: Array) -> Array:
    """Numbers near 0 nearly as they are, and none beyond 3."""
    x = np.clip(x, -1e15, 1e15)
    return x / np.sqrt(1 + (x / 3) ** 2)


def normal_scores(x: Array, quantiles: Sequence[float]) -> Array:
    """The place of each number among the quantiles, as the number of a normal distribution."""
    known, last = np.array(quantiles), len(quantiles) - 1
    if known[0] == known[last]:  # they say nothing
        return np.zeros_like(x)
    x = np.clip(x, known[0], known[last])
    above = np.minimum(np.searchsorted(known, x), last)
    below = np.maximum(np.searchsorted(known, x, "right") - 1, 0)
    low, high = known[below], known[above]
    between = below + (x - low) / np.where(low < high, high - low, 1)
    shares = np.where(low < high, between, (below + above) / 2) / last
    return np.vectorize(NormalDist().inv_cdf, otypes=[float])(np.clip(shares, 1e-7, 1 - 1e-7))
