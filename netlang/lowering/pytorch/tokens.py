"""Tokens become vectors in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Embedding
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Embedding)
def embedding(layer: Embedding, x: Shape) -> TorchModule:
    padding = "" if layer.padding_idx is None else f", padding_idx={layer.padding_idx}"
    std = "" if layer.std == 1 else f", std={layer.std}"
    text = f"Embedding({layer.num_embeddings}, {layer.embedding_dim}{padding}{std})"
    return TorchModule(text, uses=(_EMBEDDING,))


_EMBEDDING = TorchDefinition(
    '''\
class Embedding(nn.Embedding):
    """One that takes tokens of any dtype, and whose weights begin with N(0, std)."""

    def __init__(self, tokens, features, padding_idx=None, std=1.0):
        super().__init__(tokens, features, padding_idx)
        self.weight.detach().mul_(std)

    def forward(self, x):
        y = super().forward(x.long())
        if self.padding_idx is None:
            return y
        return y.masked_fill((x == self.padding_idx).unsqueeze(-1), 0)
'''
)
