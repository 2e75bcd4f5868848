"""A picture of decisions shows which class a network gives each point of a plane."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.catalogue.data import ArrayPipeline, Split
from netlang.catalogue.targets import classes_of
from netlang.compiler.ir import Program
from netlang.runs.plots.canvas import figure
from netlang.runs.plots.palette import FEW, markers, palette
from netlang.runs.plots.style import INK, PALE, TEXT, TITLE
from netlang.runs.plots.text import beginning_of, end_of, width
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure
    from torch import Tensor

_FINE = 400  # points along each side of the plane
_MARGIN = 0.04  # of the plane, as a share of it, around the points
_ALIKE = 1.5  # up to this ratio of their lengths, both axes have one scale
_SIDE = 3.7  # inches of a panel with its axis
_NAME = 1.5  # inches of the longest name in a legend
_HANDLE = 0.45  # inches of the sign before it, and of the blanks around both
_ROWS = 17  # names in a column of a legend
_NAMED = 3 * _ROWS  # classes that it names
_BORDER: Any = {"linestyle": "-", "linewidth": 1.0}  # as contours are drawn
_TRUE_BORDER: Any = {"linestyle": "--", "linewidth": 1.4}


class Decision(Record):
    """What a network decides. The test ``points`` [N, 2] have the classes ``labels`` [N], and
    ``right`` [N] says which of them it classifies right. ``plane`` [_FINE, _FINE] has its classes
    on a grid between ``corners`` (x, y, x, y). ``border`` [M, 2] is the true one, if that is known.

    Points are in the data's own numbers, and ``names`` are those of its two columns. ``classes``
    has the names of all classes, in the order of their numbers.
    """

    title: str
    names: tuple[str, ...]
    classes: tuple[str, ...]
    points: Tensor
    labels: Tensor
    right: Tensor
    plane: Tensor
    corners: tuple[float, float, float, float]
    border: Tensor | None


def has_plane(program: Program, split: Split) -> bool:
    """Whether the program's inputs are two numbers of its data, and its outputs classes."""
    description, pipeline = program.description, split.pipeline
    is_classes = description is not None and description.classes is not None
    is_array = isinstance(pipeline, ArrayPipeline)
    has_columns = is_array or (pipeline is not None and pipeline.columns == pipeline.input_names)
    return program.graph.input.sizes == (2,) and is_classes and has_columns


def decision(
    title: str,
    evaluate: Callable[[Tensor], Tensor],
    split: Split,
    border: Tensor | None = None,
    around: Tensor | None = None,
) -> Decision:
    """Find the decisions of a network, whose outputs [N, *] ``evaluate`` gives, at the samples
    that judge it in ``split``, and on the plane around them, or ``around`` other points [M, 2].

    ``border`` and ``around`` are in the data's own numbers. The accuracy is added to ``title``.
    """
    points, labels, pipeline = split.judged.inputs, split.judged.targets, split.pipeline
    assert pipeline
    assert pipeline.classes
    shown = pipeline.to_numbers(points)
    x0, y0, x1, y1 = corners = _corners(shown if around is None else around)
    x = torch.linspace(x0, x1, _FINE, dtype=torch.float64, device=shown.device)
    y = torch.linspace(y0, y1, _FINE, dtype=torch.float64, device=shown.device)
    grid = pipeline.to_inputs(torch.cartesian_prod(y, x).flip(1))
    plane = classes_of(evaluate(grid)).long().view(_FINE, _FINE)
    right = classes_of(evaluate(points)) == labels
    names = pipeline.input_names, pipeline.classes
    title = f"{title}: accuracy {right.double().mean():.3f}"
    return Decision(title, *names, shown, labels, right, plane, corners, border)


def draw_decisions(rows: Sequence[Sequence[Decision]], file: Path) -> None:
    """Draw each in a panel of its own, and on the right of a row the names of its classes.

    Raises Unusable and OSError.
    """
    across = max(map(len, rows))
    with figure(0.3 + _SIDE * across, 0.6 + 3.55 * len(rows), file) as made:
        from matplotlib.legend_handler import HandlerTuple  # figure() says so if there is none

        legends = [_Legend(row[0]) for row in rows]
        made.set_figwidth(made.get_figwidth() + max(one.width for one in legends))
        parts = made.subfigures(len(rows), squeeze=False)[:, 0]
        for part, row, legend in zip(parts, rows, legends, strict=True):
            panels = part.subplots(1, across, squeeze=False)[0]
            for axes, one in zip(panels, row, strict=False):
                _draw(axes, one)
            for axes in panels[len(row) :]:
                axes.axis("off")
            legend.draw(part)
        signs: dict[str, Any] = {
            "right": tuple(_sign(colour, marker="o") for colour in palette(2)),
            "wrong": _sign(INK, marker="x"),
            "network's border": _sign(INK, **_BORDER),
        }
        if any(one.border is not None for row in rows for one in row):
            signs["true border"] = _sign(PALE, **_TRUE_BORDER)
        columns = len(signs) if across > 1 or len(signs) < 4 else 2
        made.legend(
            [*signs.values()],
            [*signs],
            handler_map={tuple: HandlerTuple(ndivide=None)},
            loc="outside lower center",
            ncols=columns,
        )


class _Legend:
    """The names of a decision's classes, beside the signs of their points."""

    def __init__(self, one: Decision) -> None:
        self.count = len(one.classes)
        names = [beginning_of(name, _NAME, TEXT) for name in one.classes[:_NAMED]]
        more = self.count - len(names)
        self.names = [*names, f"and {more} more"] if more else names
        self.columns = math.ceil(len(names) / _ROWS)
        self.width = self.columns * (_HANDLE + max(width(name, TEXT) for name in self.names))

    def draw(self, part: SubFigure) -> None:
        looks = list(zip(palette(self.count), markers(self.count), strict=True))
        signs = [_sign(colour, marker=marker) for colour, marker in looks[:_NAMED]]
        signs += [_sign("none")] * (len(self.names) - len(signs))
        legend = part.legend(
            signs,
            [str(number) for number, _ in enumerate(signs)],
            loc="outside right upper",
            ncols=self.columns,
            handlelength=1.0,
            columnspacing=1.0,
        )
        # As labels, names that begin with an underscore would be left out.
        for text, name in zip(legend.get_texts(), self.names, strict=True):
            text.set_text(name)


def _corners(points: Tensor) -> tuple[float, float, float, float]:
    """The corners of a plane around points [N, 2]. It has a size even if all points are one."""
    low, high = points.double().amin(0), points.double().amax(0)
    scale = torch.maximum(low.abs(), high.abs())
    flat = high - low <= 1e-12 * scale
    margin = torch.where(flat, torch.where(scale > 0, 0.1 * scale, 1.0), _MARGIN * (high - low))
    (x0, y0), (x1, y1) = (low - margin).tolist(), (high + margin).tolist()
    return x0, y0, x1, y1


def _sign(colour: str, **look: Any) -> Artist:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, **({"linestyle": ""} | look), markersize=4.5)


def _draw(axes: Axes, one: Decision) -> None:
    from matplotlib.colors import ListedColormap

    x0, y0, x1, y1 = one.corners
    count = len(one.classes)
    colours = palette(count)
    extent = (x0, x1, y0, y1)
    axes.imshow(
        one.plane.tolist(),
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=count - 0.5,
        extent=extent,
        origin="lower",
        alpha=0.18 if count <= FEW else 0.35,
        interpolation="nearest",
        aspect="auto",
    )
    for label in sorted({*one.plane.flatten().tolist()})[1:]:
        inside = (one.plane == label).double().tolist()
        axes.contour(inside, levels=[0.5], extent=extent, colors=INK, linewidths=1.0)
    for label, (colour, marker) in enumerate(zip(colours, markers(count), strict=True)):
        x, y = one.points[one.right & (one.labels == label)].t().tolist()
        size = 4 if count <= FEW else 9
        axes.scatter(x, y, s=size, c=colour, marker=marker, linewidths=0, gid=f"right {label}")
    x, y = one.points[~one.right].t().tolist()
    axes.scatter(x, y, s=22, c=INK, marker="x", linewidths=1.1, gid="wrong")
    if one.border is not None:
        axes.plot(*one.border.t().tolist(), color=PALE, gid="true border", **_TRUE_BORDER)
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    across, up = x1 - x0, y1 - y0
    if max(across, up) <= _ALIKE * min(across, up):
        axes.set_aspect("equal")
    else:
        axes.set_box_aspect(1)
    # The layout measures labels from the corner of the room that the panel has: a panel in the
    # middle of its room would have labels beyond the picture.
    axes.set_anchor("SW")
    axes.set_title(end_of(one.title, _SIDE - 0.6, TITLE))
    axes.set_xlabel(end_of(one.names[0], _SIDE - 0.7, TEXT))
    axes.set_ylabel(end_of(one.names[1], _SIDE - 0.7, TEXT))
