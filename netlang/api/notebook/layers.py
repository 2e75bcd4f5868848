"""A network as a table of its layers, and as a picture of its graph."""

from __future__ import annotations

from netlang.api.notebook.markup import Html, joined, picture, table, tag
from netlang.compiler.drawing import TooLarge, diagram_of, svg
from netlang.compiler.ir import Graph, Part, Row, outline
from netlang.system.terminal import visible

_ROWS = 40  # of layers; a network that has more is shown by its blocks
_INDENT = "\N{NO-BREAK SPACE}" * 3


def layers_html(graph: Graph) -> Html:
    """A row for each layer, or in a large network for each block, and the sum of their weights."""
    rows = [Row(0, Part("", (number,))) for number in range(1, len(graph.nodes))]
    if len(rows) > _ROWS:
        rows = outline(graph, _ROWS)
    cells: list[tuple[str, str, str]] = [
        (_call(row, graph), _output(row, graph), _weights(row, graph)) for row in rows
    ]
    cells.insert(0, ("input", str(graph.input), ""))
    frozen = f", {graph.frozen_weights:,} frozen" if graph.frozen_weights else ""
    sums = (f"{len(graph.layers):,} layers{frozen}", "", f"{graph.weights:,}")
    return table(("layer", "output", "weights"), cells, numbers={2}, sums=sums)


def graph_html(graph: Graph, title: str = "", expand: bool = False) -> Html:
    """The picture of a graph; of one that is too large, a line that says so."""
    try:
        drawn = svg(diagram_of(graph, expand), visible(title))
    except TooLarge as reason:
        return tag("p", f"too large to draw: {reason}", class_="pale")
    return picture(drawn, f"the graph of {visible(title)}".removesuffix(" of "), "graph")


def _call(row: Row, graph: Graph) -> Html:
    part = row.part
    written = part.title if part.parts else graph.nodes[part.numbers[0]].call
    times = f" × {part.copies:,}" if part.copies > 1 else ""
    return joined(_INDENT * row.depth, visible(written).strip(), tag("b", times) if times else "")


def _output(row: Row, graph: Graph) -> str:
    return str(graph.nodes[row.part.numbers[-1]].shape)


def _weights(row: Row, graph: Graph) -> str:
    nodes = [graph.nodes[number] for number in row.part.numbers]
    if len(nodes) == 1 and nodes[0].shares and nodes[0].layer.size:
        return f"as {graph.nodes[nodes[0].shares].name}"
    weights = sum(node.own_weights for node in nodes)
    are_frozen = all(node.frozen for node in nodes if node.own_weights)
    return f"{'frozen ' if are_frozen else ''}{weights:,}" if weights else ""
