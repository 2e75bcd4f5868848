"""What an engine is: it trains a network in place, and evaluates it.

Its callers need to know no more, not even whether it computes with tensors or in C.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.catalogue.targets import are_classes, check_classes
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.network import Network
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


UNCHANGED: Hyper = MappingProxyType({})  # all hyper-parameters are the optimizer's own


class Engine(Protocol):
    """Trains ``network`` for batches of one size, and evaluates it.

    ``note`` says why it is not the engine that was asked for; else it is empty.
    """

    name: str
    note: str
    network: Network
    loss: Loss
    optimizer: Optimizer
    batch: int  # samples in each, but for the last one of an epoch

    def gradients(self, batch: Batch) -> Tensor:
        """Set ``network.gradients`` for one step; returns the outputs, dropout included.

        The gradients of a part of a batch are its share: those of all parts add up to the whole
        batch's.  Raises ValueError for a batch that does not fit the network or this size.
        """
        ...

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        """Change the weights by what ``network.gradients`` says, with ``hyper`` for this step.

        Raises TypeError for what is no number among the optimizer's arguments.
        """
        ...

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Do what ``gradients`` and ``update`` do, for ``steps`` steps from ``start`` on or to the
        end of its epoch; yields the (outputs, targets) of many steps at a time.

        ``hyper`` is for all steps, or one for each, such as ``[{"lr": 0.1}, {"lr": 0.05}]``.
        Outputs are those of training, computed before each step, dropout included. They and their
        targets come in the epoch's order; later steps leave them as they are.  Raises ValueError
        for batches of another size, for less than one step, if ``hyper`` has more or fewer steps,
        and for parts of batches: their gradients have to be added up before each update. Raises
        TypeError or ValueError for any value that ``update`` refuses, before the first step.
        """
        ...

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        """The network's outputs for ``inputs``, dropout off, in parts that follow each other.

        Raises ValueError for inputs that do not fit the network.
        """
        ...


def steps_of_run(
    engine: Engine,
    batches: Batches,
    start: Cursor,
    steps: int | None,
    hyper: Hyper | Sequence[Hyper],
) -> tuple[Tensor, Tensor, Tensor, Sequence[Hyper]]:
    """All inputs and targets, the numbers of the run's samples, and each step's hyper-parameters.

    Raises ValueError and TypeError as ``Engine.run`` does, before a step changes the network.
    """
    network, weights = engine.network, engine.network.parameters
    asked = network, weights.dtype, weights.device
    inputs, targets = batches.fitted(asked, lambda *both: samples_of(network, *both))
    if batches.size != engine.batch:
        raise ValueError(f"made for batches of {engine.batch} samples, not {batches.size}")
    if batches.world > 1:
        raise ValueError("a run takes whole batches, and these are parts")
    order = batches.samples(start, steps)
    count = -(-order.numel() // batches.size)
    for values in [hyper] if isinstance(hyper, Mapping) else hyper:
        engine.optimizer.check(values)
    if isinstance(hyper, Mapping):
        hyper = [hyper] * count
    if len(hyper) != count:
        raise ValueError(f"a run of {count} steps has no {len(hyper)} sets of hyper-parameters")
    return inputs, targets, order, hyper


def samples_of_batch(engine: Engine, batch: Batch) -> tuple[Tensor, Tensor]:
    """Its inputs and targets, as ``samples_of`` has them.

    Raises ValueError for a batch that does not fit the network, the engine's size or itself.
    """
    inputs, targets = samples_of(engine.network, batch.inputs, batch.targets)
    if batch.whole > engine.batch:
        raise ValueError(f"made for batches of {engine.batch} samples, not {batch.whole}")
    if len(inputs) > batch.whole:
        raise ValueError(f"a batch of {batch.whole} samples has no part of {len(inputs)}")
    if len(batch.samples) != len(inputs):
        raise ValueError(f"{len(inputs)} samples have no {len(batch.samples)} numbers")
    return inputs, targets


def samples_of(network: Network, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Both where the weights are: values in the weights' dtype, and class numbers in int64.

    Losses and layers of a network check nothing, and C would read what lies beside the samples.
    Raises ValueError for samples that do not fit the network.
    """
    values = inputs_of(network, inputs)
    outputs = (len(inputs), *network.graph.output.sizes)
    weights = network.parameters
    if are_classes(outputs, targets):
        check_classes(targets, outputs[-1])
        return values, targets.to(weights.device, torch.int64).contiguous()
    if targets.shape != outputs:
        given = list(targets.shape)
        raise ValueError(f"targets have shape {given}, not the network's {list(outputs)}")
    return values, targets.to(weights).contiguous()


def inputs_of(network: Network, inputs: Tensor) -> Tensor:
    """The inputs in the weights' dtype, on their device.

    Raises ValueError for another shape than the network's.
    """
    if not inputs.dim() or inputs.shape[1:] != network.graph.input.sizes:
        raise ValueError(f"inputs have shape {list(inputs.shape)}, not the network's")
    return inputs.to(network.parameters).contiguous()
