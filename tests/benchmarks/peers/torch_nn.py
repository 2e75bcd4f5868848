"""PyTorch as it is mostly written: ``torch.nn``, autograd and ``torch.optim``, step by step.

The data stand in two tensors that are shuffled by index, which is faster than a ``DataLoader``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.benchmarks.workloads import LEARNING_RATE, Floats, Workload

Criterion = Callable[[Tensor, Tensor], Tensor]


def model1(workload: Workload) -> nn.Module:
    return nn.Sequential(
        *(nn.Linear(2, 25), nn.ReLU()),
        *(nn.Linear(25, 25), nn.Dropout(workload.dropout), nn.ReLU()),
        *(nn.Linear(25, 25), nn.ReLU()),
        *(nn.Linear(25, 2), nn.Tanh()),
    )


def model2(workload: Workload) -> nn.Module:
    return nn.Sequential(
        *(nn.Linear(2, 25), nn.ReLU()),
        *(nn.Linear(25, 25), nn.Dropout(workload.dropout), nn.ELU()),
        *(nn.Linear(25, 25), nn.Dropout(workload.dropout), nn.ReLU()),
        *(nn.Linear(25, 2), nn.Softmax(-1)),
    )


def classifier(workload: Workload) -> nn.Module:
    *hidden, (classes, width) = workload.shapes
    layers = [layer for out, into in hidden for layer in (nn.Linear(into, out), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(width, classes))


class Block(nn.Module):
    """relu(x + w₂ relu(w₁ x))"""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.first(x))))


def residual(workload: Workload) -> nn.Module:
    inputs, width, *_, classes = workload.widths
    blocks = [Block(width) for _ in range((len(workload.shapes) - 2) // 2)]
    ends = nn.Linear(width, classes), nn.Softmax(-1)
    return nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), *blocks, *ends)


def cross_entropy(y: Tensor, t: Tensor, eps: float = 1e-2) -> Tensor:
    """Binary cross-entropy of every output, as the paper has it."""
    return -(t * (y + eps).log() + (1 - t) * (1 - y + eps).log()).sum() / len(y)


MODELS: dict[str, Callable[[Workload], nn.Module]] = {
    "model1": model1,
    "model2": model2,
    "classifier": classifier,
    "residual": residual,
}
CRITERIA: dict[str, Criterion] = {
    "model1": nn.MSELoss(reduction="sum"),
    "model2": cross_entropy,
    "classifier": functional.cross_entropy,
    "residual": cross_entropy,
}


def model(workload: Workload) -> nn.Module:
    made = MODELS[workload.twin](workload)
    with torch.no_grad():
        for parameter, start in zip(made.parameters(), workload.weights(), strict=True):
            parameter.copy_(torch.from_numpy(start))
    return made


def tensors(workload: Workload) -> tuple[Tensor, Tensor]:
    """Inputs, and targets as the criterion likes them best."""
    inputs, labels = (torch.from_numpy(part) for part in workload.data())
    if workload.twin == "classifier":
        return inputs, labels
    return inputs, functional.one_hot(labels, workload.widths[-1]).float()


class Stepwise(ABC):
    """An epoch in Python: an order, and a step for each batch."""

    def __init__(self, workload: Workload) -> None:
        self.batch = workload.batch
        self.inputs, self.targets = tensors(workload)
        self.model, self.criterion = model(workload), CRITERIA[workload.twin]

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
        return [parameter.detach().numpy().copy() for parameter in self.model.parameters()]


class Fused(Eager):
    """The same with the optimizer that updates all weights in one kernel."""

    fused = True
