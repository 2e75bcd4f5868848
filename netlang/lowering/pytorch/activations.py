"""Activations in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import GELU, ReLU, SeLU, Sigmoid, SiLU, Softmax, Tanh
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(ReLU)
def relu(layer: ReLU, x: Shape) -> TorchModule:
    return TorchModule("nn.ReLU()")


@lowers(Tanh)
def tanh(layer: Tanh, x: Shape) -> TorchModule:
    return TorchModule("nn.Tanh()")


@lowers(Sigmoid)
def sigmoid(layer: Sigmoid, x: Shape) -> TorchModule:
    return TorchModule("nn.Sigmoid()")


@lowers(SeLU)
def selu(layer: SeLU, x: Shape) -> TorchModule:
    if layer.lam == 1:
        return TorchModule("nn.ELU()" if layer.alpha == 1 else f"nn.ELU({layer.alpha})")
    return TorchModule(f"SeLU({layer.alpha}, {layer.lam})", uses=(_IN_PYTORCH,))


@lowers(SiLU)
def silu(layer: SiLU, x: Shape) -> TorchModule:
    return TorchModule("nn.SiLU()")


@lowers(GELU)
def gelu(layer: GELU, x: Shape) -> TorchModule:
    approximate = "" if layer.approximate == "none" else 'approximate="tanh"'
    return TorchModule(f"nn.GELU({approximate})")


@lowers(Softmax)
def softmax(layer: Softmax, x: Shape) -> TorchModule:
    return TorchModule("nn.Softmax(dim=-1)")


_IN_PYTORCH = TorchDefinition(
    '''\
class SeLU(nn.Module):
    """lam x for x > 0, and lam alpha (exp(x) - 1) elsewhere."""

    def __init__(self, alpha, lam):
        super().__init__()
        self.alpha, self.lam = alpha, lam

    def forward(self, x):
        return self.lam * F.elu(x, self.alpha)
'''
)
