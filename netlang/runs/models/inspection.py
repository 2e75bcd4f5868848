"""An inspection looks at the numbers in a network: its tensors, and what goes through its nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data import Samples
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Node
from netlang.engine.network import Network
from netlang.language.diagnostics.wording import counted
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_BINS = 16
_VANISHED, _EXPLODED = 1e-4, 1e4  # gradients at a layer, over those at the last one


class Distribution(Record):
    """How the numbers of a tensor are spread; those that are not finite are only counted, as
    ``bad``.

    ``zeros`` is the share of exact zeros. ``histogram`` counts the numbers in each of equal ranges
    between ``low`` and ``high``. Of no finite number, all is NaN and the histogram empty.
    """

    count: int
    mean: float
    deviation: float
    low: float
    high: float
    zeros: float
    bad: int
    histogram: tuple[int, ...]

    @property
    def size(self) -> float:
        """The root of the mean of the squares."""
        return math.hypot(self.mean, self.deviation)

    def as_data(self) -> dict[str, object]:
        """The distribution as JSON holds it, which has no number for what is none."""
        data = {name: None if value != value else value for name, value in self.as_dict().items()}
        return data | {"histogram": [*self.histogram]}


def distribution(tensor: Tensor) -> Distribution:
    """The distribution of all numbers in ``tensor``, computed in float64."""
    numbers = tensor.detach().flatten().cpu().double()
    finite = numbers[numbers.isfinite()]
    bad = len(numbers) - len(finite)
    if not len(finite):
        none = dict.fromkeys(("mean", "deviation", "low", "high", "zeros"), math.nan)
        return Distribution(count=len(numbers), bad=bad, histogram=(), **none)
    low, high = (float(one) for one in finite.aminmax())
    largest = max(abs(low), abs(high)) or 1.0  # numbers at the end of their range do not overflow
    scaled = finite / largest
    histogram = torch.histc(scaled, _BINS, low / largest, high / largest)
    return Distribution(
        count=len(numbers),
        mean=float(scaled.mean()) * largest,
        deviation=float(scaled.std(correction=0)) * largest,
        low=low,
        high=high,
        zeros=float((finite == 0).double().mean()),
        bad=bad,
        histogram=tuple(map(int, histogram.tolist())),
    )


class NodeInspection(Record):
    """What went through a node for a batch: its outputs, and the loss's gradient there, which is
    None where nothing learns from it. Of ``units`` outputs of a sample, ``silent`` are 0 for every
    sample.
    """

    node: Node
    outputs: Distribution
    gradient: Distribution | None
    units: int
    silent: int


def inspect_nodes(network: Network, loss: Loss, samples: Samples) -> list[NodeInspection]:
    """What goes through each node that the output depends on, dropout off, in their order.

    The gradients of the weights are left in ``network``.
    """
    training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            network.zero_grad()
            outputs = network.forward_all(samples.inputs)
            y = outputs[network.graph.result]
            dy = network.loss_gradient(loss, y, samples.targets, samples.weights)
            gradients = network.backward_all(dy)
            return [
                _inspected(node, outputs[number], gradients.get(number))
                for number, node in enumerate(network.graph.nodes)
                if number in outputs
            ]
    finally:
        network.train(training)


def _inspected(node: Node, outputs: Tensor, gradient: Tensor | None) -> NodeInspection:
    silent = (outputs == 0).all(0)
    return NodeInspection(
        node=node,
        outputs=distribution(outputs),
        gradient=None if gradient is None else distribution(gradient),
        units=silent.numel(),
        silent=int(silent.sum()),
    )


def remarks(
    tensors: Mapping[str, Distribution], nodes: Sequence[NodeInspection] = (), samples: int = 0
) -> list[str]:
    """What is wrong with the numbers in a network, if anything is, in sentences.

    Those are units that are 0 for all of ``samples`` samples, gradients that vanish or explode on
    their way to the first layers, and numbers that are not finite.
    """
    found = [
        f"{name} has {counted(one.bad, 'element')} that are no finite numbers"
        for name, one in tensors.items()
        if one.bad
    ]
    return [*found, *_of_units(nodes, samples), *_of_gradients(nodes)]


def _of_units(nodes: Sequence[NodeInspection], samples: int) -> list[str]:
    """What is to be said of outputs that are always 0."""
    found, every = [], f"for every one of the {samples:,} samples"
    for one in nodes:
        name, of_layer = one.node.name, one.node.layer
        if one.node.inputs and one.silent == one.units:
            found.append(f"{name} is dead: all its outputs are 0 {every}")
        elif one.silent and of_layer.gives == "no negative numbers":
            found.append(f"{one.silent:,} of the {one.units:,} units of {name} are 0 {every}")
    return found


def _of_gradients(nodes: Sequence[NodeInspection]) -> list[str]:
    """What is to be said of gradients, layer by layer with weights, beside those at the last."""
    learning = [one for one in nodes if one.gradient and one.node.layer.size]
    if len(learning) < 2:
        return []
    first, last = learning[0], learning[-1]
    assert first.gradient
    assert last.gradient
    if not last.gradient.size:
        return [f"no gradient comes from the loss: it is 0 at {last.node.name}"]
    ratio = first.gradient.size / last.gradient.size
    where = f"at {first.node.name} it is {ratio:.2g} times that at {last.node.name}"
    if not ratio:
        stops = next(one for one in reversed(learning) if one.gradient and not one.gradient.size)
        return [f"the gradient stops: it is 0 at {stops.node.name}, and before it nothing learns"]
    if ratio < _VANISHED:
        return [f"the gradient vanishes on its way back: {where}"]
    return [f"the gradient explodes on its way back: {where}"] if ratio > _EXPLODED else []
