"""All passes in order, from a source to a program or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netlang.catalogue.data import DataSet, Description
from netlang.catalogue.own import plugins_of
from netlang.catalogue.settings import SETTINGS, plain_settings
from netlang.compiler.ir import Beginning, Graph, Program
from netlang.compiler.passes.analysis import Analysis
from netlang.compiler.passes.bind import Binder
from netlang.compiler.passes.expand import expand
from netlang.compiler.passes.freeze import freeze
from netlang.compiler.passes.infer import infer
from netlang.compiler.passes.lint import lint_beginning, lint_program
from netlang.compiler.passes.losses import check_losses, keep_targets
from netlang.compiler.passes.members import of_members
from netlang.compiler.passes.outputs import output_parts, summed, takes_any_numbers
from netlang.compiler.passes.pad import pad
from netlang.compiler.passes.parts import label
from netlang.compiler.passes.place import place
from netlang.compiler.passes.resolve import Unit, load, parse_overrides, resolve
from netlang.compiler.passes.settings import (
    Data,
    ExpectationChecker,
    SettingsReader,
    beginning_of,
    check_augment,
    check_optimizers,
    check_schedules,
    check_stop,
    data_of,
    fitting_losses,
    frozen_parts,
    lint_schedules,
    losses_of,
    may_have_several_losses,
    members_of,
    metrics_of,
    named_parts,
    network_of,
    never_stops,
    report_missing,
    stated_input,
)
from netlang.compiler.passes.sizes import lint_sizes
from netlang.compiler.passes.steps import lint_steps
from netlang.compiler.passes.tunables import parse_tunings, tunables_of
from netlang.compiler.passes.unused import lint_names
from netlang.compiler.passes.values import Poison
from netlang.language.diagnostics import Diagnostic, NetError, Sink
from netlang.language.diagnostics.wording import type_of
from netlang.language.source import SourceFile
from netlang.language.syntax.ast import Override, Tuning
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


class Compilation(Record):
    """``program`` is None if there are errors, and for a file of blocks, which has no network;
    warnings may stand beside a program. ``analysis`` is there with errors or without.
    """

    source: SourceFile
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    analysis: Analysis
    expanded: int = 0  # expressions that were evaluated in the bodies of blocks

    @property
    def ok(self) -> bool:
        return not any(found.is_error for found in self.diagnostics)

    def require(self) -> Program:
        """The program; raises NetError with all errors if there is none."""
        if self.program is None:
            raise NetError(*self.diagnostics)
        return self.program


def compile_source(
    source: SourceFile,
    overrides: Sequence[str] = (),
    to_run: bool = False,
    blocks_ok: bool = False,
    described: Description | None = None,
    is_begun: bool = False,
    given: DataSet | None = None,
    tunings: Sequence[str] = (),
) -> Compilation:
    """Check ``source`` and make it a program.

    ``overrides`` are texts such as ``optimizer.lr=1e-3``. ``to_run`` asks for all that training
    needs; ``blocks_ok`` is content with a file of blocks to import. ``described`` is the
    description of the data, where it is known: then they are not read. ``is_begun`` says that the
    weights are there already: then the file is not read that ``start`` names. Data that are
    ``given`` take the place of those that the source names.
    ``tunings`` are texts such as ``tune hidden in 8..256``, which go ahead of those of the source.
    Raises TypeError for a path in place of a source, and for overrides that are no list of texts.
    """
    if not isinstance(source, SourceFile):
        raise TypeError(f"compile_source takes what `read(path)` gives, not {type_of(source)}")
    if isinstance(overrides, str | Mapping):
        what = f"overrides in a list, such as ['epochs=4'], not {overrides!r}"
        raise TypeError(f"compile_source takes {what}")
    sink = Sink()
    try:
        units = load(source, sink)
    except NetError as too_long:
        return Compilation(source, None, (*too_long.diagnostics, *sink.diagnostics), Analysis())
    changes = parse_overrides(overrides, source, sink)
    searched = parse_tunings(tunings, source, sink)
    is_begun = is_begun or described is not None
    known = described, given
    program, analysis = _program(units, changes, searched, to_run, blocks_ok, known, is_begun, sink)
    diagnostics, expanded = tuple(sink.diagnostics), analysis.files[-1].evaluator.expanded
    return Compilation(source, program, diagnostics, analysis, expanded)


def _program(
    units: Sequence[Unit],
    overrides: Sequence[Override],
    tunings: Sequence[Tuning],
    to_run: bool,
    blocks_ok: bool,
    known: tuple[Description | None, DataSet | None],
    is_begun: bool,
    sink: Sink,
) -> tuple[Program | None, Analysis]:
    """The program of the last of ``units``, or None where ``compile_source`` gives none.

    Of the reports with one cause the first is shown. So what explains most is looked for first:
    names and their values; the network and its shapes; settings that have to fit both; arguments
    that nothing uses; settings that are missing; and last what only looks like a mistake.
    """
    files = resolve(units, overrides, sink)
    file = files[-1]
    binder = Binder(sink)
    settings = SettingsReader(file, binder, sink)
    data, losses, network = data_of(settings, *known), losses_of(settings), network_of(settings)
    given = stated_input(settings, data)
    several = may_have_several_losses(settings, data)
    wiring = expand(network, binder, several, sink) if network else None
    if wiring:
        wiring, given = place(wiring, given, data, sink)
    each = [one.loss for one in losses]
    keep_targets(data, each)
    graph, shapes = infer(wiring, given, data, each, sink) if wiring else (None, ())
    parts = frozen_parts(settings)
    graph = graph and label(freeze(graph, parts, sink), named_parts(settings), sink)
    analysis = Analysis(tuple(files), shapes)
    is_known = wiring and not isinstance(network, Poison)
    count = len(wiring.outputs) if wiring and is_known else max(1, len(losses))
    targets = data.description.for_outputs(count) if data else None
    in_order = not wiring or not wiring.misplaced([name for name, _ in targets or ()])
    loss_calls = fitting_losses(settings, losses, data, count, in_order)
    outputs = output_parts(wiring, graph, data, losses) if wiring and graph else ()
    metrics = metrics_of(settings, data, count, takes_any_numbers(graph, outputs, losses))
    if graph:
        check_losses(graph, outputs, loss_calls, data, sink)
    loss = summed(losses, outputs)
    whole = graph and of_members(graph, members_of(settings), loss, sink)
    beginning = beginning_of(settings, whole, data) if whole and not is_begun else None
    # Without its outputs, what a network of several is measured by is not known.
    are_known = bool(outputs) or not (several or count > 1)
    checker = ExpectationChecker(data, loss, metrics if are_known else None, outputs, sink)
    expected = checker.of_parts_there(file.expectations) if any(known) else file.expectations
    expectations = checker.check(expected)
    check_stop(settings, checker)
    check_schedules(settings, checker)
    check_augment(settings, data, [one for one in each if one])
    check_optimizers(settings, graph)
    tunables = tunables_of(settings, tunings)
    values = {name: settings.value(name) for name in plain_settings()} | settings.items()
    values |= {"data": data and data.item, "loss": loss, "metrics": tuple(metrics or ())}
    values |= {"freeze": tuple(part.name for part in parts) or None}
    binder.bind_all(value for one in files for value in (*one.values.values(), *one.bodies))
    if blocks_ok and file.is_for_import:
        return None, analysis
    sound = not sink.has_errors
    unused = report_missing(file, graph, data, to_run, sink)
    sure_metrics = metrics if sound else None  # others may be mended with what is wrong
    lint_program(settings, graph, loss_calls, outputs, data, sure_metrics, expectations, sink)
    lint_steps(settings, data, sink)
    lint_sizes(settings, sink)
    # Whoever goes on with a training may let its stopping rule wait longer, so that it trains on.
    if data and not is_begun and (endless := never_stops(settings)):
        sink.report(endless)
    if data and not is_begun and not sink.has_errors:
        sink.extend(lint_schedules(settings, data.description))
    lint_names(file, unused, outputs, sound, sink)
    if graph and sound:
        lint_beginning(settings, graph, beginning, sink)
    if sink.has_errors:
        return None, analysis
    assert whole, "a file of which nothing is made has an error"
    plugins = tuple(one.source for one in plugins_of(_types(whole, values)))
    program = Program(
        source=file.tree.source,
        files=_files(units, data, beginning, plugins),
        imported=tuple(unit.file.source for unit in units[:-1]),
        overrides=tuple(override.text for override in overrides),
        graph=pad(whole),
        settings={name: values[name] for name in SETTINGS if values.get(name) is not None},
        spans=settings.spans(),
        description=data.description if data else None,
        expectations=expectations,
        beginning=beginning,
        outputs=outputs,
        plugins=plugins,
        tunables=tunables,
    )
    return program, analysis


def _types(graph: Graph, settings: Mapping[str, object]) -> Iterator[type]:
    """The classes of all items of a program."""
    yield from (type(node.layer) for node in graph.nodes)
    for value in settings.values():
        each = value if isinstance(value, tuple | list) else (value,)
        yield from map(type, each)


def _files(
    units: Sequence[Unit],
    data: Data | None,
    beginning: Beginning | None,
    plugins: Sequence[SourceFile],
) -> tuple[Fingerprint, ...]:
    """The files that a program is made from."""
    texts = filter(None, (unit.file.source.fingerprint for unit in units))
    weights = [beginning.file] if beginning else []
    code = filter(None, (plugin.fingerprint for plugin in plugins))
    return (*texts, *(data.files if data else ()), *weights, *code)
