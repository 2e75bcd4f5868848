"""The objects of netlang as a cell shows them, each a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from netlang.api.notebook.curves import curves_html
from netlang.api.notebook.highlighting import source_html
from netlang.api.notebook.layers import graph_html, layers_html
from netlang.api.notebook.markup import Html, folded, joined, line, page, table, tag
from netlang.api.notebook.messages import messages_html
from netlang.api.notebook.view import metrics_html, outcomes_html
from netlang.compiler.ir import Program
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.source import SourceFile
from netlang.runs.lines.display import number
from netlang.runs.lines.summary import about_training
from netlang.runs.training.events import Finished
from netlang.system.terminal import visible

_ROWS = 10  # epochs of a history that are shown

Epoch = Mapping[str, Any]  # what a history has of an epoch


def model_html(
    source: SourceFile,
    program: Program | None,
    epochs: Sequence[Epoch] = (),
    result: Finished | None = None,
    is_trained: bool = False,
) -> str:
    """A model: how good it is, if it is trained, its text, its layers and its graph.

    There is no program while sizes are open that only data tell.
    """
    weights = f"{program.graph.weights:,} weights, " if program else ""
    parts = [_head(source.name, f"{weights}{'trained' if is_trained else 'not trained'}")]
    parts += [curves_html(epochs, best=result.epoch if result else 0)] if epochs else []
    parts += [metrics_html(result.metrics), outcomes_html(result.outcomes)] if result else []
    parts.append(folded("text", source_html(source.text), is_open=not is_trained))
    if program:
        parts.append(folded("layers", layers_html(program), is_open=not is_trained))
        parts.append(folded("graph", graph_html(program.graph, source.name)))
    return page(*parts)


def network_html(program: Program) -> Html:
    """A network by itself, as a part of a page: its layers, and its graph."""
    name, graph = program.source.name, program.graph
    drawn = folded("graph", graph_html(graph, name), is_open=True)
    return joined(_head(name, f"{graph.weights:,} weights"), layers_html(program), drawn)


def program_html(program: Program) -> str:
    return model_html(program.source, program)


def summary_html(program: Program) -> str:
    """The layers and what they cost, the memory to train them, and what the data become."""
    rest = tag("pre", "\n".join(about_training(program)))
    return page(layers_html(program, costs=True), rest)


def drawing_html(program: Program, expand: bool = False) -> str:
    return page(graph_html(program.graph, program.source.name, expand))


def diagnostics_html(diagnostics: Iterable[Diagnostic]) -> str:
    found = [*diagnostics]
    return page(messages_html(found) if found else tag("p", "nothing to tell", class_="pale"))


def error_html(error: NetError) -> str:
    return diagnostics_html(error.diagnostics)


def history_html(epochs: Sequence[Epoch]) -> str:
    """Curves, and a table of the last epochs."""
    if not epochs:
        return page(tag("p", "no epoch is done", class_="pale"))
    head = [*epochs[0]]
    rows = [[_cell(epoch.get(name)) for name in head] for epoch in epochs[-_ROWS:]]
    earlier = len(epochs) - len(rows)
    above = [tag("p", f"{earlier} earlier epochs, and:", class_="pale")] if earlier else []
    return page(curves_html(epochs), *above, table(head, rows, numbers=range(len(head))))


def _head(name: str, about: str) -> Html:
    return line(tag("b", visible(name)), tag("span", about, class_="pale"))


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)
