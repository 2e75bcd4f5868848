"""A number before a loss multiplies its gradient, in both engines."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.losses import Loss
from netlang.catalogue.outputs import SumOfLosses, Term
from tests.catalogue.layers.test_conformance import build
from tests.engine.agreement import Kind
from tests.engine.test_sample_weights import ON_THREE, WEIGHTS, gradients, samples_of


@pytest.mark.parametrize("text", ON_THREE)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
def test_the_gradients_are_those_of_the_loss_times_its_weight(
    kind: Kind,
    text: str,
    weights: torch.Tensor | None,
) -> None:
    loss = build(text)
    assert isinstance(loss, Loss)
    loss = loss.anew()
    plain = gradients(kind, loss, samples_of(), weights)
    scaled = gradients(kind, SumOfLosses.of(Term(loss, 0.25)), samples_of(), weights)
    torch.testing.assert_close(scaled, 0.25 * plain, rtol=1e-12, atol=0)
