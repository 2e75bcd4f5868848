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
from netlang.compiler.ir import Graph
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.network import Network

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

    def gradients(self, batch: Batch) -> Tensor:
        """Set ``network.gradients`` for one step; returns the outputs, dropout included.

        The gradients of a part of a batch are its share: those of all parts add up to the whole
        batch's.
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
        """``gradients`` and ``update`` for so many steps from ``start`` on, to its epoch's end at
        most; yields (outputs, targets) of a stretch of many steps.

        ``hyper`` is for all steps, or one for each, such as ``[{"lr": 0.1}, {"lr": 0.05}]``.
        Outputs are those of training, computed before each step, dropout included. They and their
        targets come in the epoch's order; later steps leave them as they are.  Raises ValueError
        for batches of another size, for steps that are none, if ``hyper`` has more or fewer steps,
        and for parts of batches: their gradients have to be added up before each update.
        """
        ...

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        """The network's outputs for ``inputs``, dropout off, in parts that follow each other."""
        ...


def samples_of_run(batches: Batches, size: int, start: Cursor, steps: int | None) -> Tensor:
    """The samples of a run.  Raises ValueError unless these are whole batches of ``size``.

    Shape: [n], int64.
    """
    if batches.size != size:
        raise ValueError(f"made for batches of {size} samples, not {batches.size}")
    if batches.world > 1:
        raise ValueError("a run takes whole batches, and these are parts")
    return batches.samples(start, steps)


def check_batch(graph: Graph, size: int, batch: Batch) -> None:
    """Raises ValueError for a batch that does not fit a network of this ``graph``, or this size."""
    check_samples(graph, batch.inputs, batch.targets)
    if len(batch.inputs) > size:
        raise ValueError(f"made for batches of {size} samples, not {len(batch.inputs)}")
    if len(batch.samples) != len(batch.inputs):
        raise ValueError(f"{len(batch.inputs)} samples have no {len(batch.samples)} numbers")


def check_samples(graph: Graph, inputs: Tensor, targets: Tensor) -> None:
    """Raises ValueError for samples that do not fit a network of this ``graph``.

    Losses and layers of a network check nothing, and C would read what lies beside the samples.
    """
    outputs = (len(inputs), *graph.output.sizes)
    classes = are_classes(outputs, targets)
    if inputs.shape[1:] != graph.input.sizes or not (classes or targets.shape == outputs):
        shapes = f"{list(inputs.shape)} and {list(targets.shape)}"
        raise ValueError(f"inputs and targets have shapes {shapes}, not the network's")
    if classes:
        check_classes(targets, outputs[-1])


def hyper_of_steps(hyper: Hyper | Sequence[Hyper], steps: int) -> Sequence[Hyper]:
    """One for each of so many steps.  Raises ValueError if there are more or fewer."""
    if isinstance(hyper, Mapping):
        return [hyper] * steps
    if len(hyper) != steps:
        raise ValueError(f"a run of {steps} steps has no {len(hyper)} sets of hyper-parameters")
    return hyper
