"""All passes in order, from a source to a program or to what is wrong with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.losses import Loss
from netlang.catalogue.settings import SETTINGS, item_settings, plain_settings
from netlang.compiler.ir import Expectation, Graph, Program, training_memory
from netlang.compiler.passes.analysis import Analysis, Output
from netlang.compiler.passes.bind import Binder, Bound
from netlang.compiler.passes.expand import expand
from netlang.compiler.passes.expectations import ExpectationChecker
from netlang.compiler.passes.imports import Unit, load
from netlang.compiler.passes.infer import infer
from netlang.compiler.passes.lint import (
    is_library,
    lint,
    lint_batch,
    lint_data,
    lint_graph,
    lint_metrics,
    lint_task,
)
from netlang.compiler.passes.overrides import parsed
from netlang.compiler.passes.resolve import Resolved, resolve
from netlang.compiler.passes.settings import Data, SettingsResolver
from netlang.compiler.passes.state import Ends, Start
from netlang.compiler.passes.values import ItemCall, Named, Value, is_network, parts_of
from netlang.language.diagnostics import Diagnostic, DiagnosticError, Sink
from netlang.language.diagnostics.settings import TooMuchMemory
from netlang.language.diagnostics.shapes import InputsDisagree
from netlang.language.origin import Read
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.ast import Override
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
    library: bool = False,
    backend: str = "auto",
) -> Compilation:
    """Check ``source`` and make it a program.

    ``overrides`` are texts such as ``optimizer.lr=1e-3``. ``to_run`` asks for all that training
    needs; ``library`` is content with a file of blocks to import.
    The memory that training takes is estimated for ``backend``.
    """
    sink = Sink()
    try:
        units = load(source, sink)
    except DiagnosticError as too_long:
        return Compilation(source, None, (*too_long.diagnostics, *sink.diagnostics), Analysis())
    program, analysis = _program(units, parsed(overrides, source, sink), to_run, library, sink)
    diagnostics = tuple(sink.diagnostics)
    if program and (too_much := _memory(program, backend)):
        return Compilation(source, None, (*diagnostics, too_much), analysis)
    return Compilation(source, program, diagnostics, analysis)


def _program(
    units: Sequence[Unit], overrides: Sequence[Override], to_run: bool, library: bool, sink: Sink
) -> tuple[Program | None, Analysis]:
    """The program of the last of ``units``, or None where ``compile_source`` gives none."""
    resolved = resolve(units, overrides, sink)
    binder = Binder(sink)
    resolver = SettingsResolver(resolved, binder, sink)
    chosen = {name: resolver.item(name) for name in item_settings()}
    data, loss = resolver.data(chosen["data"]), chosen["loss"]
    declared = _loss(loss) if loss else None
    graph, outputs = _graph(resolver, binder, _ends(data, declared), sink)
    analysis = Analysis(resolved.scopes, outputs)
    fits = loss is None or resolver.check_task(loss, data)
    if graph:
        lint_graph(graph, loss if fits else None, sink)
    metrics = resolver.metrics(data)
    checker = ExpectationChecker(data, declared, metrics, sink)
    expectations = checker.check(resolved.expectations)
    values: dict[str, Any] = {name: resolver.value(name) for name in plain_settings()}
    for value in resolved.all:
        _bind_all(value, binder)
    if data:
        lint_data(data, sink)
        in_doubt = "metrics" not in resolved.values and not _names_accuracy(expectations)
        if graph and loss and in_doubt:
            lint_task(graph, loss, data, sink)
        if not sink.has_errors:
            lint_metrics(metrics or (), data, sink)
    if "batch" in resolved.values:
        lint_batch(values["batch"], resolved.values["batch"].span, data, sink)
    if library and is_library(resolved):
        return None, analysis
    lint(resolved, to_run, sink)
    if graph is None or sink.has_errors:
        return None, analysis
    values |= {name: one.declared() for name, one in chosen.items() if one}
    values |= {"data": data and data.item, "metrics": metrics or ()}
    program = Program(
        source=resolved.source,
        files=_files(units, data),
        imported=tuple(unit.file.source for unit in units[:-1]),
        overrides=tuple(override.text for override in overrides),
        graph=graph,
        settings={name: values[name] for name in SETTINGS if values.get(name) is not None},
        spans=_spans(resolved),
        description=data.description if data else None,
        expectations=expectations,
    )
    return program, analysis


def _names_accuracy(expectations: Iterable[Expectation]) -> bool:
    """Whether the file says itself that it is about classes."""
    return any("accuracy" in expected.metric for expected in expectations)


def _spans(resolved: Resolved) -> dict[str, Span]:
    """Where the file sets its settings."""
    return {name: one.span for name, one in resolved.values.items() if name in SETTINGS}


def _files(units: Sequence[Unit], data: Data | None) -> tuple[Read, ...]:
    """All that was read."""
    sources = [unit.file.source.read for unit in units]
    return (*filter(None, sources), *(data.item.files if data else ()))


def _memory(program: Program, backend: str) -> Diagnostic | None:
    """Report what takes more memory to train than this machine has."""
    if not hasattr(os, "sysconf"):  # Windows does not say
        return None
    available = min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), _allowance())
    needed = training_memory(program, backend).total
    if needed <= available:
        return None
    largest = max(program.graph.layers, key=lambda node: node.weights + node.shape.size)
    return TooMuchMemory(largest.origin.span, needed, available)


def _ends(data: Data | None, loss: Loss | None) -> Ends | None:
    if data is None:
        return None
    binary = data.description.classes is not None and data.description.outputs == 2
    on_logits = loss is not None and loss.takes == "logits"
    tasks = loss.tasks if loss else Loss.tasks
    return Ends(data.description, data.span, binary and not on_logits, tasks)


def _allowance() -> int:
    """The bytes that this process's control group may use, if there is a limit."""
    try:
        return int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return sys.maxsize


def _graph(
    resolver: SettingsResolver, binder: Binder, ends: Ends | None, sink: Sink
) -> tuple[Graph | None, tuple[Output, ...]]:
    network = resolver.network()
    start = _start(resolver)
    if ends:
        sample = ends.description.input
        if start.span and start.shape and start.shape != sample:
            stated = str(start.shape)
            sink.report(InputsDisagree(start.span, stated, ends.span, str(sample)))
        start = Start(sample, ends.span)
    wiring = expand(network, binder, sink) if network else None
    return infer(wiring, start, ends, sink) if wiring else (None, ())


def _start(resolver: SettingsResolver) -> Start:
    """What the file says of the network's input, data that can be used apart."""
    missing = [name for name in ("input", "data") if name not in resolver.values]
    found = ((name, *resolver.misspelt(name)) for name in missing)
    misspelt = next(((name, span, sure) for name, span, sure in found if span), None)
    doubts = {"data"} - {*missing}
    if "input" in missing:
        return Start(None, None, frozenset(doubts), misspelt)
    stated = resolver.value("input")
    shape = Shape(stated) if isinstance(stated, tuple) else None  # type: ignore[arg-type]
    doubts |= set() if shape else {"input"}
    return Start(shape, resolver.values["input"].span, frozenset(doubts), misspelt)


def _bind_all(root: Value, binder: Binder) -> None:
    """Check the arguments of a definition even where nothing uses it; what it names has its own."""
    left = [root]
    while left:
        value = left.pop()
        if isinstance(value, ItemCall):
            binder.bind(value)
        elif is_network(value) and not isinstance(value, Named):
            left += parts_of(value)


def _loss(chosen: Bound) -> Loss:
    loss = chosen.declared()
    assert isinstance(loss, Loss)
    return loss
