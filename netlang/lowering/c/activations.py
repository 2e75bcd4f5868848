"""Activations in C."""

from __future__ import annotations

import math

from netlang.catalogue.layers import GELU, ReLU, SeLU, Sigmoid, SiLU, Softmax, Tanh
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Rowwise
from netlang.lowering.c.lowerings import lowers


@lowers(ReLU)
def relu(layer: ReLU, x: Shape) -> Elementwise:
    return Elementwise(forward="x < 0 ? 0 : x", backward=("y <= 0 ? 0 : dy",), reads=("y",))


@lowers(Tanh)
def tanh(layer: Tanh, x: Shape) -> Elementwise:
    return Elementwise(forward="TANH(x)", backward=("dy * (1 - y * y)",), reads=("y",))


@lowers(Sigmoid)
def sigmoid(layer: Sigmoid, x: Shape) -> Elementwise:
    return Elementwise(forward="SIGMOID(x)", backward=("dy * y * (1 - y)",), reads=("y",))


@lowers(SeLU)
def selu(layer: SeLU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="lam * (x > 0 ? x : alpha * EXPM1(x))",
        backward=("dy * (y > 0 ? lam : y + lam * alpha)",),
        reads=("y",),
        constants={"alpha": layer.alpha, "lam": layer.lam},
    )


@lowers(SiLU)
def silu(layer: SiLU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x * gate",
        backward=("dy * gate * (1 + x * (1 - gate))",),
        reads=("x",),
        keeps={"gate": "SIGMOID(x)"},
    )


@lowers(GELU)
def gelu(layer: GELU, x: Shape) -> Elementwise:
    if layer.approximate == "tanh":
        gate = "SIGMOID(x * (rate + bend * x * x))"
        slope = "gate * (1 - gate) * (rate + 3 * bend * x * x)"
        constants = {"rate": layer.rate, "bend": layer.rate * layer.cubic}
    else:
        gate, slope = "half * (1 + ERF(root * x))", "height * EXP(-half * x * x)"
        constants = {"half": 0.5, "root": math.sqrt(0.5), "height": 1 / math.sqrt(2 * math.pi)}
    return Elementwise(
        forward="x * gate",
        backward=(f"dy * (gate + x * {slope})",),
        reads=("x",),
        keeps={"gate": gate},
        constants=constants,
    )


@lowers(Softmax)
def softmax(layer: Softmax, x: Shape) -> Rowwise:
    return Rowwise(
        forward="""
            real top = x[0], total = 0;
            for (int i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
            for (int i = 0; i < n; i++) y[i] = EXP(x[i] - top);
            for (int i = 0; i < n; i++) total += y[i];
            for (int i = 0; i < n; i++) y[i] /= total;""",
        backward=(
            """
            real total = 0;
            for (int i = 0; i < n; i++) total += y[i] * dy[i];
            for (int i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - total);""",
        ),
        reads=("y",),
    )
