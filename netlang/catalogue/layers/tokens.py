"""Tokens become rows of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer, Weight
from netlang.language.shapes import Shape, ShapeError, Unknown, unify

if TYPE_CHECKING:
    from torch import Generator, Tensor


class Embedding(Layer, known_as=("Embed", "TokenEmbedding", "Lookup", "LookupTable")):
    """y = w[x]: each token becomes its row of a table.

    Shape: [N, *] of tokens -> [N, *, embedding_dim].  Weights: ``weight`` w
    [num_embeddings, embedding_dim], drawn from N(0, 1).  Source: Bengio et al. 2003; dw[x] += dy.
    """

    num_embeddings: Size = arg(
        doc="how many tokens there are", known_as=("input_dim", "vocab_size", "vocabulary")
    )
    embedding_dim: Size = arg(
        doc="size of a token's row", known_as=("output_dim", "dim", "d_model", "features")
    )

    takes = "tokens"
    examples = (
        ("Embedding(5, 3)", Shape.of(4, tokens=5)),
        ("Embedding(6, 2)", Shape.of(2, 3, tokens=6)),
    )

    def tensors(self) -> dict[str, Weight]:
        return {"weight": Weight((self.num_embeddings, self.embedding_dim), self._initial)}

    def _initial(self, values: Tensor, generator: Generator) -> None:
        values.normal_(0.0, 1.0, generator=generator)

    def prepare(self) -> None:
        self.weight: Tensor
        self.weight_grad: Tensor

    def input_shape(self) -> Shape:
        return Shape.of(Unknown(), tokens=self.num_embeddings)

    def infer(self, x: Shape) -> Shape:
        if x.tokens is not None and not unify(x.tokens, self.num_embeddings):
            takes = Shape(x.sample, self.num_embeddings)
            raise ShapeError(takes, "num_embeddings", x.vocabulary)
        return Shape((*x.sample, self.embedding_dim))

    def forward(self, x: Tensor) -> Tensor:
        self.saved = tokens = x.long()
        return self.weight[tokens]

    def backward(self, dy: Tensor) -> None:  # there is no gradient at tokens
        rows = dy.reshape(-1, self.embedding_dim)
        self.weight_grad.index_add_(0, self.saved.reshape(-1), rows)
