"""The objects of netlang as a cell shows them, each a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netlang.api.notebook.curves import curves_html
from netlang.api.notebook.figures import number
from netlang.api.notebook.highlighting import source_html
from netlang.api.notebook.layers import graph_html, layers_html
from netlang.api.notebook.markup import Html, folded, joined, page, table, tag
from netlang.api.notebook.messages import messages_html
from netlang.api.notebook.view import metrics_html, outcomes_html
from netlang.compiler.ir import Graph, Program
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.runs.training.events import Finished
from netlang.system.terminal import visible

_ROWS = 10  # epochs of a history that are shown

Epoch = Mapping[str, Any]  # what a history has of an epoch


def model_html(
    name: str,
    text: str,
    graph: Graph | None,
    epochs: Sequence[Epoch] = (),
    result: Finished | None = None,
    is_trained: bool = False,
) -> Html:
    """A model: how good it is, if it is trained, its text, its layers and its graph."""
    weights = f"  {graph.weights:,} weights" if graph else ""
    state = f"{weights}, {'trained' if is_trained else 'not trained'}".strip(", ")
    parts = [
        tag("p", tag("b", visible(name)), "  ", tag("span", state, class_="pale"), class_="line")
    ]
    parts += [curves_html(epochs, best=result.epoch if result else 0)] if epochs else []
    parts += [metrics_html(result.metrics), outcomes_html(result.outcomes)] if result else []
    parts.append(folded("text", source_html(text)) if is_trained else source_html(text))
    if graph:
        parts.append(folded("layers", layers_html(graph), is_open=not is_trained))
        parts.append(folded("graph", graph_html(graph, name)))
    return page(*parts)


def network_html(name: str, graph: Graph) -> Html:
    """A network by itself, as a part of a page: its layers, and its graph."""
    weights = tag("span", f"{graph.weights:,} weights", class_="pale")
    head = tag("p", tag("b", visible(name)), "  ", weights, class_="line")
    return joined(head, layers_html(graph), folded("graph", graph_html(graph, name), is_open=True))


def program_html(program: Program) -> Html:
    return model_html(program.source.name, program.source.text, program.graph)


def diagnostics_html(diagnostics: Iterable[Diagnostic]) -> Html:
    found = [*diagnostics]
    return page(messages_html(found) if found else tag("p", "nothing to tell", class_="pale"))


def error_html(error: NetError) -> Html:
    return diagnostics_html(error.diagnostics)


def history_html(epochs: Sequence[Epoch]) -> Html:
    """Curves, and a table of the last epochs."""
    if not epochs:
        return page(tag("p", "no epoch is done", class_="pale"))
    head = [*epochs[0]]
    rows = [[_cell(epoch.get(name)) for name in head] for epoch in epochs[-_ROWS:]]
    earlier = len(epochs) - len(rows)
    above = [tag("p", f"{earlier} earlier epochs, and:", class_="pale")] if earlier else []
    return page(curves_html(epochs), *above, table(head, rows, numbers=range(len(head))))


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)
