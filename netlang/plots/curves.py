"""Learning curves: a metric by epoch, the mean of several runs, and how far they deviate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.lazy import torch
from netlang.plots.style import COLOURS, figure, fitted
from netlang.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = {"train": ":", "validation": "--", "test": "-"}


class Curves(Record):
    """Runs with one name in the picture: of each run, of each epoch, the metrics by their paths."""

    name: str
    runs: Sequence[Sequence[Mapping[str, float]]]

    @property
    def parts(self) -> list[str]:
        """What was measured: ``train``, ``validation``, ``test``."""
        return list(dict.fromkeys(path.partition(".")[0] for path in self.runs[0][0]))

    @property
    def metrics(self) -> list[str]:
        return list(dict.fromkeys(path.partition(".")[2] for path in self.runs[0][0]))


def draw_curves(columns: Mapping[str, Sequence[Curves]], file: Path) -> None:
    """A column for each title, a row for each metric.  Raises ImportError and OSError."""
    height = max(len(curves[0].metrics) for curves in columns.values())
    with figure(1 + 3.6 * len(columns), 0.6 + 2.2 * height, file) as made:
        panels = made.subplots(height, len(columns), squeeze=False, sharex="col")
        for place, (title, curves) in enumerate(columns.items()):
            for row, metric in zip(panels[:, place], curves[0].metrics, strict=False):
                _draw(row, curves, metric)
                row.set_ylabel(metric)
            panels[0, place].set_title(fitted(title))
            panels[-1, place].set_xlabel("epoch")
        lines, names = panels[0, 0].get_legend_handles_labels()
        made.legend(lines, names, loc="outside lower center", ncols=min(len(names), 4))


def _draw(axes: Axes, curves: Sequence[Curves], metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for place, one in enumerate(curves):
        for part in one.parts:
            # A lone run's parts are told apart by colour, too.
            colour = COLOURS[place if len(curves) > 1 else (*_LINES,).index(part)]
            path = f"{part}.{metric}"
            values = [[epoch[path] for epoch in run] for run in one.runs]
            by_run = torch.tensor(values, dtype=torch.float64)
            epochs = range(1, by_run.shape[1] + 1)
            mean = by_run.mean(0)
            label = f"{one.name} {part}".strip()
            (line,) = axes.plot(
                epochs, mean.tolist(), _LINES[part], label=label, color=colour, linewidth=1.3
            )
            line.set_marker("o" if len(epochs) == 1 else "")
            if len(one.runs) > 1:
                spread = by_run.std(0)
                low, high = (mean - spread).tolist(), (mean + spread).tolist()
                axes.fill_between(epochs, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.grid()
    axes.margins(x=0.02)
