"""All passes in order, from a source to a program or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netlang.catalogue.losses import Loss
from netlang.catalogue.settings import SETTINGS, plain_settings
from netlang.compiler.ir import Graph, Program, training_memory
from netlang.compiler.passes.analysis import Analysis, Output
from netlang.compiler.passes.bind import Binder, BoundCall
from netlang.compiler.passes.expand import expand
from netlang.compiler.passes.expectations import ExpectationChecker
from netlang.compiler.passes.imports import Unit, load
from netlang.compiler.passes.infer import infer
from netlang.compiler.passes.lint import (
    is_block_file,
    lint,
    lint_batch,
    lint_data,
    lint_graph,
    lint_metrics,
    lint_task,
)
from netlang.compiler.passes.overrides import parsed
from netlang.compiler.passes.resolve import resolve
from netlang.compiler.passes.settings import Data, SettingsResolver
from netlang.compiler.passes.state import Ends, Start
from netlang.compiler.passes.values import ItemCall, Named, Value, is_network, parts_of
from netlang.language.diagnostics import Diagnostic, DiagnosticError, Sink
from netlang.language.diagnostics.shapes import InputsDisagree
from netlang.language.diagnostics.training import TooMuchMemory
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import Override
from netlang.system.machine import available_memory
from netlang.system.record import Record


class Compilation(Record):
    """``program`` is None if there are errors, and for a file of blocks, which has no network;
    warnings may stand beside a program. ``analysis`` is there with errors or without.
    """

    source: SourceFile
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    analysis: Analysis

    @property
    def ok(self) -> bool:
        return not any(found.is_error for found in self.diagnostics)

    def require(self) -> Program:
        """The program; raises DiagnosticError with all errors if there is none."""
        if self.program is None:
            raise DiagnosticError(*self.diagnostics)
        return self.program


def compile_source(
    source: SourceFile,
    overrides: Sequence[str] = (),
    to_run: bool = False,
    blocks_ok: bool = False,
    backend: str = "auto",
) -> Compilation:
    """Check ``source`` and make it a program.

    ``overrides`` are texts such as ``optimizer.lr=1e-3``. ``to_run`` asks for all that training
    by ``backend`` needs, memory as well; ``blocks_ok`` is content with a file of blocks to import.
    """
    sink = Sink()
    try:
        units = load(source, sink)
    except DiagnosticError as too_long:
        return Compilation(source, None, (*too_long.diagnostics, *sink.diagnostics), Analysis())
    program, analysis = _program(units, parsed(overrides, source, sink), to_run, blocks_ok, sink)
    diagnostics = tuple(sink.diagnostics)
    if program and to_run and (too_much := too_large_to_train(program, backend)):
        return Compilation(source, None, (*diagnostics, too_much), analysis)
    return Compilation(source, program, diagnostics, analysis)


def _program(
    units: Sequence[Unit], overrides: Sequence[Override], to_run: bool, blocks_ok: bool, sink: Sink
) -> tuple[Program | None, Analysis]:
    """The program of the last of ``units``, or None where ``compile_source`` gives none."""
    resolved = resolve(units, overrides, sink)
    binder = Binder(sink)
    resolver = SettingsResolver(resolved, binder, sink)
    named = {name: resolver.items(name) for name, setting in SETTINGS.items() if setting.item}
    data_set, bound_loss = (next(iter(named[name]), None) for name in ("data", "loss"))
    data = resolver.data(data_set)
    loss = bound_loss.declared() if bound_loss else None
    assert loss is None or isinstance(loss, Loss)
    graph, outputs = _graph(resolver, binder, _ends(data, loss), sink)
    analysis = Analysis(resolved.scopes, outputs)
    fits = bound_loss is None or resolver.check_task(bound_loss, data)
    metrics = resolver.metrics(named["metrics"], data)
    expectations = ExpectationChecker(data, loss, metrics, sink).check(resolved.expectations)
    values = {name: resolver.value(name) for name in plain_settings()} | _declared(named)
    for value in resolved.every_value:
        _bind_all(value, binder)
    if graph:
        lint_graph(graph, bound_loss if fits else None, sink)
    if data:
        lint_data(data, sink)
        on_classes = any("accuracy" in expected.metric for expected in expectations)
        in_doubt = "metrics" not in resolved.values and not on_classes
        if graph and bound_loss and in_doubt:
            lint_task(graph, bound_loss, data, sink)
        if not sink.has_errors:
            lint_metrics(metrics or (), data, sink)
        if "batch" in resolved.values:
            lint_batch(values["batch"], resolved.values["batch"].span, data, sink)
    if blocks_ok and is_block_file(resolved):
        return None, analysis
    lint(resolved, to_run, sink)
    if graph is None or sink.has_errors:
        return None, analysis
    values |= {"data": data and data.item, "metrics": tuple(metrics or ())}
    read = [unit.file.source.fingerprint for unit in units]
    program = Program(
        source=resolved.source,
        files=(*filter(None, read), *(data.item.files if data else ())),
        imported=tuple(unit.file.source for unit in units[:-1]),
        overrides=tuple(override.text for override in overrides),
        graph=graph,
        settings={name: values[name] for name in SETTINGS if values.get(name) is not None},
        spans={name: one.span for name, one in resolved.values.items() if name in SETTINGS}
        | _overridden(named),
        description=data.description if data else None,
        expectations=expectations,
    )
    return program, analysis


def _declared(named: Mapping[str, Sequence[BoundCall | None]]) -> dict[str, Any]:
    """The values of the settings that are items of the catalogue, or lists of them."""
    declared = {n: tuple(one.declared() for one in found if one) for n, found in named.items()}
    return {n: found if SETTINGS[n].many else found[0] for n, found in declared.items() if found}


def _overridden(named: Mapping[str, Sequence[BoundCall | None]]) -> dict[str, Span]:
    """Where the command line changes an argument of a setting's item, by ``optimizer.lr``."""
    return {
        f"{name}.{argument}": bound.spans[argument]
        for name, items in named.items()
        for bound in items
        if bound
        for argument in bound.call.overrides
    }


def too_large_to_train(program: Program, backend: str = "auto") -> TooMuchMemory | None:
    """What to say of a program that takes more memory to train than this machine has."""
    needed, available = training_memory(program, backend).total, available_memory()
    if needed <= available:
        return None
    largest = max(program.graph.layers, key=lambda node: node.weights + node.shape.size)
    return TooMuchMemory(largest.origin.span, needed, available)


def _ends(data: Data | None, loss: Loss | None) -> Ends | None:
    if data is None:
        return None
    binary = data.description.classes is not None and data.description.outputs == 2
    on_logits = loss is not None and loss.expects == "logits"
    tasks = loss.tasks if loss else Loss.tasks
    return Ends(data.description, data.span, binary and not on_logits, tasks)


def _graph(
    resolver: SettingsResolver, binder: Binder, ends: Ends | None, sink: Sink
) -> tuple[Graph | None, tuple[Output, ...]]:
    network = resolver.network()
    start = resolver.start()
    if ends:
        sample = ends.description.input
        if start.span and start.shape and start.shape != sample:
            stated = str(start.shape)
            sink.report(InputsDisagree(start.span, stated, ends.span, str(sample)))
        start = Start(sample, ends.span)
    wiring = expand(network, binder, sink) if network else None
    return infer(wiring, start, ends, sink) if wiring else (None, ())


def _bind_all(root: Value, binder: Binder) -> None:
    """Check the arguments of a definition even where nothing uses it; what it names has its own."""
    left = [root]
    while left:
        value = left.pop()
        if isinstance(value, ItemCall):
            binder.bind(value)
        elif is_network(value) and not (isinstance(value, Named) and value.name):
            left += parts_of(value)
