"""All passes in order, from a source to a program or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.diagnostics import Diagnostic, DiagnosticError, Sink
from netlang.diagnostics.shapes import InputsDisagree
from netlang.ir import Graph, Optimization, Program
from netlang.losses import Loss
from netlang.optim import Optimizer
from netlang.passes.bind import Binder
from netlang.passes.infer import Ends, flatten, infer
from netlang.passes.lint import lint, lint_output
from netlang.passes.meaning import Meaning, Network, Use
from netlang.passes.resolve import resolve
from netlang.passes.settle import Chosen, Data, Settler
from netlang.record import Record
from netlang.shapes import Shape
from netlang.source import SourceFile
from netlang.syntax import parse, parse_override
from netlang.syntax.ast import Override


class Compilation(Record):
    """``program`` is None if there are errors; warnings may stand beside a program."""

    source: SourceFile
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return self.program is not None

    def require(self) -> Program:
        """The program; raises DiagnosticError with all errors if there is none."""
        if self.program is None:
            raise DiagnosticError(*self.diagnostics)
        return self.program


def compile_source(
    source: SourceFile, overrides: Sequence[str] = (), to_run: bool = False
) -> Compilation:
    """Check ``source`` and make it a program.

    ``overrides`` are texts such as ``optimizer.lr=1e-3``. ``to_run`` asks for all that training
    needs.
    """
    sink = Sink()
    file = parse(source, sink)
    resolved = resolve(file, _parsed(overrides, source, sink), sink)
    binder = Binder(sink)
    settler = Settler(resolved, binder, sink)
    data = settler.data()
    graph = _graph(settler, binder, data, sink)
    loss, optimizer = settler.item("loss"), settler.item("optimizer")
    if loss and settler.check_task(loss, data) and graph:
        lint_output(graph, loss, sink)
    metrics = settler.metrics(data)
    expectations = settler.expectations(resolved.expectations, metrics)
    values = {name: settler.value(name) for name in ("epochs", "batch", "seed")}
    for meaning in resolved.meanings.values():
        _bind_all(meaning, binder)
    lint(resolved, to_run, sink)
    diagnostics = tuple(sink.diagnostics)
    if graph is None or sink.has_errors:
        return Compilation(source, None, diagnostics)
    program = Program(
        source=source,
        graph=graph,
        data=data.item if data else None,
        description=data.description if data else None,
        loss=_loss(loss) if loss else None,
        optimizer=_optimization(optimizer) if optimizer else None,
        metrics=metrics or (),
        epochs=_int(values["epochs"]),
        batch=_int(values["batch"]),
        seed=_int(values["seed"]),
        expectations=expectations,
    )
    return Compilation(source, program, diagnostics)


def _graph(settler: Settler, binder: Binder, data: Data | None, sink: Sink) -> Graph | None:
    network = settler.network()
    stated = settler.value("input")
    given = Shape(stated) if isinstance(stated, tuple) else None  # type: ignore[arg-type]
    if data:
        sample = data.description.input
        if given and given != sample:
            span = settler.meanings["input"].span
            sink.report(InputsDisagree(span, str(given), data.span, str(sample)))
        given = sample
    places = flatten(network, binder, sink) if network else None
    if not places:
        return None
    return infer(places, given, Ends(data.description, data.span) if data else None, sink)


def _bind_all(meaning: Meaning, binder: Binder) -> None:
    """A definition's own arguments are checked even where nothing uses it yet."""
    uses = [link.meaning for link in meaning.links] if isinstance(meaning, Network) else [meaning]
    for use in uses:
        if isinstance(use, Use):
            binder.bind(use)


def _parsed(overrides: Sequence[str], source: SourceFile, sink: Sink) -> list[Override]:
    """The overrides; a path in one is relative to the folder of the file, as if written in it."""
    parsed = []
    for text in overrides:
        try:
            parsed.append(parse_override(SourceFile("--set", text, source.path)))
        except DiagnosticError as error:
            sink.extend(error.diagnostics)
    return parsed


def _loss(chosen: Chosen) -> Loss:
    loss = chosen.bound.item.declared(chosen.bound.values)
    assert isinstance(loss, Loss)
    return loss


def _optimization(chosen: Chosen) -> Optimization:
    item = chosen.bound.item
    assert issubclass(item, Optimizer)
    return Optimization(item, item.declared(chosen.bound.values).values, chosen.span)


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
