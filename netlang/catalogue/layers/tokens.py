"""Tokens become vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer, Weight
from netlang.language.shapes import Shape, ShapeError, Unknown, solved, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


_MOST_TOKENS = 1 << 24  # whose numbers are exact in float32, in which inputs are kept


class Embedding(Layer, known_as=("Embed", "TokenEmbedding", "Lookup", "LookupTable")):
    """y = w[x]: each token becomes its row of a table; that of ``padding_idx`` becomes 0.

    Shape: [N, *] of tokens -> [N, *, embedding_dim].  Weights: ``weight`` w
    [num_embeddings, embedding_dim], drawn from N(0, std).  Source: Bengio et al. 2003; dw[x] += dy.
    """

    num_embeddings: Size = arg(
        doc="how many tokens there are", known_as=("input_dim", "vocab_size", "vocabulary")
    )
    embedding_dim: Size = arg(
        doc="size of a token's vector", known_as=("output_dim", "dim", "d_model", "features")
    )
    padding_idx: int | None = arg(
        default=None,
        at_least=0,
        doc="a token that stands for nothing: its vector is 0",
        known_as=("padding", "pad"),
    )
    std: float = arg(
        default=1.0, at_least=0.0, doc="standard deviation of the weights at the beginning"
    )

    alike = True
    takes = "tokens"
    examples = (
        ("Embedding(5, 3)", Shape.of(4, tokens=5)),
        ("Embedding(6, 2, padding_idx=1)", Shape.of(2, 3, tokens=6)),
    )

    def tensors(self) -> dict[str, Weight]:
        return {"weight": Weight((self.num_embeddings, self.embedding_dim), self._initial)}

    def _initial(self, values: Tensor, generator: Generator) -> None:
        values.normal_(0.0, self.std, generator=generator)
        if self.padding_idx is not None:
            values[self.padding_idx].zero_()

    def prepare(self) -> None:
        self.weight: Tensor
        self.weight_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        table, tokens = solved(self.num_embeddings), x.vocabulary
        if isinstance(table, Unknown) or isinstance(tokens, Unknown):
            unify(table, tokens)
        elif tokens is not None and tokens > table:
            raise ShapeError(Shape(x.sample, table), "num_embeddings", tokens)
        if isinstance(table, int) and table > _MOST_TOKENS:
            reason = f"has {table:,} tokens, whose numbers are not exact in 32-bit floats"
            help = f"up to {_MOST_TOKENS:,} are exact: give rare tokens one number together"
            raise ShapeError(x, reason=reason, help=help)
        if self.padding_idx is not None and isinstance(table, int) and self.padding_idx >= table:
            reason = f"has {table} tokens, and pads with number {self.padding_idx}"
            raise ShapeError(x, reason=reason, help="tokens are numbered from 0")
        return Shape((*x.sample, self.embedding_dim), padded=x.padded)

    def input_shape(self) -> Shape:
        return Shape.of(Unknown(), tokens=self.num_embeddings)

    def forward(self, x: Tensor) -> Tensor:
        self.saved = tokens = x.long().flatten()
        self._refuse_fractions(x)
        try:
            rows = self.weight.index_select(0, tokens)
        except IndexError:
            known = f"tokens from 0 to {self.num_embeddings - 1}"
            wrong = f"{self!r} takes {known}, not from {x.min():g} to {x.max():g}"
            raise ValueError(wrong) from None
        return self._without_padding(rows).view(*x.shape, self.embedding_dim)

    def _refuse_fractions(self, x: Tensor) -> None:
        """Raise ValueError for what is no whole number, of which a token would be cut off."""
        if x.is_meta or not x.is_floating_point() or torch.equal(x.trunc(), x):
            return
        wrong = x[x.trunc() != x][0].item()
        raise ValueError(f"{self!r} takes tokens, which are whole numbers, not {wrong:g}")

    def backward(self, dy: Tensor) -> None:
        """None: tokens have no gradient."""
        self.accumulate(dy)

    def accumulate(self, dy: Tensor) -> None:
        rows = self._without_padding(dy.reshape(-1, self.embedding_dim))
        self.weight_grad.index_add_(0, self.saved, rows)

    def _without_padding(self, rows: Tensor) -> Tensor:
        """``rows`` [tokens, embedding_dim] with 0 for the tokens that are padding."""
        if self.padding_idx is None:
            return rows
        return rows.masked_fill((self.saved == self.padding_idx).unsqueeze(1), 0)
