"""Norms of a network that is asked alone: the layers before them do their work.

The statistics of a BatchNorm stay then, and it is a factor f and a number g for each channel.
Behind a convolution or a product, f (w x + b) + g is (f w) x + (f b + g): the same layer, of other
weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.catalogue.layers import BatchNorm, Conv1d, Conv2d, ConvTranspose2d, Identity, Linear
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Graph
from netlang.engine.network import Network

if TYPE_CHECKING:
    from torch import Tensor


_Weighted = Conv1d | Conv2d | ConvTranspose2d | Linear


def folded(network: Network) -> Network:
    """A network that gives what ``network`` does in evaluation, but for rounding.

    In the place of a norm it has the layer before it, and nothing in the place of that.
    """
    graph, modules = network.graph, network.modules
    nodes, folds = [*graph.nodes], dict(_folds(graph))
    for number, source in folds.items():
        node = nodes[source]
        layer = type(node.layer).declared({**node.layer.values, "bias": True})
        nodes[number] = node.replace(layer=layer)
        nodes[source] = node.replace(layer=Identity.declared({}), shape=node.takes[0])
    made = Network(graph.replace(nodes=tuple(nodes)), 0)
    made.to(network.parameters.dtype)
    for number, layer in enumerate(made.modules):
        if number in folds:
            _fill(layer, modules[folds[number]], modules[number])
            continue
        for name in layer.tensors():
            getattr(layer, name).copy_(getattr(modules[number], name))
    return made.eval()


def _folds(graph: Graph) -> Iterator[tuple[int, int]]:
    """Norms, each with the layer before it whose weights take it up: nobody else reads what that
    gives, and no other layer has the weights of either.
    """
    reads = Counter(source for number in graph.live for source in graph.nodes[number].inputs)
    sharing = {number for number, node in enumerate(graph.nodes) if node.shares}
    sharing |= {graph.owner(number) for number in sharing}
    for number in sorted(graph.live - {0, *sharing}):
        if type(graph.nodes[number].layer) is BatchNorm:
            (source,) = graph.nodes[number].inputs
            if reads[source] == 1 and source not in sharing and _gives_channels(graph, source):
                yield number, source


def _gives_channels(graph: Graph, number: int) -> bool:
    """Whether the layer has weights for each channel of what it gives."""
    kind = type(graph.nodes[number].layer)
    if kind is Linear:  # of one row, whose numbers are the channels
        return len(graph.nodes[number].shape.sizes) == 1
    return kind in (Conv1d, Conv2d, ConvTranspose2d)


def _fill(layer: Layer, before: Layer, norm: Layer) -> None:
    """Fill the weights of ``layer``, which does what the two others do."""
    assert isinstance(layer, _Weighted)
    assert isinstance(before, _Weighted)
    assert isinstance(norm, BatchNorm)
    factor = (norm.running_var + norm.eps).rsqrt()
    if norm.weight is not None:
        factor = factor * norm.weight
    bias = -norm.running_mean
    if before.with_bias:
        assert before.bias is not None
        bias = bias + before.bias
    bias = bias * factor
    if norm.bias is not None:
        bias = bias + norm.bias
    layer.weight.copy_(before.weight * _of_weights(factor, before))
    assert layer.bias is not None
    layer.bias.copy_(bias)


def _of_weights(factor: Tensor, layer: _Weighted) -> Tensor:
    """The factors of channels in a shape that goes with the layer's weights."""
    if not isinstance(layer, ConvTranspose2d):
        return factor.view(-1, *[1] * (layer.weight.dim() - 1))
    inputs, outputs, *_ = layer.weight.shape  # those of an input are the outputs of its group
    of_groups = factor.view(layer.groups, outputs)
    return of_groups.repeat_interleave(inputs // layer.groups, 0).view(inputs, outputs, 1, 1)
