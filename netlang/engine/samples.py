"""Engines check the samples they are called with, and move them to where the weights are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper
from netlang.catalogue.outputs import SumOfLosses
from netlang.catalogue.targets import are_classes, check_classes
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import Engine
from netlang.engine.network import Network
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Converted(NamedTuple):
    """Samples as an engine takes them.

    Shape: inputs [n, *], targets [n, *], weights [n] if there are any.
    """

    inputs: Tensor
    targets: Tensor
    weights: Tensor | None


def steps_of_run(
    engine: Engine,
    batches: Batches,
    start: Cursor,
    steps: int | None,
    hyper: Hyper | Sequence[Hyper],
) -> tuple[Converted, Tensor, Sequence[Hyper]]:
    """What ``Engine.run`` works on: all samples, their order, and each step's hyper-parameters.

    Raises ValueError and TypeError as it does.
    """
    network, weights = engine.network, engine.network.parameters
    key = network, weights.dtype, weights.device
    samples = batches.converted(key, lambda *tensors: samples_of(network, engine.loss, *tensors))
    if batches.size != engine.batch_size:
        raise ValueError(f"made for batches of {engine.batch_size} samples, not {batches.size}")
    if batches.world > 1:
        raise ValueError("a run takes whole batches, and these are parts")
    order = batches.order(start, steps)
    count = -(-order.numel() // batches.size)
    for values in [hyper] if isinstance(hyper, Mapping) else hyper:
        engine.optimizer.check(values)
    if isinstance(hyper, Mapping):
        hyper = [hyper] * count
    if len(hyper) != count:
        raise ValueError(f"a run of {count} steps has no {len(hyper)} sets of hyper-parameters")
    return samples, order, hyper


def checked(engine: Engine, batch: Batch) -> Batch:
    """The batch with its samples as ``samples_of`` gives them.

    Raises ValueError if the batch does not fit the network or the engine, or its own fields do not
    fit each other.
    """
    tensors = batch.inputs, batch.targets, batch.weights
    samples = samples_of(engine.network, engine.loss, *tensors)
    if batch.whole_size > engine.batch_size:
        raise ValueError(f"made for batches of {engine.batch_size} samples, not {batch.whole_size}")
    count = len(samples.inputs)
    if count > batch.whole_size:
        raise ValueError(f"a batch of {batch.whole_size} samples has no part of {count}")
    if len(batch.numbers) != count:
        raise ValueError(f"{count} samples have no {len(batch.numbers)} numbers")
    return batch.replace(**samples._asdict())


def samples_of(
    network: Network, loss: Loss, inputs: Tensor, targets: Tensor, weights: Tensor | None = None
) -> Converted:
    """All on the network's device: values in its dtype, class numbers in int64, of which NO_CLASS
    is one if the ``loss`` skips it. Those of several outputs are a row of numbers.

    Raises ValueError for samples that do not fit the network. Nothing else would notice: its layers
    and losses check nothing, and C would read beyond the samples.
    """
    values = inputs_of(network, inputs)
    outputs = (len(inputs), *loss.predicted(network.graph.output.sizes))
    if weights is not None:
        weights = _weights_of(network, weights, len(inputs))
    if isinstance(loss, SumOfLosses) and loss.parts:
        loss.check_row(targets, len(inputs))
        return Converted(values, targets.to(network.parameters).contiguous(), weights)
    if are_classes(outputs, targets):
        check_classes(targets, outputs[-1], loss.skips)
        classes = targets.to(network.parameters.device, torch.int64).contiguous()
        return Converted(values, classes, weights)
    if targets.shape != outputs:
        shapes = f"{list(targets.shape)}, not the network's {list(outputs)}"
        raise ValueError(f"targets have shape {shapes}")
    return Converted(values, targets.to(network.parameters).contiguous(), weights)


def _weights_of(network: Network, weights: Tensor, count: int) -> Tensor:
    """The weights of ``count`` samples in the network's dtype, on its device."""
    if weights.shape != (count,):
        raise ValueError(f"weights have shape {list(weights.shape)}, not [{count}]")
    if not ((weights >= 0) & weights.isfinite()).all():
        raise ValueError("a sample's weight is a finite number, at least 0")
    return weights.to(network.parameters).contiguous()


def inputs_of(network: Network, inputs: Tensor) -> Tensor:
    """The inputs in the weights' dtype, on their device.

    Raises ValueError for another shape than the network's.
    """
    if not inputs.dim() or inputs.shape[1:] != network.graph.input.sizes:
        raise ValueError(f"inputs have shape {list(inputs.shape)}, not the network's")
    return inputs.to(network.parameters).contiguous()
