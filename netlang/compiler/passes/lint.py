"""Lint: what looks like a mistake but need not be one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netlang.catalogue import registry
from netlang.catalogue.layers import Dropout, Linear
from netlang.catalogue.losses import Loss
from netlang.catalogue.metrics import Metric
from netlang.catalogue.optimizers import Adam
from netlang.catalogue.settings import SETTINGS, suggest_setting
from netlang.compiler.ir import Expectation, Graph, Node, Origin
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.resolve import ResolvedFile
from netlang.compiler.passes.settings import (
    Data,
    SettingsResolver,
    find_slip,
    report_missing,
    slip_of,
)
from netlang.compiler.passes.values import ItemCall, Value
from netlang.language.diagnostics import Cause, Sink
from netlang.language.diagnostics.messages.lints import (
    BatchTooLarge,
    DropoutLast,
    NeverUsed,
    Pointless,
    Remark,
    Unused,
    WrongOutputs,
)
from netlang.language.diagnostics.messages.tables import LargeTarget, TargetTaken, TooFewSamples
from netlang.language.diagnostics.wording import counted, either
from netlang.language.shapes import Shape
from netlang.language.source import Span

_NEAR_1 = 4  # a smaller mean of targets is near enough to where outputs start


def lint_names(
    file: ResolvedFile, graph: Graph | None, data: Data | None, to_run: bool, sink: Sink
) -> None:
    """Report names that are missing or not used. ``to_run`` asks for what training needs.

    A definition that nothing uses and that is nearly a missing setting is reported once: as that
    setting's misspelling.
    """
    errors_elsewhere = sink.has_errors or "net" not in file.values
    unused = report_missing(file, _loss_for(graph, data), to_run, sink)
    free = [name for name in SETTINGS if name not in file.values]
    slips = [find_slip(name, file.unused, file) for name in free if SETTINGS[name].item]
    by_value = {slip.name: slip.meant.text for slip in slips if slip}
    for name in unused:
        meant = suggest_setting(name, free) or by_value.get(name)
        # What uses it may stand where there is an error; a misspelt setting is reported anyway.
        if meant or not errors_elsewhere:
            span = file.definitions[name].name_span
            argument = _argument_of(name, file.values.get("optimizer"))
            guess = slip_of(name, meant, file).meant if meant else None
            sink.report(Unused(span, guess, argument), Cause.MISSPELT_SETTING.at(span))
    if not errors_elsewhere:
        _lint_own_names(file, sink)


def _lint_own_names(file: ResolvedFile, sink: Sink) -> None:
    """Report the taps and the parameters that their own definition does not use."""
    for definition in file.definitions.values():
        used = {name.name for name in definition.names}
        parameters = (parameter.name for parameter in definition.parameters or ())
        for own in (*definition.taps, *parameters):
            if own.name not in used:
                sink.report(Unused(own.span))


def lint_program(
    settings: SettingsResolver,
    values: Mapping[str, Any],
    graph: Graph | None,
    loss: BoundCall | None,
    data: Data | None,
    expectations: Sequence[Expectation],
    sink: Sink,
) -> None:
    """Report what is unlikely of the network, the data and the settings; None is not known.

    ``values`` are those of the settings, defaults included.
    """
    if graph:
        _lint_graph(graph, loss, sink)
    if not data:
        return
    _lint_data(data, sink)
    on_classes = any("accuracy" in expected.metric for expected in expectations)
    if graph and loss and "metrics" not in settings.values and not on_classes:
        _lint_task(graph, loss, data, sink)
    if not sink.has_errors:
        _lint_metrics(values["metrics"], data, sink)
        if graph and isinstance(values.get("optimizer"), Adam):
            steps = values["epochs"] * math.ceil(data.description.train / values["batch"])
            _lint_reach(graph, values["optimizer"], steps, data, sink)
    if isinstance(batch := settings.stated("batch"), int):
        _lint_batch(batch, settings.values["batch"].span, data, sink)


def _apart(one: Origin, other: Origin) -> tuple[Span, Span, bool]:
    """Where two nodes are written, or used if that is one place; and whether `*` copied it."""
    trails = ([*reversed([*origin.trail]), origin] for origin in (one, other))
    here, there = next(pair for pair in zip(*trails, strict=False) if pair[0] is not pair[1])
    if here.span != there.span:
        return here.span, there.span, False
    if one.span != other.span:  # the end of one copy, and the begin of the next
        return one.span, other.span, False
    return here.span, there.span, True


def _lint_graph(graph: Graph, loss: BoundCall | None, sink: Sink) -> None:
    """Report layers that do nothing useful after those before them, or are not used at all."""
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
        if remark := node.layer.remark(*node.takes):
            sink.report(Remark(span, node.layer.name, remark))
    last = graph.nodes[graph.result]
    if isinstance(last.layer, Dropout):
        sink.report(DropoutLast(last.origin.span))
    if loss:
        _lint_output(graph, loss, sink)


def _lint_output(graph: Graph, loss: BoundCall, sink: Sink) -> None:
    """Report a loss that takes probabilities, or logits, from a layer that does not give them."""
    item, last = loss.item, _last(graph)
    if not issubclass(item, Loss) or not item.expects or last is None:
        return
    gives, one_output = last.layer.gives, last.shape.last == 1
    if item.expects == "logits" and one_output:
        sink.report(_one_logit(item, last))
        return
    layers: tuple[str, ...] = ()
    if item.expects == "probabilities" and gives != "probabilities":
        layers = tuple(_giving(item.expects, last.shape))
        losses = () if one_output else _losses_on("logits")
    elif item.expects == "logits" and gives == "probabilities":
        losses = _losses_on("probabilities")
    else:
        return
    sink.report(WrongOutputs(last.origin.span, item.name, item.expects, loss.span, layers, losses))


def _losses_on(what: str) -> tuple[str, ...]:
    """The losses that take ``what``, probabilities or logits."""
    return tuple(one.name for one in registry.items("loss") if one.expects == what)


def _giving(what: str, shape: Shape) -> Iterator[str]:
    """The layers that give ``what`` for inputs of that shape, and let gradients through."""
    for layer in registry.items("layer"):
        if layer.gives == what and not layer.declared({}).remark(shape):
            yield layer.name


def _one_logit(loss: type[Loss], last: Node) -> Remark:
    """Say that a loss that takes a logit for each class gets one number: there is no choice."""
    instead = f"take {either(f'loss = {name}' for name in _losses_on('probabilities'))}"
    if last.layer.gives != "probabilities":
        ends = either(f"-> {name}" for name in _giving("probabilities", last.shape))
        instead = f"end it with {ends} and {instead}"
    help = f"give the network an output for each class, or {instead}"
    return Remark(last.origin.span, loss.name, "of one number is always 0", help)


def _last(graph: Graph) -> Node | None:
    """The last layer that is no dropout; None if there is none."""
    number = graph.result
    while isinstance(graph.nodes[number].layer, Dropout):
        number = graph.nodes[number].inputs[0]
    return graph.nodes[number] if number else None


def _lint_data(data: Data, sink: Sink) -> None:
    """Report what is unlikely of the data, and how its target is taken, unless that is reported."""
    for warning in data.item.warnings():
        cause = {TargetTaken: Cause.TASK, LargeTarget: Cause.SCALE}.get(type(warning))
        sink.report(warning, *([cause.at(data.span)] if cause else []))


def _lint_reach(graph: Graph, adam: Adam, steps: int, data: Data, sink: Sink) -> None:
    """Report numbers to predict that Adam's ``steps`` cannot reach, unless they are reported.

    A step of Adam moves a weight by about its rate. A layer's outputs then grow by the sum of its
    inputs, of which a quarter acts together: that estimate was fitted to networks of three
    layers. Outputs start at about half the size of standardised inputs.
    """
    if not all(isinstance(node.layer, Linear) for node in graph.layers if node.layer.size):
        return
    found, moved, reach = data.description, adam.lr * steps, 0.5
    for node in graph.layers:
        if isinstance(node.layer, Linear):
            reach += moved * (1 + node.layer.in_features / 4 * reach)
    mean = abs(found.mean)
    if mean > _NEAR_1 and reach < mean - found.deviation:
        column, span = str(data.item.values.get("target", "")), data.item.at("target")
        get = f"{counted(steps, 'step')} of `{adam.name}` get to about {reach:.1g}"
        sink.report(LargeTarget(span, column, mean, get), Cause.SCALE.at(data.span))


def _lint_task(graph: Graph, loss: BoundCall, data: Data, sink: Sink) -> None:
    """Report whole numbers taken for classes where nothing in the file says that they are."""
    item, last, found = loss.item, _last(graph), data.description
    either = issubclass(item, Loss) and "regression" in item.tasks
    probabilities = last is not None and last.layer.gives == "probabilities"
    if found.classes and found.other_task == "regression" and either and not probabilities:
        column = str(data.item.values.get("target", ""))
        span, different = data.item.at("target"), len(found.classes)
        taken = TargetTaken(span, column, True, different, found.samples)
        sink.report(taken, Cause.TASK.at(data.span))


def _lint_metrics(metrics: Sequence[Metric], data: Data, sink: Sink) -> None:
    """Report a metric that means nothing on a part of the data that has too few samples."""
    for part, purpose in (("test", "test on"), ("validation", "validate on")):
        samples = getattr(data.description, part)
        for metric in metrics:
            if 0 < samples < metric.least_samples:
                span = data.item.at(part) or data.span
                sink.report(TooFewSamples(span, metric.name, samples, purpose, data.span))


def _lint_batch(batch: int, span: Span, data: Data, sink: Sink) -> None:
    """Report a batch that is larger than the training part of the data."""
    if batch > data.description.train:
        sink.report(BatchTooLarge(span, batch, data.description.train, data.span))


def _loss_for(graph: Graph | None, data: Data | None) -> str:
    """An example of a loss that goes with the data, and with what the network ends in."""
    if data is None or data.description.task != "classification":
        return SETTINGS["loss"].to_run
    last = _last(graph) if graph else None
    scores = last is None or (last.layer.gives != "probabilities" and last.shape.last != 1)
    return f"loss = {'SoftmaxCrossEntropy' if scores else 'CrossEntropy'}"


def _argument_of(name: str, optimizer: Value | None) -> str | None:
    """How to write ``name`` as an optimizer's argument, ``Adam(lr=...)``; None if it is not one."""
    own = [optimizer.item] if isinstance(optimizer, ItemCall) else []
    found = registry.argument(name, [*own, *registry.items("optimizer")])
    return f"optimizer = {found[0].name}({found[1].name}=...)" if found else None
