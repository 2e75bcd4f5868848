"""Activations in C."""

from __future__ import annotations

from netlang.catalogue.layers import ReLU, SeLU, Sigmoid, Softmax, Tanh
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
