"""A picture of a study in parallel coordinates: each trial is a line through all of its values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.runs.plots.canvas import figure
from netlang.runs.plots.palette import BLUE, VERMILLION
from netlang.runs.plots.style import INK, PALE, TEXT, TITLE
from netlang.runs.plots.text import end_of
from netlang.system.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BETWEEN, _HEIGHT = 1.5, 3.0  # inches: from axis to axis
_MARGIN = 0.35  # of the distance between two axes
_LETTERS = 12  # of a value beside its axis


class Scale(Record):
    """Where values stand on an axis: each of ``texts`` at its place, or numbers between the
    smallest and the largest of them, by their logarithms with ``log``.
    """

    texts: Sequence[str] = ()
    log: bool = False

    def places(self, values: Sequence[str | float]) -> list[float]:
        """The place of each value, from 0 to 1.

        >>> Scale(log=True).places([1.0, 10.0, 100.0])
        [0.0, 0.5, 1.0]
        """
        found = [self._number(one) for one in values]
        low = 0.0 if self.texts else min(found, default=0.0)
        high = len(self.texts) - 1.0 if self.texts else max(found, default=0.0)
        return [(one - low) / (high - low) if high > low else 0.5 for one in found]

    def _number(self, value: str | float) -> float:
        if isinstance(value, str):
            return float(self.texts.index(value))
        return math.log(value) if self.log else value


def draw_coordinates(
    title: str,
    metric: str,
    scales: Mapping[str, Scale],
    trials: Sequence[tuple[Mapping[str, str | float], float | None]],
    rises: bool,
    file: Path,
) -> None:
    """Draw the values of each trial by path, and the metric it came to; the line of one that ended
    early, and came to None, ends before that. The best trial stands out.

    Raises Unusable and OSError.
    """
    sign = 1 if rises else -1
    order = sorted(  # what is drawn last lies above all else
        range(len(trials)), key=lambda n: (trials[n][1] is not None, sign * (trials[n][1] or 0.0))
    )
    came_to = {n: value for n, (_, value) in enumerate(trials) if value is not None}
    last = dict(zip(came_to, Scale().places([*came_to.values()]), strict=True))
    columns = [scale.places([one[path] for one, _ in trials]) for path, scale in scales.items()]
    width = _BETWEEN * (len(columns) + 2 * _MARGIN)
    with figure(width, _HEIGHT, file) as made:
        axes = made.subplots()
        for number in order:
            heights = [column[number] for column in columns]
            heights += [last[number]] if number in last else []
            is_best = number == order[-1] and number in last
            color = VERMILLION if is_best else BLUE if number in last else PALE
            strength = 1.0 if is_best else 0.5 if number in last else 0.35
            axes.plot(
                heights, color=color, alpha=strength, linewidth=1.8 if is_best else 0.9, marker="."
            )
        for at, (path, scale) in enumerate(scales.items()):
            _draw_axis(axes, at, path, _marks(scale, [one[path] for one, _ in trials]))
        if came_to:
            _draw_axis(axes, len(columns), metric, _marks(Scale(), [*came_to.values()]))
        axes.set_axis_off()
        axes.set_xlim(-_MARGIN, len(columns) + _MARGIN)
        axes.set_ylim(-0.05, 1.15)
        made.suptitle(end_of(title, width - 0.6, TITLE), fontsize=TITLE)


def _marks(scale: Scale, values: Sequence[str | float]) -> list[tuple[float, str]]:
    """What stands beside an axis, and where: each text, or the ends of numbers."""
    if scale.texts:
        shown = [one if len(one) <= _LETTERS else f"{one[: _LETTERS - 1]}…" for one in scale.texts]
        return [*zip(scale.places(scale.texts), shown, strict=True)]
    numbers = sorted({one for one in values if not isinstance(one, str)})
    ends = [numbers[0], numbers[-1]] if len(numbers) > 1 else numbers
    return [*zip(scale.places(ends), (f"{one:.4g}" for one in ends), strict=True)]


def _draw_axis(axes: Axes, at: int, name: str, marks: Iterable[tuple[float, str]]) -> None:
    axes.axvline(at, 0.05 / 1.2, 1.05 / 1.2, color=INK, linewidth=0.8)
    axes.text(at, 1.08, end_of(name, _BETWEEN - 0.1, TEXT), ha="center", va="bottom")
    for height, text in marks:
        axes.annotate(text, (at, height), (4, 3), textcoords="offset points", fontsize=TEXT - 2)
