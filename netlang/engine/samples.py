"""Engines check the samples they are called with, and move them to where the weights are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.optimizers import Hyper
from netlang.catalogue.targets import are_classes, check_classes
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import Engine
from netlang.engine.network import Network
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def steps_of_run(
    engine: Engine,
    batches: Batches,
    start: Cursor,
    steps: int | None,
    hyper: Hyper | Sequence[Hyper],
) -> tuple[Tensor, Tensor, Tensor, Sequence[Hyper]]:
    """What ``Engine.run`` works on: all inputs and targets, the order of the samples, and each
    step's hyper-parameters.  Raises ValueError and TypeError as it does.
    """
    network, weights = engine.network, engine.network.parameters
    key = network, weights.dtype, weights.device
    inputs, targets = batches.converted(key, lambda *both: samples_of(network, *both))
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
    return inputs, targets, order, hyper


def samples_of_batch(engine: Engine, batch: Batch) -> tuple[Tensor, Tensor]:
    """The batch's inputs and targets, as ``samples_of`` gives them.

    Raises ValueError if the batch does not fit the network or the engine, or its own fields do not
    fit each other.
    """
    inputs, targets = samples_of(engine.network, batch.inputs, batch.targets)
    if batch.whole_size > engine.batch_size:
        raise ValueError(f"made for batches of {engine.batch_size} samples, not {batch.whole_size}")
    if len(inputs) > batch.whole_size:
        raise ValueError(f"a batch of {batch.whole_size} samples has no part of {len(inputs)}")
    if len(batch.numbers) != len(inputs):
        raise ValueError(f"{len(inputs)} samples have no {len(batch.numbers)} numbers")
    return inputs, targets


def samples_of(network: Network, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Both on the weights' device: values in the weights' dtype, class numbers in int64.

    Raises ValueError for samples that do not fit the network. Nothing else would notice: its layers
    and losses check nothing, and C would read beyond the samples.
    """
    values = inputs_of(network, inputs)
    outputs = (len(inputs), *network.graph.output.sizes)
    weights = network.parameters
    if are_classes(outputs, targets):
        check_classes(targets, outputs[-1])
        return values, targets.to(weights.device, torch.int64).contiguous()
    if targets.shape != outputs:
        shapes = f"{list(targets.shape)}, not the network's {list(outputs)}"
        raise ValueError(f"targets have shape {shapes}")
    return values, targets.to(weights).contiguous()


def inputs_of(network: Network, inputs: Tensor) -> Tensor:
    """The inputs in the weights' dtype, on their device.

    Raises ValueError for another shape than the network's.
    """
    if not inputs.dim() or inputs.shape[1:] != network.graph.input.sizes:
        raise ValueError(f"inputs have shape {list(inputs.shape)}, not the network's")
    return inputs.to(network.parameters).contiguous()
