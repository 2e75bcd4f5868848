"""Pictures of a study: how its best trial came about, what decided, and where values are good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from netlang.runs.plots.canvas import figure, on_powers
from netlang.runs.plots.palette import BLUE, ORANGE, VERMILLION
from netlang.runs.plots.style import PALE, TEXT, TITLE
from netlang.runs.plots.text import end_of

_WIDTH, _HEIGHT = 4.8, 2.6  # inches
_ROW = 0.3  # inches of a bar
_ACROSS = 3  # slices side by side
_SLICE_WIDTH, _SLICE_HEIGHT = 2.4, 2.2  # inches


def draw_history(
    title: str,
    metric: str,
    done: Mapping[int, float],
    pruned: Mapping[int, float],
    rises: bool,
    file: Path,
) -> None:
    """Draw the value of each trial by its number, and the best one so far.

    Raises Unusable and OSError.
    """
    best: list[float] = []
    for value in done.values():
        best.append(value if not best else (max if rises else min)(best[-1], value))
    with figure(_WIDTH, _HEIGHT, file) as made:
        axes = made.subplots()
        if pruned:
            axes.scatter([*pruned], [*pruned.values()], s=10, color=PALE, label="ended early")
        axes.scatter([*done], [*done.values()], s=14, color=BLUE, label="trial")
        axes.step([*done], best, where="post", color=VERMILLION, linewidth=1.3, label="best so far")
        axes.set_xlabel("trial")
        axes.set_ylabel(metric)
        axes.set_title(end_of(title, _WIDTH - 0.6, TITLE))
        axes.legend(loc="best")
        axes.grid()


def draw_importances(title: str, shares: Mapping[str, float], file: Path) -> None:
    """Draw how much each path decides.

    Raises Unusable and OSError.
    """
    paths = [*shares][::-1]
    with figure(_WIDTH, 0.9 + _ROW * len(paths), file) as made:
        axes = made.subplots()
        axes.barh(paths, [shares[path] for path in paths], color=BLUE, height=0.6)
        axes.set_xlabel("share of what differs between trials")
        axes.set_xlim(left=0.0)
        axes.set_title(end_of(title, _WIDTH - 0.6, TITLE))
        axes.grid(axis="x")


def draw_slices(
    title: str,
    metric: str,
    slices: Mapping[str, Sequence[tuple[float | str, float]]],
    by_powers: frozenset[str],
    file: Path,
) -> None:
    """Draw the metric by the value at each path, those ``by_powers`` on an axis of powers of ten.

    Raises Unusable and OSError.
    """
    columns = min(_ACROSS, len(slices))
    rows = -(-len(slices) // columns)
    width = max(_WIDTH, _SLICE_WIDTH * columns)
    with figure(width, 0.4 + _SLICE_HEIGHT * rows, file) as made:
        every = made.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for axes, (path, points) in zip(every, slices.items(), strict=False):
            axes.scatter(
                [value for value, _ in points], [one for _, one in points], s=12, color=ORANGE
            )
            axes.set_xlabel(end_of(path, width / columns - 0.6, TEXT))
            axes.grid()
            if path in by_powers:
                on_powers(axes, across=True)
        for axes in every[len(slices) :]:
            axes.set_visible(False)
        for axes in every[::columns]:
            axes.set_ylabel(metric)
        made.suptitle(end_of(title, width - 0.6, TITLE), fontsize=TITLE)
