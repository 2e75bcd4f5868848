"""The p-norm of any numbers and any p is that of exact arithmetic, and so is its gradient."""

from __future__ import annotations

import math

import pytest
import torch

from netlang.catalogue.p_norms import p_norm, p_norm_gradient

ROWS = torch.tensor(
    [
        [100.0, -300.0, 0.5, 299.0],  # 300^20 is no float of 32 bits
        [1e-3, 2e-3, -3e-3, 0.0],  # and neither is 0.003^20
        [2.0, -2.0, 1.0, 2.0],
        [1e30, 1e-30, 0.0, -1e30],
    ]
)


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, 20.0, 1e3, 3.4e38])
def test_neither_large_nor_small_numbers_change_what_it_is(p: float) -> None:
    rows = ROWS[: 3 if p in (1, 2) else 4]  # these two are torch's, which overflow
    largest = rows.double().abs().amax(-1, keepdim=True)
    shares = rows.double().abs() / largest
    total = shares.pow(p).sum(-1, keepdim=True)
    torch.testing.assert_close(p_norm(rows, p), (largest * total ** (1 / p)).squeeze(-1).float())
    slope = rows.sign() * shares.pow(p - 1) / total ** ((p - 1) / p)
    # A rounding of a number is p times as large in its power.
    torch.testing.assert_close(p_norm_gradient(rows, p), slope.float(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("p", [1.0, 2.0, 20.0])
def test_of_no_length_and_of_no_end(p: float) -> None:
    rows = torch.tensor([[0.0, 0.0], [math.inf, 1.0], [math.nan, 1.0]])
    torch.testing.assert_close(
        p_norm(rows, p), torch.tensor([0.0, math.inf, math.nan]), equal_nan=True
    )
    assert not p_norm_gradient(rows, p)[0].any()
