"""Decisions: what a network with two inputs says where, and which test points it gets right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.lazy import torch
from netlang.plots.style import COLOURS, INK, PALE, figure, fitted
from netlang.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from torch import Tensor

_FINE = 400  # points along each side of the plane
_MARGIN = 0.04  # of the plane around the points


class Decision(Record):
    """Shapes: points [N, 2]; right [N], whether the network says a point's class; plane
    [fine, fine], the class that it says on a grid between ``corners`` (x, y, x, y); border [M, 2],
    the true one where that is known.
    """

    title: str
    points: Tensor
    labels: Tensor
    right: Tensor
    plane: Tensor
    corners: tuple[float, float, float, float]
    border: Tensor | None


def decision(
    title: str,
    evaluate: Callable[[Tensor], Tensor],
    points: Tensor,
    labels: Tensor,
    border: Tensor | None = None,
    around: Tensor | None = None,
) -> Decision:
    """What ``evaluate``, which gives a network's outputs [N, *], decides at ``points`` [N, 2] with
    the classes ``labels`` [N], and on the plane around them, or ``around`` others [M, 2].
    """
    seen = points if around is None else around
    low, high = seen.amin(0), seen.amax(0)
    margin = _MARGIN * (high - low)
    (x0, y0), (x1, y1) = (low - margin).tolist(), (high + margin).tolist()
    x = torch.linspace(x0, x1, _FINE, dtype=points.dtype)
    y = torch.linspace(y0, y1, _FINE, dtype=points.dtype)
    grid = torch.cartesian_prod(y, x).flip(1).contiguous()
    plane = _classes(evaluate(grid)).view(_FINE, _FINE)
    right = _classes(evaluate(points)) == labels
    return Decision(title, points, labels, right, plane, (x0, y0, x1, y1), border)


def draw_decisions(rows: Sequence[Sequence[Decision]], file: Path) -> None:
    """Each in a panel of its own.  Raises ImportError and OSError."""
    from matplotlib.collections import PathCollection

    height, width = len(rows), max(map(len, rows))
    with figure(0.4 + 3.4 * width, 0.6 + 3.7 * height, file) as made:
        panels = made.subplots(height, width, squeeze=False)
        for axes in panels.flat:
            axes.axis("off")
        for row, decisions in zip(panels, rows, strict=True):
            for axes, one in zip(row, decisions, strict=False):
                _draw(axes, one)
        lines, names = panels[0, 0].get_legend_handles_labels()
        legend = made.legend(lines, names, loc="outside lower center", ncols=2 * width)
        for handle, name in zip(legend.legend_handles, names, strict=True):
            if name == "right" and isinstance(handle, PathCollection):  # in whatever colour
                handle.set_color(INK)


def _classes(outputs: Tensor) -> Tensor:
    """The class that each output [N, *] says; a lone output says the second above one half."""
    outputs = outputs.detach()
    return (outputs[..., 0] > 0.5).long() if outputs.shape[-1] == 1 else outputs.argmax(-1)


def _draw(axes: Axes, one: Decision) -> None:
    from matplotlib.colors import ListedColormap

    x0, y0, x1, y1 = one.corners
    count = max(int(one.plane.max()), int(one.labels.max())) + 1
    colours = [COLOURS[(place + 1) % len(COLOURS)] for place in range(count)]
    extent = (x0, x1, y0, y1)
    axes.imshow(
        one.plane.tolist(),
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=count - 0.5,
        extent=extent,
        origin="lower",
        alpha=0.18,
        interpolation="nearest",
        aspect="auto",
    )
    for label in range(count - 1):
        inside = (one.plane == label).double().tolist()
        axes.contour(inside, levels=[0.5], extent=extent, colors=INK, linewidths=1.0)
    x, y = one.points[one.right].t().tolist()
    colour = [colours[label] for label in one.labels[one.right].tolist()]
    axes.scatter(x, y, s=4, c=colour, linewidths=0, label="right")
    x, y = one.points[~one.right].t().tolist()
    axes.scatter(x, y, s=22, c=INK, marker="x", linewidths=1.1, label="wrong")
    axes.plot([], [], color=INK, linewidth=1.0, label="network's border")
    if one.border is not None:
        axes.plot(
            *one.border.t().tolist(), color=PALE, linewidth=1.4, linestyle="--", label="true border"
        )
    axes.set_xlim(x0, x1)
    axes.set_ylim(y0, y1)
    axes.set_aspect("equal")
    axes.set_title(fitted(one.title))
