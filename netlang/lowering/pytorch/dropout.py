"""Layers that drop numbers in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Dropout, Dropout2d, DropPath
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Dropout)
def dropout(layer: Dropout, x: Shape) -> TorchModule:
    return TorchModule(f"nn.Dropout({layer.p})")


@lowers(Dropout2d)
def dropout_2d(layer: Dropout2d, x: Shape) -> TorchModule | None:
    dimensions = {1: "1d", 2: "2d", 3: "3d"}.get(len(x.sample) - 1)  # behind the channels
    return TorchModule(f"nn.Dropout{dimensions}({layer.p})") if dimensions else None


@lowers(DropPath)
def drop_path(layer: DropPath, x: Shape) -> TorchModule:
    return TorchModule(f"DropPath({layer.p})", uses=(_DROP_PATH,))


_DROP_PATH = TorchDefinition(
    '''\
class DropPath(nn.Module):
    """Zeroes whole samples in training, and scales the others by 1/(1-p)."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = torch.empty(len(x), *[1] * (x.dim() - 1), dtype=x.dtype, device=x.device)
        return x * mask.bernoulli_(1 - self.p) / (1 - self.p)
'''
)
