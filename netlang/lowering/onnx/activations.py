"""Activations in ONNX."""

from __future__ import annotations

import math

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
from netlang.lowering.onnx.lowerings import Own, lowers
from netlang.lowering.onnx.values import Value, op


@lowers(ReLU)
def relu(layer: ReLU, own: Own, x: Value) -> Value:
    return op("Relu", x)


@lowers(ReLU6)
def relu6(layer: ReLU6, own: Own, x: Value) -> Value:
    return op("Clip", x, 0.0, 6.0)


@lowers(LeakyReLU)
def leaky_relu(layer: LeakyReLU, own: Own, x: Value) -> Value:
    return op("LeakyRelu", x, alpha=layer.negative_slope)


@lowers(PReLU)
def prelu(layer: PReLU, own: Own, x: Value) -> Value:
    ones = [1] * (len(x.sizes) - 1)  # each slope meets its channel
    return op("PRelu", x, own.shaped("weight", layer.num_parameters, *ones))


@lowers(SiLU)
def silu(layer: SiLU, own: Own, x: Value) -> Value:
    return x * op("Sigmoid", x)


@lowers(GELU)
def gelu(layer: GELU, own: Own, x: Value) -> Value:
    if layer.approximate == "tanh":
        return x * op("Sigmoid", (x * x * layer.cubic + 1.0) * x * layer.rate)
    return x * ((op("Erf", x * math.sqrt(0.5)) + 1.0) * 0.5)


@lowers(Mish)
def mish(layer: Mish, own: Own, x: Value) -> Value:
    return x * op("Tanh", op("Softplus", x))


@lowers(HardSwish)
def hard_swish(layer: HardSwish, own: Own, x: Value) -> Value:
    return op("HardSwish", x)


@lowers(Tanh)
def tanh(layer: Tanh, own: Own, x: Value) -> Value:
    return op("Tanh", x)


@lowers(Sigmoid)
def sigmoid(layer: Sigmoid, own: Own, x: Value) -> Value:
    return op("Sigmoid", x)


@lowers(Softsign)
def softsign(layer: Softsign, own: Own, x: Value) -> Value:
    return op("Softsign", x)


@lowers(HardSigmoid)
def hard_sigmoid(layer: HardSigmoid, own: Own, x: Value) -> Value:
    return op("HardSigmoid", x, alpha=1 / 6, beta=0.5)


@lowers(HardTanh)
def hard_tanh(layer: HardTanh, own: Own, x: Value) -> Value:
    return op("Clip", x, layer.min_val, layer.max_val)


@lowers(ELU)
def elu(layer: ELU, own: Own, x: Value) -> Value:
    return op("Elu", x, alpha=layer.alpha)


@lowers(CELU)
def celu(layer: CELU, own: Own, x: Value) -> Value:
    return op("Celu", x, alpha=layer.alpha)


@lowers(SeLU)
def selu(layer: SeLU, own: Own, x: Value) -> Value:
    return op("Selu", x, alpha=layer.alpha, gamma=layer.lam)


@lowers(Softplus)
def softplus(layer: Softplus, own: Own, x: Value) -> Value:
    u = x if layer.beta == 1 else x * layer.beta
    bent = op("Softplus", u)
    return x.where(u > layer.threshold, bent if layer.beta == 1 else bent / layer.beta)


@lowers(Softmax)
def softmax(layer: Softmax, own: Own, x: Value) -> Value:
    return op("Softmax", x, axis=layer.dim)


@lowers(LogSoftmax)
def log_softmax(layer: LogSoftmax, own: Own, x: Value) -> Value:
    return op("LogSoftmax", x, axis=layer.dim)


@lowers(GLU)
def glu(layer: GLU, own: Own, x: Value) -> Value:
    half = (0, *x.sizes)[layer.dim] // 2
    a, b = x.split(layer.dim, half, half)
    return a * op("Sigmoid", b)
