"""Losses read outputs in NumPy as they do in netlang."""

from __future__ import annotations

import numpy as np
import torch

from netlang.catalogue import registry
from netlang.catalogue.losses import Loss
from netlang.lowering.python import mathematics
from netlang.lowering.python.readings import reading_of
from tests.catalogue.losses.cases import EXAMPLES, loss_of, outputs_of, takes
from tests.together import together


def read(text: str, y: torch.Tensor) -> torch.Tensor:
    names = {"np": np, "y": y.numpy(), **vars(mathematics)}
    return torch.from_numpy(np.asarray(eval(text, names)))


@together("text", [*EXAMPLES, "Triplet(p=3.4e38)"])
def test_each_loss(text: str) -> None:
    loss = loss_of(text)
    for outputs in (1, 2, 3):
        if not takes(loss, outputs):
            continue
        y = outputs_of(loss, 5, (outputs,))
        found = reading_of(loss, y.shape[-1])
        torch.testing.assert_close(read(found.prediction, y), loss.prediction(y))
        further = [read(one, y) for one in found.further]
        torch.testing.assert_close(further, [*loss.further_of(y)])
        if loss.stands_by(y.shape[-1]) in ("softmax", "sigmoid", "exp"):
            torch.testing.assert_close(read(found.probabilities, y), loss.probabilities(y))


def test_every_loss_has_an_example() -> None:
    assert {loss_of(text).name for text in EXAMPLES} == {
        item.name for item in registry.items("loss") if issubclass(item, Loss)
    }
