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
from netlang.runs.lines.progress import latest
from netlang.runs.lines.summary import about_training
from netlang.runs.training.events import Finished, Outcome
from netlang.system.terminal import visible

_ROWS = 10  # epochs of a history that are shown

Epoch = Mapping[str, Any]  # what a history has of an epoch


def model_html(
    source: SourceFile,
    program: Program | None,
    metrics: Mapping[str, float] | None = None,
    epochs: Sequence[Epoch] = (),
    outcomes: Iterable[Outcome] = (),
) -> str:
    """A model: how good it is, if it is trained, its text, its layers and its graph.

    There are no ``metrics`` of one that is not trained, and no program while sizes are open that
    only data tell.
    """
    about = [f"{program.graph.weights:,} weights"] if program else []
    is_trained = metrics is not None
    about += ["trained", *latest(metrics)] if metrics is not None else ["not trained"]
    parts = [_head(source.name, *about)]
    if metrics is not None:
        shown = (curves_html(epochs), metrics_html(metrics), outcomes_html(outcomes))
        parts.append(folded("training", *shown))
    parts.append(folded("text", source_html(source.text), is_open=not is_trained))
    if program:
        parts.append(folded("layers", layers_html(program), is_open=not is_trained))
        parts.append(folded("graph", graph_html(program.graph, source.name)))
    return page(*parts)


def result_html(result: Finished) -> str:
    """What came of a training."""
    return page(metrics_html(result.metrics), outcomes_html(result.outcomes))


def measures_html(measures: Mapping[str, float]) -> str:
    """Metrics by name, without the part of the data that they are of."""
    rows = [(name, number(value)) for name, value in measures.items()]
    return page(table(("metric", "value"), rows, numbers={1}))


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
    earlier = len(epochs) - _ROWS
    above = [tag("p", f"the last {_ROWS} epochs:", class_="pale")] if earlier > 0 else []
    return page(curves_html(epochs), *above, _rows(epochs[-_ROWS:]))


def rows_html(rows: Sequence[Mapping[str, object]]) -> str:
    """A table with a column for each name that a row has."""
    return page(_rows(rows) if rows else tag("p", "nothing", class_="pale"))


def _rows(rows: Sequence[Mapping[str, object]]) -> Html:
    head = [*dict.fromkeys(name for row in rows for name in row)]
    cells = [[_cell(row.get(name)) for name in head] for row in rows]
    numbers = [i for i, name in enumerate(head) if isinstance(rows[0].get(name), int | float)]
    return tag("div", table(head, cells, numbers), class_="wide")


def _head(name: str, *about: str) -> Html:
    return line(tag("b", visible(name)), *(tag("span", one, class_="pale") for one in about))


def _cell(value: object) -> str:
    return number(value) if isinstance(value, float) else "" if value is None else str(value)
