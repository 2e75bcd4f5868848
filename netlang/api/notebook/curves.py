"""Learning curves as small pictures: one for the loss, and one for each of the first metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby

from netlang.api.notebook.markup import Html, joined, picture
from netlang.runs.lines.display import number
from netlang.system.record import Record

_MOST = 3  # pictures; the table has the other metrics
_WIDTH, _HEIGHT = 280, 160
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 24, 22  # around the curves
_POINTS = 250  # of a curve; more than there are pixels
_LARGEST = 1e300  # larger numbers are left out, as infinite ones are, so that axes stay finite
# The colours can be seen on white and on black, as a picture cannot know what it lies on.
_PARTS = {"train": ("#d55e00", "4 2"), "validation": ("#2f8fd8", "7 2"), "test": ("#009e73", "")}
_GREY, _LINE = "#868686", "#86868640"
_FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"

Metrics = Mapping[str, float]  # of an epoch, by path


def curves_html(epochs: Sequence[Metrics], until: int = 0, best: int = 0) -> Html:
    """Curves of the ``epochs`` that are done; their axes end with the epoch ``until``, and a line
    marks the ``best`` one.
    """
    if not epochs:
        return Html("")
    paths = [path for path in epochs[0] if path.partition(".")[0] in _PARTS]
    names = [path.partition(".")[2] for path in paths]
    names = [*dict.fromkeys(name for name in names if name != "lr")][:_MOST]
    every = -(-len(epochs) // _POINTS)
    first = (len(epochs) - 1) % every  # so that the last one is there
    shown = [(number + 1, epochs[number]) for number in range(first, len(epochs), every)]
    last = max(until, len(epochs), 2)
    return joined(*(_picture(name, shown, last, best, name == names[0]) for name in names))


def _picture(
    name: str, epochs: Sequence[tuple[int, Metrics]], last: int, best: int, is_first: bool
) -> Html:
    """The curves of a metric, for each part of the data; ``epochs`` with their numbers, from 1.

    The first picture says which curve is of which part, which leaves room for names in the others.
    """
    (*_, (done, latest)) = epochs
    paths = {part: f"{part}.{name}" for part in _PARTS if f"{part}.{name}" in latest}
    now = ", ".join(f"{part} {number(latest[path])}" for part, path in paths.items())
    values = [metrics[path] for _, metrics in epochs for path in paths.values() if path in metrics]
    low, high = _range([value for value in values if abs(value) < _LARGEST])
    axes = _Axes(last, low, high)
    lines = [*_frame(axes, name, [*paths] if is_first else [])]
    if 0 < best < done:
        x = axes.x(best)
        lines.append(_stroke([(x, _TOP), (x, _HEIGHT - _BOTTOM)], _GREY, 1, "2 2"))
    for part, path in paths.items():
        colour, dashes = _PARTS[part]
        for stretch in _stretches(
            [(epoch, metrics.get(path, math.nan)) for epoch, metrics in epochs]
        ):
            points = [(axes.x(epoch), axes.y(value)) for epoch, value in stretch]
            lines.append(_stroke(points, colour, 1.6, dashes))
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(lines)}</svg>'
    return picture(svg, f"{name} after {done} of {last} epochs: {now}", "curves")


class _Axes(Record):
    """From an epoch and a value to a place in the picture."""

    last: int
    low: float
    high: float

    def x(self, epoch: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (epoch - 1) / (self.last - 1)

    def y(self, value: float) -> float:
        height = _HEIGHT - _TOP - _BOTTOM
        return _TOP + height * (self.high - value) / (self.high - self.low)


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
    return low - margin, high + margin


def _frame(axes: _Axes, name: str, parts: Sequence[str]) -> Iterator[str]:
    """What the curves stand in: their names, and lines with numbers."""
    yield _text(_LEFT, 14, name, weight="600")
    x = float(_WIDTH - _RIGHT)
    for part in reversed(parts):
        yield _text(x, 14, part, _PARTS[part][0], "end")
        x -= 6.2 * len(part) + 10
    for value in ticks(axes.low, axes.high, 5):
        y = axes.y(value)
        yield _stroke([(_LEFT, y), (_WIDTH - _RIGHT, y)], _LINE, 1)
        yield _text(_LEFT - 6, y + 4, f"{value:.6g}", anchor="end")
    for value in ticks(1, axes.last, 5):
        if value == int(value) and value >= 1:
            yield _text(axes.x(value), _HEIGHT - 6, f"{value:.0f}", anchor="middle")


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` round numbers from ``low`` to ``high``, equally far apart.

    >>> ticks(0.07, 0.93, 4), ticks(1, 30, 5)
    ([0.5], [10.0, 20.0, 30.0])
    """
    for step in _steps((high - low) / most):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            return [round(step * index, 12) for index in range(first, last + 1)]
    return []


def _steps(least: float) -> Iterator[float]:
    """1, 2 and 5 times powers of ten, from about ``least`` on."""
    power = math.floor(math.log10(least))
    for exponent in range(power, power + 3):
        for factor in (1, 2, 5):
            if (step := factor * 10.0**exponent) >= least:
                yield step


def _stretches(values: Iterable[tuple[int, float]]) -> Iterator[list[tuple[int, float]]]:
    """The points of a curve, which is broken where a value is not finite."""
    for is_drawn, stretch in groupby(values, lambda pair: abs(pair[1]) < _LARGEST):
        if is_drawn:
            yield [*stretch]


def _stroke(
    points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str = ""
) -> str:
    if len(points) == 1:
        ((x, y),) = points
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    look = f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dashed}'
    return f'<polyline points="{path}" {look}/>'


def _text(
    x: float, y: float, text: str, colour: str = _GREY, anchor: str = "start", weight: str = "400"
) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} fill="{colour}" style="font:{weight} {_FONT}">{escape(text)}</text>'
