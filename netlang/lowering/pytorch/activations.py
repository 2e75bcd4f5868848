"""Activations in PyTorch."""

from __future__ import annotations

import struct

from netlang.catalogue.layers import (
    CELU,
    ELU,
    GELU,
    GLU,
    HardSigmoid,
    HardSwish,
    HardTanh,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    SeLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchExpression, TorchModule
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
    return TorchModule(f"nn.Softmax(dim={layer.dim})")


@lowers(LogSoftmax)
def log_softmax(layer: LogSoftmax, x: Shape) -> TorchModule:
    return TorchModule(f"nn.LogSoftmax(dim={layer.dim})")


@lowers(GLU)
def glu(layer: GLU, x: Shape) -> TorchModule:
    return TorchModule(f"nn.GLU(dim={layer.dim})")


@lowers(ReLU6)
def relu6(layer: ReLU6, x: Shape) -> TorchModule:
    return TorchModule("nn.ReLU6()")


@lowers(LeakyReLU)
def leaky_relu(layer: LeakyReLU, x: Shape) -> TorchModule:
    return TorchModule(f"nn.LeakyReLU({layer.negative_slope})")


@lowers(PReLU)
def prelu(layer: PReLU, x: Shape) -> TorchModule:
    return TorchModule(f"nn.PReLU({layer.num_parameters}, init={layer.init})")


@lowers(ELU)
def elu(layer: ELU, x: Shape) -> TorchModule:
    return TorchModule(f"nn.ELU({layer.alpha})")


@lowers(CELU)
def celu(layer: CELU, x: Shape) -> TorchModule | TorchExpression:
    if _is_single(layer.alpha):
        return TorchModule(f"nn.CELU({layer.alpha})")
    # The slope of torch's own takes α as a number of 32 bits, in double precision, too.
    return TorchExpression(f"{layer.alpha} * F.elu(x / {layer.alpha})")


def _is_single(number: float) -> bool:
    """Whether a number of 32 bits holds it exactly."""
    (held,) = struct.unpack("f", struct.pack("f", number))
    return bool(held == number)


@lowers(Softplus)
def softplus(layer: Softplus, x: Shape) -> TorchModule:
    return TorchModule(f"nn.Softplus(beta={layer.beta}, threshold={layer.threshold})")


@lowers(Softsign)
def softsign(layer: Softsign, x: Shape) -> TorchModule:
    return TorchModule("nn.Softsign()")


@lowers(HardSigmoid)
def hard_sigmoid(layer: HardSigmoid, x: Shape) -> TorchExpression:
    # nn.Hardsigmoid has a slope of 1/6 in 32 bits, in 64 bits, too.
    return TorchExpression("F.relu6(x + 3) / 6")


@lowers(HardTanh)
def hard_tanh(layer: HardTanh, x: Shape) -> TorchModule:
    return TorchModule(f"nn.Hardtanh({layer.min_val}, {layer.max_val})")


@lowers(Mish)
def mish(layer: Mish, x: Shape) -> TorchModule:
    return TorchModule("nn.Mish()")


@lowers(HardSwish)
def hard_swish(layer: HardSwish, x: Shape) -> TorchModule:
    return TorchModule("nn.Hardswish()")


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
