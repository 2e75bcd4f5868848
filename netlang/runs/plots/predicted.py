"""A picture of a regression shows what was predicted against what is true."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.metrics import RSquared
from netlang.runs.plots.canvas import figure
from netlang.runs.plots.palette import BLUE
from netlang.runs.plots.style import PALE, TEXT, TITLE
from netlang.runs.plots.text import end_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import Tensor

_SIDE = 3.6  # inches of a panel with its axes
_ACROSS = 3  # panels in a row
_MOST_PANELS = 9
_MOST_POINTS = 10_000  # more take long to draw, and cover each other
_FEW = 1_000  # points that may be large
_LARGEST = 1e300  # larger numbers are left out, as infinite ones are, so that axes stay finite
_MARGIN = 0.04  # around the points, as a share of them


def draw_predicted(
    title: str, names: Sequence[str], predicted: Tensor, true: Tensor, file: Path
) -> None:
    """Draw a panel for each of the ``names``, which are those of the numbers to predict.

    ``predicted`` and ``true`` are in their own units. A point on the diagonal is right.
    Shape: [N, names], both.  Raises Unusable and OSError.
    """
    shown = names[:_MOST_PANELS]
    across = min(len(shown), _ACROSS)
    down = -(-len(shown) // across)
    with figure(0.3 + _SIDE * across, 0.5 + _SIDE * down, file) as made:
        panels = made.subplots(down, across, squeeze=False).flat
        for axes, number in zip(panels, range(len(shown)), strict=False):
            _draw(axes, shown[number], predicted[:, number], true[:, number])
        for axes in [*panels][len(shown) :]:
            axes.axis("off")
        more = len(names) - len(shown)
        said = [title, f"{_MOST_POINTS:,} of {len(true):,} samples"][: 1 + _is_thinned(true)]
        said += [f"{more} more are not drawn"] if more else []
        made.suptitle(end_of(", ".join(said), _SIDE * across - 0.2, TITLE), fontsize=TITLE)


def _is_thinned(true: Tensor) -> bool:
    return len(true) > _MOST_POINTS


def _draw(axes: Axes, name: str, predicted: Tensor, true: Tensor) -> None:
    """Draw the points of one target and the diagonal, and its r2 beside its name."""
    from matplotlib.ticker import MaxNLocator

    predicted, true = predicted.double().cpu(), true.double().cpu()
    finite = (predicted.abs() <= _LARGEST) & (true.abs() <= _LARGEST)
    predicted, true = predicted[finite], true[finite]
    r2 = ""
    if len(true) >= RSquared.least_samples:
        r2 = f", r2 {RSquared()(predicted.unsqueeze(1), true.unsqueeze(1)):.3f}"
    every = max(1, -(-len(true) // _MOST_POINTS))
    x, y = true[::every].tolist(), predicted[::every].tolist()
    size, alpha = (10, 0.5) if len(x) <= _FEW else (4, 0.25)
    axes.scatter(x, y, s=size, alpha=alpha, c=BLUE, linewidths=0, gid="samples")
    low, high = _range([*x, *y])
    axes.plot([low, high], [low, high], color=PALE, linestyle="--", linewidth=1.2, gid="right")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.set_box_aspect(1)
    axes.grid()
    axes.set_title(end_of(name, _SIDE - 1.6, TEXT) + r2, fontsize=TEXT)
    axes.set_xlabel("true")
    axes.set_ylabel("predicted")


def _range(numbers: Sequence[float]) -> tuple[float, float]:
    """The ends of both axes. They have a distance even if all numbers are one, or there is none."""
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    largest = max(abs(low), abs(high))
    margin = _MARGIN * (high - low) if high - low > 1e-12 * largest else 0.1 * largest or 1.0
    return low - margin, high + margin
