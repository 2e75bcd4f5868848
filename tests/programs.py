"""Random networks of all layers of the catalogue, each put where it fits."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from netlang.catalogue.registry import ITEMS, items
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile

INPUTS = [5], [17], [3, 8, 8], [1, 9, 6], [4, 10], [7, 6], [2, 3, 5, 4]
JOINS = "Add", "Concat", "Mul", "Sub", "Stack", "MatMul"
MOST_NUMBERS, MOST_WEIGHTS = 700, 20_000  # of a value, and of a network: more takes long on tensors

# Calls of each layer that takes one input of numbers, by the dimensions that it has in examples.
CALLS: dict[int, dict[str, list[str]]] = {}
for item in items("layer"):
    for text, *samples in getattr(item, "examples", ()):
        if len(samples) == 1 and isinstance(samples[0], tuple):
            CALLS.setdefault(len(samples[0]), {}).setdefault(item.name, []).append(text)


@st.composite
def networks(draw: st.DrawFn) -> Graph:
    """A chain of layers, some of them two side by side, which are joined."""
    sizes, layers = draw(st.sampled_from(INPUTS)), list[str]()
    found = compiled("Identity", sizes)
    assert found
    for _ in range(draw(st.integers(1, 7))):
        rank = len(found.output.sizes)
        text, beside, join = draw(calls(rank)), draw(calls(rank)), draw(st.sampled_from(JOINS))
        beside = draw(st.sampled_from(["", "", "Identity", beside]))
        for one in fitted(text):
            if graph := compiled(" -> ".join([*layers, one]), sizes):
                layers.append(one)
                found = graph
                break
        else:
            continue
        for other in fitted(beside) if beside else ():
            if graph := compiled(" -> ".join([*layers[:-1], f"[{one}, {other}] -> {join}"]), sizes):
                layers[-1] = f"[{one}, {other}] -> {join}"
                found = graph
                break
    return found


def calls(rank: int) -> st.SearchStrategy[str]:
    """Of layers that take so many dimensions; fewer of those that take each number by itself."""
    fitting = CALLS.get(rank, {"Flatten": ["Flatten"]})
    others = [name for name in fitting if "activations" not in ITEMS[name].__module__]
    names = st.sampled_from([*fitting, *others, *others])
    return names.flatmap(lambda name: st.sampled_from(fitting[name]))


def fitted(text: str) -> list[str]:
    """The call, with one of its first arguments left to be found, or none."""
    found = [
        re.sub(r"\(\d+", "(_", text, count=1),
        re.sub(r"\((\d+), \d+", r"(\1, _", text, count=1),
        text,
    ]
    return [*dict.fromkeys(found)]


def compiled(net: str, sizes: list[int]) -> Graph | None:
    """The graph of a network that fits, and is small."""
    source = SourceFile("made.net", f"net = {net}\ninput = {sizes}\n")
    try:
        graph = compile_source(source).require().graph
    except NetError:
        return None
    is_small = max(node.shape.size for node in graph.nodes) <= MOST_NUMBERS
    return graph if is_small and graph.weights <= MOST_WEIGHTS else None
