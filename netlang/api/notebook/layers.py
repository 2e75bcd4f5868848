"""A network as a table of its layers, and as a picture of its graph."""

from __future__ import annotations

from netlang.api.notebook.markup import Html, picture, table, tag
from netlang.compiler.drawing import TooLarge, diagram_of, svg
from netlang.compiler.ir import Graph, Program
from netlang.runs.lines.network_table import network_columns
from netlang.system.terminal import visible

_FEW = ("layer", "output", "weights")


def layers_html(program: Program, costs: bool = False) -> Html:
    """A row for each layer, or in a large network for each block; with ``costs``, as
    ``netlang summary`` has it.
    """
    columns = network_columns(program)
    if not costs:
        columns["layer"] = ["input", *columns["layer"][1:-1], "total"]
        columns = {name: columns[name] for name in _FEW}
    names = [*columns]
    *rows, sums = zip(*(map(_whole, column) for column in columns.values()), strict=True)
    made = table(names, rows, range(names.index("weights"), len(names)), sums)
    return tag("div", made, class_="wide")


def graph_html(graph: Graph, title: str = "", expand: bool = False) -> Html:
    """The picture of a graph; of one that is too large, a line that says so."""
    try:
        drawn = svg(diagram_of(graph, expand), visible(title))
    except TooLarge as reason:
        return tag("p", f"too large to draw: {reason}", class_="pale")
    said = f"the graph of {visible(title)}".removesuffix(" of ")
    return tag("div", picture(drawn, said, "graph"), class_="scroll")


def _whole(cell: str) -> str:
    """A cell whose indent is shown, and in which no line ends."""
    return cell.replace(" ", "\N{NO-BREAK SPACE}")
