"""Tokens in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Embedding
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Embedding)
def embedding(layer: Embedding, x: Shape) -> TorchModule:
    sizes = f"{layer.num_embeddings}, {layer.embedding_dim}"
    return TorchModule(f"Embedding({sizes})", uses=(_IN_PYTORCH,))


_IN_PYTORCH = TorchDefinition(
    '''\
class Embedding(nn.Embedding):
    """Tokens may come as whole numbers of any type."""

    def forward(self, x):
        return super().forward(x.long())
'''
)
