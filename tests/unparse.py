"""A graph as source again, with blocks written out, holes filled, and every join wired by taps; and
what two equal graphs have in common.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from netlang.catalogue.arguments import as_source
from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.layers.joins import SideBySide
from netlang.compiler.ir import Graph, Node
from netlang.language.shapes import Unknown


def unparse(graph: Graph) -> str:
    """A text that compiles to an equal graph: ``input``, shared layers, and ``net``; and a loss for
    each of several outputs.
    """
    lines = [*_shared(graph), *_network(graph), f"input = {_sizes(graph)}"]
    end = graph.nodes[graph.result]
    if isinstance(end.layer, SideBySide):
        lines.append(f"loss = [{', '.join(['MSE'] * len(end.inputs))}]")
    return "\n".join(lines) + "\n"


def structure(graph: Graph) -> tuple[object, ...]:
    """What it computes, and nothing of where it is written: equal for equal graphs."""
    nodes = (
        (node.layer.name, _values(node), node.inputs, _shape(node), node.shares)
        for node in graph.nodes
    )
    return (graph.result, *nodes)


def _shape(node: Node) -> tuple[object, ...]:
    vocabulary = node.shape.vocabulary  # unknown where tokens and numbers are side by side
    known = str(vocabulary) if isinstance(vocabulary, Unknown) else vocabulary
    return node.shape.sizes, known, node.shape.padded


def _values(node: Node) -> dict[str, object]:
    """The values of its layer's arguments, without the name of what it is tied to."""
    return {name: value for name, value in node.layer.values.items() if name != "tied"}


def _sizes(graph: Graph) -> str:
    return f"[{', '.join(map(str, graph.input.sizes))}]"


def _shared(graph: Graph) -> Iterator[str]:
    for number in sorted({node.shares for node in graph.nodes if node.shares}):
        yield f"shared s{number} = {graph.nodes[number].call}"


def _network(graph: Graph) -> Iterator[str]:
    shared = {node.shares for node in graph.nodes}
    tapped = _tapped(graph)
    yield "net = Identity as t0" if 0 in tapped else "net = Identity"
    for number, node in enumerate(graph.layers, 1):
        owner = node.shares or (number if number in shared else 0)
        layer = f"s{owner}" if owner else node.call
        if node.shares and node.layer.values.get("tied"):  # a layer of its own, of that weight
            layer = re.sub(r"\btied=\w+", f"tied=s{node.shares}", node.call)
        tap = f" as t{number}" if number in tapped else ""
        before = _fan_in(node.inputs, number - 1)
        if isinstance(node.layer, RowPart):  # nothing stands before it
            yield f"   -> [{_whole_call(node.layer)}{tap}]"
        elif isinstance(node.layer, SideBySide):  # which no file names
            yield f"   -> {before.removesuffix(' -> ')}"
        else:
            yield f"   -> {before}{layer}{tap}"
    if graph.result != len(graph.layers):
        yield f"   -> [t{graph.result}]"


def _whole_call(layer: RowPart) -> str:
    """With the values that netlang finds, which a call is shown without."""
    given = {name: value for name, value in layer.values.items() if value is not None}
    return f"Input({', '.join(f'{name}={as_source(value)}' for name, value in given.items())})"


def _tapped(graph: Graph) -> set[int]:
    """The nodes that are used by others than the next one alone."""
    used = Counter(number for node in graph.nodes for number in node.inputs)
    used[graph.result] += 1
    by_next = {
        number - 1 for number, node in enumerate(graph.layers, 1) if number - 1 in node.inputs
    }
    by_next.add(len(graph.layers))  # the last one needs no tap to be the result
    return {number for number, count in used.items() if count > 1 or number not in by_next}


def _fan_in(inputs: tuple[int, ...], before: int) -> str:
    """What brings ``inputs`` to a layer that stands behind node ``before``."""
    if inputs == (before,):
        return ""
    branches = ("Identity" if number == before else f"t{number}" for number in inputs)
    return f"[{', '.join(branches)}] -> "
