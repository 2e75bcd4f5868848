"""A picture of a watched training shows how large each layer's tensors are, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.runs.plots.canvas import figure, on_powers
from netlang.runs.plots.palette import palette
from netlang.runs.plots.style import TEXT, TITLE
from netlang.runs.plots.text import end_of, width
from netlang.runs.training.events import LayerNorms

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _PANEL = 4.2, 1.9  # inches of the panels, and of the height of one
_ROWS = 28  # names in a column of the legend
_NAMED = 3 * _ROWS  # layers that it names
_HANDLE = 0.6  # inches of a line in it, and of the blanks around

# What a panel shows: how it is called, and its number of a layer.
_PANELS: Mapping[str, Callable[[LayerNorms], float]] = {
    "gradient": lambda norms: norms.gradient,
    "update / weight": lambda norms: norms.update / norms.weight if norms.weight else math.nan,
    "weight": lambda norms: norms.weight,
}


def draw_norms(title: str, epochs: Mapping[int, Mapping[str, LayerNorms]], file: Path) -> None:
    """Draw ``epochs``, which have norms by the name of the layer, by the number of the epoch.

    Numbers that are 0 or not finite have no place on an axis of powers, and are left out.
    Raises Unusable and OSError.
    """
    layers = [*dict.fromkeys(name for norms in epochs.values() for name in norms)]
    with figure(_WIDTH, 0.5 + _PANEL * len(_PANELS), file) as made:
        panels = made.subplots(len(_PANELS), 1, sharex=True)
        for axes, (label, number) in zip(panels, _PANELS.items(), strict=True):
            lines = {
                name: {epoch: number(norms[name]) for epoch, norms in epochs.items()}
                for name in layers
            }
            _draw(axes, lines)
            axes.set_ylabel(label)
        panels[-1].set_xlabel("epoch")
        panels[0].set_title(end_of(f"{title}: norms of each layer", _WIDTH - 1.1, TITLE))
        names = layers[:_NAMED]
        more = len(layers) - len(names)
        shown = [*names, *([f"and {more} more"] if more else [])]
        columns = -(-len(names) // _ROWS)
        room = columns * (max(width(name, TEXT) for name in shown) + _HANDLE)
        made.set_figwidth(_WIDTH + room)
        handles = [*panels[0].lines[: len(names)], *panels[0].lines[-1:] * bool(more)]
        made.legend(handles, shown, loc="outside right upper", ncols=columns)


def _draw(axes: Axes, lines: Mapping[str, Mapping[int, float]]) -> None:
    """Draw a line for each layer, on an axis of powers."""
    from matplotlib.ticker import MaxNLocator

    colours = palette(len(lines))
    for colour, (name, values) in zip(colours, lines.items(), strict=True):
        numbers = [value if 0 < value < math.inf else math.nan for value in values.values()]
        (line,) = axes.plot([*values], numbers, color=colour, linewidth=1.3, label=name)
        line.set_marker("o" if len(numbers) < 3 else "")
        line.set_markersize(4)
    on_powers(axes)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    axes.grid()
