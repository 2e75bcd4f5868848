"""Lint: what looks like a mistake but need not be one."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue import registry
from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.targets import OutputPart
from netlang.compiler.ir import Beginning, Expectation, Graph, Origin
from netlang.compiler.passes.balance import lint_balance
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.collapses import collapsing
from netlang.compiler.passes.endings import lint_endings
from netlang.compiler.passes.norms import check_batches, lint_norms
from netlang.compiler.passes.pictures import taken_for_rows
from netlang.compiler.passes.positions import lost_without_positions
from netlang.compiler.passes.reach import far_from_0, out_of_reach
from netlang.compiler.passes.sequences import lint_order, lint_padding
from netlang.compiler.passes.settings import Data, SettingsReader, members_of
from netlang.language.diagnostics import Cause, Sink
from netlang.language.diagnostics.messages.freezing import FrozenAsDrawn
from netlang.language.diagnostics.messages.inputs import InputsUnused
from netlang.language.diagnostics.messages.lints import (
    BatchTooLarge,
    NeverUsed,
    NoActivation,
    NoPositions,
    Pointless,
    Remark,
    TakenForRows,
    TrainingOnlyLast,
)
from netlang.language.diagnostics.messages.metrics import AlwaysOne, NotOfCharacters
from netlang.language.diagnostics.messages.tables import LargeTarget, TargetTaken, TooFewSamples
from netlang.language.source import Span


def lint_beginning(
    settings: SettingsReader, graph: Graph, beginning: Beginning | None, sink: Sink
) -> None:
    """Report frozen weights that do not begin with those of the model file."""
    if beginning is None or not graph.frozen_weights:
        return
    frozen = (
        f"{node.name}.{name}"
        for node in graph.layers
        if node.frozen and not node.shares
        for name in node.layer.tensors()
    )
    if drawn := tuple(name for name in frozen if name not in beginning.taken):
        span, path = settings.values["freeze"].span, settings.stated("start")
        sink.report(FrozenAsDrawn(span, drawn, str(path)))


def lint_program(
    settings: SettingsReader,
    graph: Graph | None,
    losses: Sequence[Sequence[BoundCall]],
    outputs: Sequence[OutputPart],
    data: Data | None,
    metrics: Sequence[Metric] | None,
    expectations: Sequence[Expectation],
    sink: Sink,
) -> None:
    """Report what looks unlikely in the network, the data and the settings; what is None is not
    known.
    """
    nodes = [one.node for one in outputs] or ([graph.result] if graph else [])
    ends = [*zip(nodes, [*losses, *[()] * len(nodes)], strict=False)]
    stated = settings.values.get("loss")
    if stated and sink.has_error_in(stated.span):
        ends = []  # what other losses take is another question
    if graph:
        _lint_graph(graph, nodes, bool(ends), sink)
        members = members_of(settings) is not None
        lint_norms(graph, nodes if any(losses) else (), members, sink)
        if not sink.has_errors:
            lint_padding(graph, sink)
    targets = data.description.for_outputs(max(1, len(outputs))) if data else None
    tasks = [described for _, described in targets or ()]
    if graph:
        lint_endings(graph, ends, tasks, data, sink)
    if not data:
        return
    if graph:
        check_batches(settings, graph, data, sink)
    if graph and not sink.has_errors and data.item.predicts_next:
        lint_order(graph, data, sink)
    (found, *others), (loss, *_) = tasks or [data.description], [*(losses or [()])[0], None]
    labels = [expected.metric.rpartition(".")[2] for expected in expectations]
    known = filter(None, map(registry.metric_called, labels))
    on_classes = any("regression" not in metric.tasks for metric in known)
    is_said = on_classes or bool(others) or _says_task(found.task, loss, settings)
    are_told = any(_as_they_are(call) for each in losses for call in each)
    for (number, taken_by), described in zip(ends, tasks, strict=False):
        if graph and (unreachable := out_of_reach(graph, number, data, described, taken_by)):
            sink.report(unreachable)
            are_told = True
        elif far := far_from_0(data, described, taken_by):
            sink.report(far)
    _lint_data(data, is_said, are_told, sink)
    if graph and (left_out := _inputs_left_out(graph, data)):
        sink.report(InputsUnused(data.span, left_out, _may_ignore(data)))
    if graph and loss and not (others or "metrics" in settings.values or on_classes):
        _lint_task(graph, loss, data, sink)
    _lint_metrics(metrics or (), data, sink)
    lint_balance(settings, losses, tasks, data, sink)
    if metrics is not None:
        most = max((len(one.classes) for one in tasks if one.classes), default=0)
        _lint_metric_calls(settings, data, most, sink)
    batch, train = settings.stated("batch"), data.description.train
    if isinstance(batch, int) and batch > train:
        sink.report(BatchTooLarge(settings.values["batch"].span, batch, train, data.span))


def _apart(one: Origin, other: Origin) -> tuple[Span, Span, bool]:
    """Where two nodes are written, or used if one text makes both; and whether `*` copied it."""
    trails = ([*reversed([*origin.trail]), origin] for origin in (one, other))
    here, there = next(pair for pair in zip(*trails, strict=False) if pair[0] is not pair[1])
    if here.span != there.span:
        return here.span, there.span, False
    if one.span != other.span:  # the end of one copy, and the beginning of the next
        return one.span, other.span, False
    return here.span, there.span, True


def _lint_graph(graph: Graph, outputs: Sequence[int], ends_stay: bool, sink: Sink) -> None:
    """Report layers that do nothing useful after those before them, or are not used at all. Where
    the ``outputs`` will have other ends, these say nothing.
    """
    changing = set() if ends_stay else {graph.maker(number) for number in outputs}
    used = {number for node in graph.nodes for number in node.inputs} | {graph.result}
    for number, node in enumerate(graph.layers, 1):
        span = node.origin.span
        if number not in used:
            sink.report(NeverUsed(span, node.layer.name))
        before = graph.nodes[node.inputs[0]]
        gives = before.layer.gives
        if gives and gives in node.layer.pointless_after:
            names = node.layer.name, before.layer.name
            here, there, repeated = _apart(node.origin, before.origin)
            sink.report(Pointless(here, *names, there, gives, repeated))
        if node not in changing and (remark := node.layer.remark(*node.takes)):
            sink.report(Remark(span, node.layer.name, remark))
    for node, before in collapsing(graph):
        here, there, repeated = _apart(node.origin, before.origin)
        sink.report(NoActivation(here, node.layer.name, before.layer.name, there, repeated))
    if not sink.has_errors:  # such as an output of another shape than its target
        for node, before in taken_for_rows(graph):
            here, there, _ = _apart(node.origin, before.origin)
            sink.report(TakenForRows(here, node.layer.name, there, before.shape, node.shape))
    if lost := lost_without_positions(graph):
        sink.report(NoPositions(lost.origin.span, lost.layer.name))
    for last in (graph.nodes[number] for number in outputs):
        if does := last.layer.only_in_training:
            sink.report(TrainingOnlyLast(last.origin.span, last.layer.name, does))


def _as_they_are(call: BoundCall) -> bool:
    """Whether it is a loss that takes numbers as the data have them, however large."""
    loss = call.declared()
    return isinstance(loss, Loss) and loss.target_range is not None


def _lint_data(data: Data, is_said: bool, are_told: bool, sink: Sink) -> None:
    """Report what looks unlikely in the data, and how its target is taken, unless the file has said
    that, or it is reported; but no large numbers to predict where they ``are_told``, by a loss or
    by another report.
    """
    for warning in data.warnings():
        if isinstance(warning, LargeTarget) and are_told:
            continue
        if not isinstance(warning, TargetTaken):
            sink.report(warning)
        elif not is_said:
            sink.report(warning, Cause.TASK.at(data.span))


def _says_task(task: str, loss: BoundCall | None, settings: SettingsReader) -> bool:
    """Whether the file's loss, or a metric, is for targets of this kind, and for classes alone if
    they are classes.
    """
    for call in filter(None, (loss, *settings.calls["metrics"])):
        assert issubclass(call.item, Loss | Metric)
        if task in call.item.tasks and (
            task == "regression" or "regression" not in call.item.tasks
        ):
            return True
    return False


def _inputs_left_out(graph: Graph, data: Data) -> tuple[str, ...]:
    """The inputs of the data that a network of several inputs does not take."""
    readers = [graph.nodes[number] for number in graph.live if 0 in graph.nodes[number].inputs]
    if not readers or not all(isinstance(node.layer, RowPart) for node in readers):
        return ()  # it takes whole samples
    taken = [run for node in readers if isinstance(node.layer, RowPart) for run in node.layer.runs]
    places = data.description.places.items()
    return tuple(
        name
        for name, (begin, shape) in places
        if not any(first < begin + shape.size and begin < end for first, end in taken)
    )


def _may_ignore(data: Data) -> bool:
    """Whether its data set has an argument for inputs to leave out."""
    return any(argument.name == "ignore" for argument in data.item.arguments)


def _lint_task(graph: Graph, loss: BoundCall, data: Data, sink: Sink) -> None:
    """Report whole numbers taken for classes where nothing in the file says that they are."""
    item, last, found = loss.item, graph.last, data.description
    takes_numbers = issubclass(item, Loss) and "regression" in item.tasks
    probabilities = last is not None and last.layer.gives == "probabilities"
    if found.classes and found.other_task == "regression" and takes_numbers and not probabilities:
        column = str(data.item.values.get("target", ""))
        span, different = data.item.at("target"), len(found.classes)
        taken = TargetTaken(span, column, True, different, found.samples)
        sink.report(taken, Cause.TASK.at(data.span))


def _lint_metric_calls(settings: SettingsReader, data: Data, most: int, sink: Sink) -> None:
    """Report a metric that is the same for every network that tells the ``most`` classes, or that
    counts what the data have none of.
    """
    for call in filter(None, settings.calls["metrics"]):
        metric = call.declared()
        assert isinstance(metric, Metric)
        if why := metric.foregone(most):
            sink.report(AlwaysOne(call.span, metric.label, why, most))
        if metric.counts_parts and not metric.suits(data.item):
            sink.report(NotOfCharacters(call.span, metric.name, data.span))


def _lint_metrics(metrics: Sequence[Metric], data: Data, sink: Sink) -> None:
    """Report a metric that says nothing about so few samples as a part of the data has."""
    for part, purpose in (("test", "test on"), ("validation", "validate on")):
        samples = getattr(data.description, part)
        for metric in metrics:
            if 0 < samples < metric.least_samples:
                span = data.item.at(part) or data.span
                sink.report(TooFewSamples(span, metric.name, samples, purpose, data.span))
