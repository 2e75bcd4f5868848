"""Outputs and targets for each loss of the catalogue, in the domain that it has."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from netlang.catalogue import registry
from netlang.catalogue.losses import KL, GaussianNLL, Loss, PoissonNLL
from netlang.catalogue.losses.pairs import VectorLoss
from tests.catalogue.layers.test_conformance import build

EXAMPLES = [example for item in registry.items("loss") for example in item.examples]
LOSSES = [pytest.param(example, id=example) for example in EXAMPLES]
BY_NAME = [pytest.param(item, id=item.name) for item in registry.items("loss")]


def loss_of(text: str) -> Loss:
    loss = build(text)
    assert isinstance(loss, Loss)
    return loss


def outputs_of(loss: Loss, count: int, sample: tuple[int, ...]) -> Tensor:
    """Outputs of so many samples, whose prediction has the shape ``sample``; in float64."""
    if isinstance(loss, VectorLoss):
        return torch.randn(count, loss.vectors, 4, dtype=torch.float64)
    *positions, last = sample
    y = torch.randn(count, *positions, last * loss.outputs_per_number, dtype=torch.float64)
    if isinstance(loss, GaussianNLL):
        mean, other = y.chunk(2, -1)
        return torch.cat([mean, other.abs() + 0.1], -1)
    if isinstance(loss, PoissonNLL) and not loss.log_input:
        return y.abs() + 0.1
    if loss.expects == "probabilities":
        return torch.rand_like(y) * 0.98 + 0.01
    return torch.log_softmax(y, -1) if loss.expects == "log-probabilities" else y


def values_for(loss: Loss, count: int, sample: tuple[int, ...]) -> Tensor:
    """Targets in the shape of a prediction: numbers, or one class of each row as values."""
    if isinstance(loss, KL):
        t = torch.randn(count, *sample, dtype=torch.float64)
        return torch.log_softmax(t, -1) if loss.log_target else torch.softmax(t, -1)
    if "regression" not in loss.tasks:
        return one_hot(classes_for(count, sample), sample[-1])
    if isinstance(loss, PoissonNLL):
        return torch.randint(6, (count, *sample)).double()
    return torch.randn(count, *sample, dtype=torch.float64)


def classes_for(count: int, sample: tuple[int, ...]) -> Tensor:
    return torch.randint(max(sample[-1], 2), (count, *sample[:-1]))


def one_hot(classes: Tensor, outputs: int) -> Tensor:
    return (
        classes.unsqueeze(-1).double()
        if outputs == 1
        else functional.one_hot(classes, outputs).double()
    )


def takes(loss: Loss, outputs: int) -> bool:
    """Whether a loss may have so many outputs of classes or numbers."""
    if isinstance(loss, VectorLoss):
        return outputs == 2
    return not loss.misfit(outputs) and (outputs > 1 or loss.takes_one_output)


def fits(text: str, outputs: int, task: str = "classification") -> bool:
    """Whether the example takes so many ordinary outputs of a network, with targets of a task."""
    loss = loss_of(text)
    ordinary = loss.outputs_per_number == 1 and not isinstance(loss, VectorLoss)
    return ordinary and task in loss.tasks and takes(loss, outputs)


def on(outputs: int, task: str = "classification") -> list[str]:
    """The examples that take so many ordinary outputs, with targets of a task."""
    return [text for text in EXAMPLES if fits(text, outputs, task)]
