"""The layers that are measured beside PyTorch's give what these give."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from tests.benchmarks.layers import CASES, NETWORKS, steps


@pytest.mark.parametrize(("text", "sample", "batch"), [*CASES, *NETWORKS.values()])
def test_both_give_the_same_gradients(text: str, sample: Sequence[int], batch: int) -> None:
    ours, theirs = steps(text, sample, 2)
    for one, other in zip(ours(), theirs(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)
