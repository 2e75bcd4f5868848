"""Activations in C."""

from __future__ import annotations

import math
import re

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
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Elementwise, Routine, Rowwise
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import Region, cleared, each_number_along, inside, length


@lowers(ReLU)
def relu(layer: ReLU, x: Shape) -> Elementwise:
    return Elementwise(forward="x < 0 ? 0 : x", backward=("y <= 0 ? 0 : dy",), reads=("y",))


@lowers(Tanh)
def tanh(layer: Tanh, x: Shape) -> Elementwise:
    return Elementwise(forward="TANH(x)", backward=("dy * (1 - y * y)",), reads=("y",))


@lowers(Sigmoid)
def sigmoid(layer: Sigmoid, x: Shape) -> Elementwise:
    return Elementwise(forward="SIGMOID(x)", backward=("dy * y * (1 - y)",), reads=("y",))


@lowers(ReLU6)
def relu6(layer: ReLU6, x: Shape) -> Elementwise:
    return _between(0, 6)


@lowers(HardTanh)
def hard_tanh(layer: HardTanh, x: Shape) -> Elementwise:
    return _between(layer.min_val, layer.max_val)


def _between(low: float, high: float) -> Elementwise:
    return Elementwise(
        forward="x < low ? low : x > high ? high : x",
        backward=("y <= low ? 0 : y >= high ? 0 : dy",),
        reads=("y",),
        constants={"low": low, "high": high},
    )


@lowers(LeakyReLU)
def leaky_relu(layer: LeakyReLU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x > 0 ? x : slope * x",
        backward=("x > 0 ? dy : slope * dy",),
        reads=("x",),
        constants={"slope": layer.negative_slope},
    )


@lowers(PReLU)
def prelu(layer: PReLU, x: Shape) -> Elementwise | Routine:
    if layer.num_parameters > 1 and len(x.sizes) > 1:
        slope, each = "weight[f % FEATURES]", each_number_along(x, 0)
        back = f"x[e] > 0 ? dy[e] : {slope} * dy[e]"
        return Routine(
            forward=f"{each.loops} y[e] = x[e] > 0 ? x[e] : {slope} * x[e];",
            backward=(f"{each.loops} dx[e] = (add ? dx[e] : 0) + ({back});",),
            gradients=f"{cleared('weight_grad', 'FEATURES')}\n"
            f"{each.loops} weight_grad[f % FEATURES] += x[e] > 0 ? 0 : dy[e] * x[e];",
            reads=("x",),
            constants=each.constants,
        )
    return Elementwise(
        forward="x > 0 ? x : weight * x",
        backward=("x > 0 ? dy : weight * dy",),
        gradients={"weight": "x > 0 ? 0 : dy * x"},
        reads=("x",),
    )


@lowers(SeLU)
def selu(layer: SeLU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="lam * (x > 0 ? x : alpha * EXPM1(x))",
        backward=("dy * lam * (x > 0 ? 1 : alpha * EXP(x))",),
        reads=("x",),
        constants={"alpha": layer.alpha, "lam": layer.lam},
    )


@lowers(ELU)
def elu(layer: ELU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x > 0 ? x : alpha * EXPM1(x)",
        backward=("dy * (x > 0 ? 1 : alpha * EXP(x))",),
        reads=("x",),
        constants={"alpha": layer.alpha},
    )


@lowers(CELU)
def celu(layer: CELU, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x > 0 ? x : alpha * EXPM1(x / alpha)",
        backward=("dy * (x > 0 ? 1 : EXP(x / alpha))",),
        reads=("x",),
        constants={"alpha": layer.alpha},
    )


@lowers(Softplus)
def softplus(layer: Softplus, x: Shape) -> Elementwise:
    bend = "LOG1P(EXP(x > 0 ? -beta * x : beta * x)) / beta"
    return Elementwise(
        forward=f"beta * x > limit ? x : (x > 0 ? x : 0) + {bend}",
        backward=("beta * x > limit ? dy : dy * SIGMOID(beta * x)",),
        reads=("x",),
        constants={"beta": layer.beta, "limit": layer.threshold},
    )


@lowers(Softsign)
def softsign(layer: Softsign, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x * share",
        backward=("dy * share * share",),
        keeps={"share": "1 / (1 + (x < 0 ? -x : x))"},
    )


@lowers(HardSigmoid)
def hard_sigmoid(layer: HardSigmoid, x: Shape) -> Elementwise:
    return Elementwise(
        forward="(x < -3 ? 0 : x > 3 ? 6 : x + 3) / 6",
        backward=("x <= -3 ? 0 : x >= 3 ? 0 : dy / 6",),
        reads=("x",),
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
        # Where the gate is open or shut to the last digit, the square may overflow.
        slope = "(x * x < far ? gate * (1 - gate) * (rate + 3 * bend * x * x) : 0)"
        constants = {"rate": layer.rate, "bend": layer.rate * layer.cubic, "far": layer.open_at**2}
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


@lowers(Mish)
def mish(layer: Mish, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x * (n * (n + 2) / (n * (n + 2) + 2))",
        backward=(
            "dy * (n * (n + 2) + (x > open_at ? open_at : x)"
            " * (4 * n * (n + 1) / (n * (n + 2) + 2))) / (n * (n + 2) + 2)",
        ),
        reads=("x",),
        keeps={"n": "EXP(x > open_at ? open_at : x)"},
        constants={"open_at": layer.open_at},
    )


@lowers(HardSwish)
def hard_swish(layer: HardSwish, x: Shape) -> Elementwise:
    return Elementwise(
        forward="x * ((x < -3 ? 0 : x > 3 ? 6 : x + 3) / 6)",
        backward=("dy * (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6)",),
        reads=("x",),
    )


@lowers(GLU)
def glu(layer: GLU, x: Shape) -> Routine:
    at = place(x, layer.dim)
    y = layer.infer(x)
    a, b = (Region.of(x, y, at, start) for start in (0, y.sizes[at]))

    def each(text: str) -> str:
        return f"""
            for (int r = 0; r < {a.count}; r++)
                for (int i = 0; i < {a.size}; i++) {{
                    const int at = r * ({a.row}) + i, from = r * ({a.whole_row}) + i;
                    const int by = from + {b.offset};
                    const real gate = SIGMOID(x[by]);
                    {text}
                }}"""

    back = f"""
        {cleared("dx", f"N * {length(x)}")}
        {each("dx[from] += dy[at] * gate; dx[by] += dy[at] * x[from] * gate * (1 - gate);")}"""
    return Routine(forward=each("y[at] = x[from] * gate;"), backward=(back,), reads=("x",))


@lowers(Softmax)
def softmax(layer: Softmax, x: Shape) -> Rowwise | Routine:
    forward = """
        real top = x[AT(0)], total = 0;
        for (int i = 1; i < n; i++) top = x[AT(i)] > top ? x[AT(i)] : top;
        for (int i = 0; i < n; i++) y[AT(i)] = EXP(x[AT(i)] - top);
        for (int i = 0; i < n; i++) total += y[AT(i)];
        for (int i = 0; i < n; i++) y[AT(i)] /= total;"""
    backward = """
        real total = 0;
        for (int i = 0; i < n; i++) total += y[AT(i)] * dy[AT(i)];
        for (int i = 0; i < n; i++) dx[AT(i)] = y[AT(i)] * (dy[AT(i)] - total);"""
    return _along(x, layer.dim, forward, backward)


@lowers(LogSoftmax)
def log_softmax(layer: LogSoftmax, x: Shape) -> Rowwise | Routine:
    forward = """
        real top = x[AT(0)], total = 0;
        for (int i = 1; i < n; i++) top = x[AT(i)] > top ? x[AT(i)] : top;
        for (int i = 0; i < n; i++) total += EXP(x[AT(i)] - top);
        top += LOG(total);
        for (int i = 0; i < n; i++) y[AT(i)] = x[AT(i)] - top;"""
    backward = """
        real total = 0;
        for (int i = 0; i < n; i++) total += dy[AT(i)];
        for (int i = 0; i < n; i++) dx[AT(i)] = dy[AT(i)] - EXP(y[AT(i)]) * total;"""
    return _along(x, layer.dim, forward, backward)


def _along(x: Shape, dim: int, forward: str, backward: str) -> Rowwise | Routine:
    """Statements for the ``n`` numbers along a dimension, where ``AT(i)`` is the place of each: a
    row, or numbers that lie as far apart as the dimensions behind it are large.
    """
    at = place(x, dim)
    if at == len(x.sizes) - 1:
        rows = (re.sub(r"AT\((\w)\)", r"\1", text) for text in (forward, backward))
        forward, backward = rows
        return Rowwise(forward=forward, backward=(backward,), reads=("y",))
    one = Region.of(x, Shape((*x.sizes[:at], 1, *x.sizes[at + 1 :])), at, 0)

    def each(text: str) -> str:
        place = rf"r * ({one.whole_row}) + \1 * ({one.row}) + j"
        return f"""
            for (int r = 0; r < {one.count}; r++)
                for (int j = 0; j < {one.size}; j++) {{
                    enum {{ n = {x.sizes[at]} }};
                    {re.sub(r"AT.(.).", place, text)}
                }}"""

    outer, apart = math.prod(x.sizes[:at]), math.prod(x.sizes[at + 1 :])
    own = re.sub(r"x\[AT\((\w)\)\]", rf"from[\1 * {apart}]", forward)
    own = re.sub(r"y\[AT\((\w)\)\]", rf"to[\1 * {apart}]", own)
    alone = f"""
        for (int r = 0; r < {outer}; r++)
            for (int j = 0; j < {apart}; j++) {{
                enum {{ n = {x.sizes[at]} }};
                const real *const from = x + r * n * {apart} + j;
                real *const to = y + r * n * {apart} + j;
                {inside(own, 16)}
            }}"""
    added = each(backward).replace("] = ", "] += ")
    cleared_first = f"{cleared('dx', f'N * {length(x)}')}\n{added}"
    return Routine(forward=each(forward), backward=(cleared_first,), reads=("y",), alone=alone)
