"""A diagram as SVG: self-contained text, without scripts, links or fonts of its own."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from netlang.compiler.drawing.diagram import COLOURS, TEXT_COLOUR, Diagram
from netlang.compiler.drawing.layout import LINE, Rectangle, layout
from netlang.compiler.drawing.vertices import Point

_STYLE = """\
  .sheet { fill: #ffffff; }
  text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
  .note, .label { font-size: 10px; fill: #5b6875; }
  .outline { stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round; stroke-opacity: 0.85; }
  .title { font-size: 11px; fill: #4a5968; }
  .cluster { fill: #5b7a99; fill-opacity: 0.07; stroke: #a9b8c6; }
  .edge { fill: none; stroke: #6b7a89; stroke-width: 1.3; }
  .head { fill: #6b7a89; }"""
_COLOURS = (
    f"  text {{ fill: {TEXT_COLOUR}; }}",
    *(
        f"  .{kind} .box {{ fill: {fill}; stroke: {line}; }}"
        for kind, (fill, line) in COLOURS.items()
    ),
)
_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path class="head" d="M0,0.8 L8,4 L0,7.2 z"/></marker></defs>'
)
_BOX = 5  # the radius of a box's corners


def svg(diagram: Diagram, title: str = "") -> str:
    """``diagram`` as an SVG document. What is written in it is text, whatever it holds.

    Raises TooLarge for one that would take minutes to lay out.
    """
    arranged = layout(diagram)
    width, height = round(arranged.width), round(arranged.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title, quote=False)}</title>",
        f"<style>\n{_STYLE}",
        *_COLOURS,
        "</style>",
        _HEAD,
        f'<rect class="sheet" width="{width}" height="{height}"/>',
    ]
    lines += (_rectangle(where, "cluster", 8) for where in arranged.clusters)
    lines += (_path(points) for points in arranged.edges)
    for cluster, where in zip(diagram.clusters, arranged.clusters, strict=True):
        lines.append(_outlined(where.x + 10, where.y + 14, cluster.title, "title"))
    for box, where in zip(diagram.boxes, arranged.boxes, strict=True):
        radius = where.height / 2 if box.kind in ("input", "output") else _BOX
        middle = where.x + where.width / 2
        first = where.y + where.height / 2 + 4 - (LINE / 2 if box.note else 0)
        lines.append(f'<g class="{box.kind}">{_rectangle(where, "box", radius)}')
        lines.append(_text(middle, first, box.text, "", "middle"))
        if box.note:
            lines.append(_text(middle, first + LINE, box.note, "note", "middle"))
        lines.append("</g>")
    for index, label in sorted(diagram.labels.items()):  # beside where the box's edges begin
        where = arranged.boxes[index]
        x, y = where.x + where.width / 2 + 6, where.y + where.height + 13
        lines.append(_outlined(x, y, label, "label"))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _rectangle(where: Rectangle, kind: str, radius: float) -> str:
    x, y, width, height = (_number(getattr(where, name)) for name in where.fields)
    return (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"'
        f' rx="{_number(radius)}"/>'
    )


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    shown_as = f' class="{kind}"' if kind else ""
    position = f'x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}"'
    return f"<text{shown_as} {position}>{escape(text, quote=False)}</text>"


def _outlined(x: float, y: float, text: str, kind: str) -> str:
    """Text with the background's colour around it, where a line may run below it."""
    outline = _text(x, y, text, f"{kind} outline", "start")
    return outline.replace("<text", '<text aria-hidden="true"') + _text(x, y, text, kind, "start")


def _path(points: tuple[Point, ...]) -> str:
    """A line through ``points`` that leaves and meets each of them straight from above."""
    (x, y), *_ = points
    parts = [f"M{_number(x)},{_number(y)}"]
    for (x1, y1), (x2, y2) in pairwise(points):
        if abs(x1 - x2) < 0.1:
            parts.append(f"L{_number(x2)},{_number(y2)}")
        else:
            half = _number((y1 + y2) / 2)
            parts.append(f"C{_number(x1)},{half} {_number(x2)},{half} {_number(x2)},{_number(y2)}")
    return f'<path class="edge" marker-end="url(#head)" d="{" ".join(parts)}"/>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
