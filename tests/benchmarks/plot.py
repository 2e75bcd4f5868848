"""The same as a picture: everyone's time over netlang's, and how a sample's time grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from tests.benchmarks.contestants import BOUND, PRODUCTS
from tests.benchmarks.measure import Times
from tests.benchmarks.report import REFERENCE, Results, contestants, place
from tests.benchmarks.scaling import SWEEPS, Sweep
from tests.benchmarks.workloads import Workload

COLOURS = {  # those of Okabe and Ito, which colour-blind readers tell apart
    "tensor": "#e69f00",
    "native": "#d55e00",
    "torch.nn": "#7f7f7f",
    "fused": "#b3b3b3",
    "channels last": "#f0e442",
    "compiled": "#0072b2",
    "JAX": "#cc79a7",
    PRODUCTS.name: "#56b4e9",
    BOUND.name: "#009e73",
}
INK, GRID = "#333333", "#e4e4e4"
STYLE = {
    "font.family": "sans-serif",
    "font.size": 9,
    "svg.fonttype": "none",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#999999",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "netlang",
}


def draw(results: Results, caption: str, path: Path) -> None:
    """Write the picture to ``path``; its ending says in which format."""
    with mpl.rc_context(STYLE):
        figure = picture(results, caption)
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


def picture(results: Results, caption: str) -> Figure:
    rows = [part for part in (results.speed, results.scaling) if part]
    heights = [0.3 * len(results.speed) + 0.8] * bool(results.speed) + [3] * bool(results.scaling)
    figure = plt.figure(figsize=(10, sum(heights) + 1), layout="constrained")
    parts = figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
    if results.speed:
        draw_ratios(parts[0].subplots(), results.speed)
    if results.scaling:
        draw_sweeps(parts[-1].subplots(1, len(SWEEPS), sharey=True), results.scaling)
    figure.supxlabel(caption, fontsize=8, color="#777777")
    return figure


def draw_ratios(axes: Axes, measured: Mapping[Workload, Times]) -> None:
    """A row for each workload: everyone's dot, and a line from 10 % to 90 % of the rounds."""
    for row, times in enumerate(measured.values()):
        for name in times.rounds if REFERENCE in times.rounds else ():
            ratio, colour = times.ratio(name, REFERENCE), COLOURS[name]
            axes.plot([ratio.low, ratio.high], [row, row], color=colour, linewidth=1.5)
            axes.plot(ratio.median, row, "o", color=colour, markersize=5.5)
    axes.axvline(1, color=COLOURS[REFERENCE], linewidth=1, zorder=0)
    labels = [f"{name}, batch {batch}" for name, batch in map(place, measured)]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    name_colours(axes, contestants(measured))
    title = f"Time of a training step over {REFERENCE}'s: further left is faster"
    axes.set_title(title, loc="left", fontsize=10, pad=24)


def name_colours(axes: Axes, names: Sequence[str]) -> None:
    """In a line above."""
    dots = [Line2D([], [], marker="o", linestyle="", color=COLOURS[name]) for name in names]
    above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0}
    tight = {"frameon": False, "handletextpad": 0.1, "columnspacing": 1.2}
    axes.legend(dots, names, ncols=len(dots), **above, **tight)


def draw_sweeps(panels: Sequence[Axes], measured: Mapping[str, Mapping[int, Times]]) -> None:
    for axes, sweep in zip(panels, SWEEPS, strict=True):
        draw_sweep(axes, sweep, measured[sweep.name])
    panels[0].set_ylabel("microseconds of a sample")


def draw_sweep(axes: Axes, sweep: Sweep, measured: Mapping[int, Times]) -> None:
    names = list(next(iter(measured.values())).rounds)
    values = list(measured)
    for name in names:
        times = [found.median(name) * 1e6 for found in measured.values()]
        axes.plot(values, times, "o-", color=COLOURS[name], markersize=3.5, linewidth=1.5)
        aside = (5, -2) if times[0] > times[-1] else (2, -12)  # where the line does not go
        start, colour = (values[0], times[0]), COLOURS[name]
        axes.annotate(name, start, aside, textcoords="offset points", color=colour, fontsize=8)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.margins(y=0.1)
    axes.set_xticks(values, [str(value) for value in values])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"{sweep.name}  ({sweep.fixed})")
