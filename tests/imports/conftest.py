"""What the tests of imports share: weights and samples that are the same in each run."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def same_draws() -> None:
    """Seed torch's generator, by which networks of other frameworks draw their weights: how near
    two networks come to each other is not left to chance.
    """
    torch.manual_seed(0)
