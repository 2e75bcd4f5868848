"""Activations in NumPy."""

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
from netlang.language.shapes import Shape
from netlang.lowering.numpy.lowerings import Array, NumpyCall, call, lowers
from netlang.lowering.python.mathematics import sigmoid, softmax
from netlang.system.lazy import np


def relu(x: Array) -> Array:
    """y = max(x, 0)."""
    return np.maximum(x, 0)


def clipped(x: Array, least: float, most: float) -> Array:
    """y = min(max(x, least), most)."""
    return np.clip(x, least, most)


def leaky_relu(x: Array, slope: Array) -> Array:
    """y = x for x > 0, and slope x elsewhere."""
    return np.where(x > 0, x, slope * x)


def elu(x: Array, alpha: float = 1.0, rate: float = 1.0) -> Array:
    """y = x for x > 0, and alpha (exp(rate x) - 1) elsewhere."""
    return np.maximum(x, 0) + alpha * np.expm1(rate * np.minimum(x, 0))


def log_softmax(x: Array, axis: int = -1) -> Array:
    """y_i = x_i - log sum_j exp(x_j)."""
    x = x - x.max(axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


def silu(x: Array) -> Array:
    """y = x sigmoid(x)."""
    return x * sigmoid(x)


def gelu(x: Array) -> Array:
    """y = x P(x), with the distribution function P of the standard normal."""
    erf = np.vectorize(math.erf, otypes=[x.dtype])
    return x * (1 + erf(x * math.sqrt(0.5))) / 2


def gelu_by_tanh(x: Array) -> Array:
    """The same with P(x) = (1 + tanh u) / 2, where u = sqrt(2 / pi) (x + 0.044715 x^3)."""
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return x * (1 + np.tanh(u)) / 2


def softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """y = log(1 + exp(beta x)) / beta, and x itself where beta x is above the threshold."""
    u = beta * x
    bend = np.where(u > threshold, 0, np.log1p(np.exp(-np.abs(u))))
    return np.maximum(x, 0) + bend / beta


def mish(x: Array) -> Array:
    """y = x tanh(log(1 + exp(x)))."""
    return x * np.tanh(np.logaddexp(0, x))


def softsign(x: Array) -> Array:
    """y = x / (1 + |x|)."""
    return x / (1 + np.abs(x))


def hard_sigmoid(x: Array) -> Array:
    """y = min(max(x / 6 + 1 / 2, 0), 1)."""
    return np.clip(x + 3, 0, 6) / 6


def hard_swish(x: Array) -> Array:
    """y = x min(max(x + 3, 0), 6) / 6."""
    return x * np.clip(x + 3, 0, 6) / 6


def glu(x: Array, axis: int = -1) -> Array:
    """y = a sigmoid(b), where a and b are the halves of x."""
    a, b = np.split(x, 2, axis)
    return a * sigmoid(b)


@lowers(ReLU)
def _relu(layer: ReLU, x: Shape) -> NumpyCall:
    return call(relu, "x")


@lowers(ReLU6)
def _relu6(layer: ReLU6, x: Shape) -> NumpyCall:
    return call(clipped, "x", 0, 6)


@lowers(LeakyReLU)
def _leaky_relu(layer: LeakyReLU, x: Shape) -> NumpyCall:
    return call(leaky_relu, "x", layer.negative_slope)


@lowers(PReLU)
def _prelu(layer: PReLU, x: Shape) -> NumpyCall:
    places = [1] * (len(x.sample) - 1)
    slope = f"{{weight}}.reshape({[-1, *places]})" if places else "{weight}"
    return call(leaky_relu, "x", slope)


@lowers(SiLU)
def _silu(layer: SiLU, x: Shape) -> NumpyCall:
    return call(silu, "x")


@lowers(GELU)
def _gelu(layer: GELU, x: Shape) -> NumpyCall:
    return call(gelu_by_tanh if layer.approximate == "tanh" else gelu, "x")


@lowers(Mish)
def _mish(layer: Mish, x: Shape) -> NumpyCall:
    return call(mish, "x")


@lowers(HardSwish)
def _hard_swish(layer: HardSwish, x: Shape) -> NumpyCall:
    return call(hard_swish, "x")


@lowers(Tanh)
def _tanh(layer: Tanh, x: Shape) -> NumpyCall:
    return NumpyCall("np.tanh(x)")


@lowers(Sigmoid)
def _sigmoid(layer: Sigmoid, x: Shape) -> NumpyCall:
    return call(sigmoid, "x")


@lowers(Softsign)
def _softsign(layer: Softsign, x: Shape) -> NumpyCall:
    return call(softsign, "x")


@lowers(HardSigmoid)
def _hard_sigmoid(layer: HardSigmoid, x: Shape) -> NumpyCall:
    return call(hard_sigmoid, "x")


@lowers(HardTanh)
def _hard_tanh(layer: HardTanh, x: Shape) -> NumpyCall:
    return call(clipped, "x", layer.min_val, layer.max_val)


@lowers(ELU)
def _elu(layer: ELU, x: Shape) -> NumpyCall:
    return call(elu, "x", alpha=layer.alpha)


@lowers(CELU)
def _celu(layer: CELU, x: Shape) -> NumpyCall:
    return call(elu, "x", alpha=layer.alpha, rate=1 / layer.alpha)


@lowers(SeLU)
def _selu(layer: SeLU, x: Shape) -> NumpyCall:
    bent = call(elu, "x", alpha=layer.alpha)
    return bent if layer.lam == 1 else bent.replace(text=f"{layer.lam!r} * {bent.text}")


@lowers(Softplus)
def _softplus(layer: Softplus, x: Shape) -> NumpyCall:
    return call(softplus, "x", beta=layer.beta, threshold=layer.threshold)


@lowers(Softmax)
def _softmax(layer: Softmax, x: Shape) -> NumpyCall:
    return call(softmax, "x", axis=layer.dim)


@lowers(LogSoftmax)
def _log_softmax(layer: LogSoftmax, x: Shape) -> NumpyCall:
    return call(log_softmax, "x", axis=layer.dim)


@lowers(GLU)
def _glu(layer: GLU, x: Shape) -> NumpyCall:
    return call(glu, "x", axis=layer.dim)
