"""Learning curves show a metric by epoch: the mean of several runs, and a band of a deviation."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.runs.plots.canvas import figure, on_powers
from netlang.runs.plots.palette import BLUE, GREEN, VERMILLION, palette
from netlang.runs.plots.style import PALE, TEXT, TITLE
from netlang.runs.plots.text import beginning_of, end_of, width
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DASHES = {"train": ":", "validation": "--", "test": "-"}
_FIRST = VERMILLION, BLUE, GREEN
_COLOURS = [*_FIRST, *(colour for colour in palette(100) if colour not in _FIRST)]
_COLUMN = 3.6  # inches
_ROW = 0.19  # inches of a row of the legend
_HANDLE = 0.6  # inches of a line in it, and of the blanks around
_LONGEST = 7.0  # inches of a name
_MOST_ACROSS = 4  # names in such a row
_LARGEST = 1e300  # larger numbers are left out, as infinite ones are, so that axes stay finite


class Curves(Record):
    """Runs that have one name in the picture: for each run and epoch, the metrics by path.

    ``best`` is the epoch whose weights are the result, where that is not the last.
    """

    name: str
    runs: Sequence[Sequence[Mapping[str, float]]]
    best: int | None = None

    @property
    def parts(self) -> list[str]:
        """The parts of the data that were measured: ``train``, ``validation``, ``test``."""
        return list(dict.fromkeys(path.partition(".")[0] for path in self.runs[0][0]))

    def parts_with(self, metric: str) -> list[str]:
        """Those that ``metric`` was measured on."""
        return [part for part in self.parts if f"{part}.{metric}" in self.runs[0][0]]

    @property
    def metrics(self) -> list[str]:
        return list(dict.fromkeys(path.partition(".")[2] for path in self.runs[0][0]))


def draw_curves(
    columns: Sequence[tuple[str, Sequence[Curves]]], file: Path, logarithmic: Container[str] = ()
) -> None:
    """Draw a column for each title and a row for each metric, the ``logarithmic`` ones on such a
    scale.  Raises Unusable and OSError.
    """
    rows = [list(dict.fromkeys(m for one in curves for m in one.metrics)) for _, curves in columns]
    height = max(map(len, rows))
    every = [one for _, curves in columns for one in curves]
    names = [*dict.fromkeys(one.name for one in every)]
    parts = {part for one in every for part in one.parts}
    common = parts.pop() if len(parts) == 1 < len(names) else ""  # the axis says it, not each name
    with figure(1 + _COLUMN * len(columns), 0.6 + 2.2 * height, file) as made:
        panels = made.subplots(height, len(columns), squeeze=False, sharex="col")
        for column, (title, curves), metrics in zip(panels.T, columns, rows, strict=True):
            for axes, metric in zip(column, metrics, strict=False):
                _draw(axes, curves, metric, names)
                axes.set_ylabel(f"{common} {metric}".strip())
                if metric in logarithmic:
                    on_powers(axes)
            for axes in column[len(metrics) :]:
                axes.axis("off")
            column[0].set_title(end_of(title, _COLUMN - 0.2, TITLE))
            last = column[len(metrics) - 1]
            last.set_xlabel("epoch")
            last.tick_params(labelbottom=True)
        # Not every column has all names and parts of the data.
        lines = [line for axes in panels.flat for line in axes.lines]
        _name(made, {str(line.get_label()).removesuffix(f" {common}"): line for line in lines})


def _name(made: Figure, legend: Mapping[str, Artist]) -> None:
    """Put the legend below the panels, and make room for as many rows as it needs."""
    names = [beginning_of(name, _LONGEST, TEXT) for name in legend]
    widest = max(width(name, TEXT) for name in names) + _HANDLE
    made.set_figwidth(max(made.get_figwidth(), widest + 0.2))
    ncols = max(1, min(len(names), _MOST_ACROSS, int((made.get_figwidth() - 0.2) / widest)))
    made.set_figheight(made.get_figheight() + _ROW * (-(-len(names) // ncols) - 1))
    numbers = [str(number) for number, _ in enumerate(names)]
    below = made.legend(legend.values(), numbers, loc="outside lower center", ncols=ncols)
    # As labels, names that begin with an underscore would be left out.
    for text, name in zip(below.get_texts(), names, strict=True):
        text.set_text(name)


def _draw(axes: Axes, curves: Sequence[Curves], metric: str, names: Sequence[str]) -> None:
    from matplotlib.ticker import MaxNLocator

    for one in curves:
        for part in one.parts_with(metric):
            # Where there is one name, its parts differ in colour, too.
            number = names.index(one.name) if len(names) > 1 else [*_DASHES].index(part)
            colour = _COLOURS[number % len(_COLOURS)]
            values = [[epoch[f"{part}.{metric}"] for epoch in run] for run in one.runs]
            by_run = torch.tensor(values, dtype=torch.float64, device="cpu")
            by_run = by_run.where(by_run.abs() <= _LARGEST, torch.nan)
            epochs = range(1, by_run.shape[1] + 1)
            mean = by_run.mean(0)
            label = f"{one.name} {part}".strip()
            (line,) = axes.plot(
                epochs, mean.tolist(), _DASHES[part], label=label, color=colour, linewidth=1.3
            )
            # A line needs two numbers beside each other: a single one would be invisible.
            line.set_marker("o" if _single(mean.isfinite().tolist()) else "")
            line.set_markersize(4)
            if len(one.runs) > 1:
                spread = by_run.std(0)
                low, high = (mean - spread).tolist(), (mean + spread).tolist()
                axes.fill_between(epochs, low, high, color=colour, alpha=0.12, linewidth=0)
        if one.best:
            axes.axvline(one.best, color=PALE, linewidth=1.0, label="best epoch")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    longest = max(len(run) for one in curves for run in one.runs)
    margin = 0.02 * (longest - 1) or 0.5
    axes.set_xlim(1 - margin, longest + margin)
    axes.grid()


def _single(drawn: Sequence[bool]) -> bool:
    """Whether a number is drawn, and neither the one before nor the one after it."""
    around = zip([False, *drawn], drawn, [*drawn[1:], False], strict=False)
    return any(here and not before and not after for before, here, after in around)
