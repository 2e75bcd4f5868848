"""Tokens are whole numbers of a vocabulary, of whatever type; what is none is refused."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.layers import Embedding


@pytest.mark.parametrize("kind", [torch.int64, torch.int32, torch.float32, torch.float64])
def test_tokens_are_whole_numbers_of_any_type(kind: torch.dtype) -> None:
    layer = Embedding(5, 3)
    tokens = torch.tensor([[0, 4], [2, 2]])
    assert torch.equal(layer.forward(tokens.to(kind)), layer.weight[tokens])


@pytest.mark.parametrize(("wrong", "said"), [(1.5, "1.5"), (-0.5, "-0.5"), (torch.nan, "nan")])
def test_a_fraction_is_no_token(wrong: float, said: str) -> None:
    for layer in (Embedding(5, 3), Embedding.declared({"num_embeddings": 5, "embedding_dim": 3})):
        with pytest.raises(ValueError, match=f"takes tokens, which are whole numbers, not {said}"):
            layer.forward(torch.tensor([[0.0, wrong], [2.5, 1.0]]))


@pytest.mark.parametrize(
    ("wrong", "said"), [(5.0, "from 0 to 5"), (-1.0, "from -1 to 0"), (torch.inf, "from 0 to inf")]
)
def test_a_token_beyond_the_vocabulary_is_refused(wrong: float, said: str) -> None:
    with pytest.raises(ValueError, match=f"takes tokens from 0 to 4, not {said}"):
        Embedding(5, 3).forward(torch.tensor([[0.0, wrong]]))
