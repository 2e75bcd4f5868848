"""PyTorch as it is mostly written: ``torch.nn``, autograd and ``torch.optim``, step by step.

The data stand in two tensors that are shuffled by index, which is faster than a ``DataLoader``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.benchmarks.peers.torch_networks import network, weights
from tests.benchmarks.pieces import in_pieces
from tests.benchmarks.workloads import LEARNING_RATE, Floats, Workload

Criterion = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(y: Tensor, t: Tensor, eps: float = 1e-2) -> Tensor:
    """Binary cross-entropy of every output, as the paper has it."""
    return -(t * (y + eps).log() + (1 - t) * (1 - y + eps).log()).sum() / len(y)


def of_classes(y: Tensor, t: Tensor) -> Tensor:
    """The cross-entropy of logits and class numbers, a mean over samples, and over places."""
    return functional.cross_entropy(y.flatten(0, -2), t.flatten())


CRITERIA: dict[str, Criterion] = {
    "model1": nn.MSELoss(reduction="sum"),
    "model2": cross_entropy,
    "residual": cross_entropy,
}


def criterion(workload: Workload) -> Criterion:
    return CRITERIA.get(workload.twin, of_classes)


def tensors(workload: Workload) -> tuple[Tensor, Tensor]:
    """Inputs, and targets as the criterion likes them best."""
    inputs, labels = (torch.from_numpy(part) for part in workload.data())
    if workload.twin in CRITERIA:
        return inputs, functional.one_hot(labels, workload.classes).float()
    return inputs, labels


class Stepwise(ABC):
    """An epoch in Python: an order, and a step for each batch."""

    def __init__(self, workload: Workload) -> None:
        self.batch = workload.batch
        self.inputs, self.targets = tensors(workload)
        self.model, self.criterion = network(workload), criterion(workload)

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            order = torch.randperm(len(self.inputs))
            inputs, targets = self.inputs[order], self.targets[order]
            for x, t in zip(inputs.split(self.batch), targets.split(self.batch), strict=True):
                self.step(x, t)

    @abstractmethod
    def step(self, x: Tensor, t: Tensor) -> None: ...

    @abstractmethod
    def weights(self) -> list[Floats]: ...


class Eager(Stepwise):
    """One operation after the other, with the optimizer's default implementation."""

    fused: bool | None = None

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        make = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}[workload.optimizer]
        self.optimizer = make(self.model.parameters(), lr=LEARNING_RATE, fused=self.fused)

    def step(self, x: Tensor, t: Tensor) -> None:
        self.optimizer.zero_grad()
        self.criterion(self.model(x), t).backward()
        self.optimizer.step()

    def weights(self) -> list[Floats]:
        return [weight.numpy().copy() for weight in weights(self.model)]


class Fused(Eager):
    """The same with the optimizer that updates all weights in one kernel."""

    fused = True


class ChannelsLast(Fused):
    """The same with a picture's channels innermost in memory."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        self.inputs = self.inputs.to(memory_format=torch.channels_last)
        self.model.to(memory_format=torch.channels_last)


class Evaluated:
    """The network's outputs, without a graph for gradients."""

    layout = torch.contiguous_format

    def __init__(self, workload: Workload) -> None:
        inputs, _ = tensors(workload)
        model = network(workload).eval().to(memory_format=self.layout)
        self.predict = in_pieces(self.runner(model), inputs.contiguous(memory_format=self.layout))

    def runner(self, model: nn.Module) -> Callable[[Tensor], Floats]:
        @torch.inference_mode()
        def run(x: Tensor) -> Floats:
            outputs: Floats = model(x).numpy()
            return outputs

        return run


class EvaluatedChannelsLast(Evaluated):
    layout = torch.channels_last
