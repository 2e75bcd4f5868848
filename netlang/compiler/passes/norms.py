"""Whether the norms of a network can be trained, and are of use where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir import Graph, Node
from netlang.compiler.passes.settings import Data, SettingsReader
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.norms import (
    BatchOfOne,
    BiasLost,
    DropoutBeforeNorm,
    NormLast,
)


def check_batches(settings: SettingsReader, graph: Graph, data: Data, sink: Sink) -> None:
    """Report the first layer that cannot be trained on a single sample, if a batch has no more."""
    argument, stated = SETTINGS["batch"].argument, settings.stated("batch")
    batch = stated if isinstance(stated, int) else argument and argument.default
    samples = data.description.train
    if not batch or (min(batch, samples) > 1 and samples % batch != 1):
        return
    for node in graph.layers:
        if not node.frozen and node.layer.least_samples(*node.takes) > 1:
            span = settings.values["batch"].span if stated else data.span
            place, name = node.origin.within(), node.layer.name
            sink.report(BatchOfOne(place, name, batch, samples, span, _near(batch, samples)))
            return


def _near(batch: int, samples: int) -> int | None:
    """The size nearest to ``batch`` by which no batch is a single sample; None if there is none."""
    fitting = (size for size in range(2, samples + 1) if samples % size != 1)
    return min(fitting, key=lambda size: abs(size - batch), default=None)


def lint_norms(graph: Graph, trained: Sequence[int], members: bool, sink: Sink) -> None:
    """Report what does not go together with the norms behind it, and a norm that is an output to be
    ``trained``, which are numbers of nodes. A norm of all ``members`` leaves each its own bias.
    """
    readers = Counter(number for node in graph.nodes for number in (*node.inputs, node.shares))
    for node in graph.layers:
        if node.layer.standardizes != "channels" or node.frozen:
            continue
        span, name, (number,) = node.origin.within(), node.layer.name, node.inputs
        before = graph.nodes[number]
        is_lost = _has_bias_for_channels(before) and readers[number] == 1 and not before.shares
        if is_lost and not members:
            there, layer = before.origin.within(), before.layer.name
            sink.report(BiasLost(there, before.origin.span.text, layer, name, span))
        if node.own_statistics and (dropout := _dropout_before(graph, node)):
            there = dropout.origin.within()
            sink.report(DropoutBeforeNorm(span, name, dropout.layer.name, there))
    for last in (graph.nodes[number] for number in trained):
        if last.layer.standardizes:
            sink.report(NormLast(last.origin.within(), last.layer.name))


def _has_bias_for_channels(node: Node) -> bool:
    """Whether the layer adds a number to each of the channels that it gives."""
    dim, rank = node.layer.bias_dim, len(node.shape.sample)
    return dim is not None and dim in (0, -rank) and "bias" in node.layer.tensors()


def _dropout_before(graph: Graph, norm: Node) -> Node | None:
    """The layer before ``norm`` that changes its input in training alone, with none between that
    has weights, or several inputs.
    """
    node = norm
    while len(node.inputs) == 1:
        node = graph.nodes[node.inputs[0]]
        if node.layer.only_in_training:
            return node
        if node.layer.size or node.layer.standardizes:
            return None
    return None
