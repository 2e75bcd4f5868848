"""A confusion matrix shows how many samples of each class are taken for which class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.runs.plots.canvas import figure
from netlang.runs.plots.palette import BLUE
from netlang.runs.plots.style import INK, PALE, TEXT, TITLE
from netlang.runs.plots.text import beginning_of, end_of, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import Tensor

_COUNTED = 20  # up to so many classes, each cell has its count
_NAMED = 40  # up to so many, each row and column has its name
_CELL = 0.42  # inches of a cell with a count
_LEAST, _MOST = 2.6, 8.5  # inches of the matrix
_NAME = 1.4  # inches of the longest name
_DARK = 0.55  # from this share of its row on, a cell's count is white


def draw_confusion(title: str, classes: Sequence[str], counts: Tensor, file: Path) -> None:
    """Draw ``counts``: how many samples of each class (row) are taken for which (column). A cell is
    the darker, the larger its share of its row is.

    Shape: [classes, classes].  Raises Unusable and OSError.
    """
    count = len(classes)
    side = min(max(_CELL * count, _LEAST), _MOST)
    with figure(side + 2.6, side + 1.6, file) as made:
        axes = made.subplots()
        names = [beginning_of(name, _NAME, TEXT) for name in classes]
        _paint(axes, counts)
        if count <= _COUNTED:
            _write(axes, counts, side / count)
        if count <= _NAMED:
            room = side / count  # inches of a name that does not stand on end
            turn = 0 if all(width(name, TEXT) < 0.9 * room for name in names) else 90
            size = min(TEXT, 72 * 0.8 * room)
            axes.set_xticks(range(count), names, rotation=turn, fontsize=size)
            axes.set_yticks(range(count), names, fontsize=size)
        axes.tick_params(length=0)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        # The layout measures labels from the corner of the room that the panel has.
        axes.set_anchor("SW")
        made.suptitle(end_of(title, side + 2.2, TITLE), fontsize=TITLE)


def _paint(axes: Axes, counts: Tensor) -> None:
    """Colour each cell by its share of its row; the row of a class without samples stays white."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("shares", ["#ffffff", BLUE])
    shares = _shares(counts).tolist()
    image = axes.imshow(shares, cmap=shades, vmin=0, vmax=1, interpolation="nearest")
    axes.figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02, label="share of the true class")
    axes.spines[["top", "right"]].set_visible(True)
    axes.spines[:].set_color(PALE)


def _write(axes: Axes, counts: Tensor, cell: float) -> None:
    """Write each count into its cell of ``cell`` inches, but for those that are 0."""
    shares, rows = _shares(counts), counts.tolist()
    widest = max(width(f"{value:,}", TEXT) for row in rows for value in row)
    size = TEXT * min(1.0, 0.9 * cell / max(widest, 1e-9))
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if value:
                colour = "white" if float(shares[y, x]) > _DARK else INK
                text = f"{value:,}"
                axes.text(x, y, text, ha="center", va="center", color=colour, fontsize=size)


def _shares(counts: Tensor) -> Tensor:
    """Each count as a share of its row; NaN where there are none.  Shape: [K, K] -> [K, K]."""
    rows = counts.double()
    sums = rows.sum(1, keepdim=True)
    return rows / sums.where(sums > 0, math.nan)
