"""Activations in C."""

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
from netlang.catalogue.layers.dims import place
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import BLOCKS, Elementwise, Routine, Rowwise
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import inside, sum_of_row, summed


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
        return _prelu_of_channels(x)
    return Elementwise(
        forward="x > 0 ? x : weight * x",
        backward=("x > 0 ? dy : weight * dy",),
        gradients={"weight": "x > 0 ? 0 : dy * x"},
        reads=("x",),
    )


def _prelu_of_channels(x: Shape) -> Routine:
    """Of numbers that are vectors of samples."""
    each = """
        for (int c = 0; c < BLOCKS * C; c++)
            EACH_VECTOR
            for (int e = c * EACH; e < (c + 1) * EACH; e++) {"""
    return Routine(
        layout=BLOCKS,
        constants={"C": x.sizes[0], "EACH": math.prod(x.sizes[1:])},
        reads=("x",),
        forward=f"{each}\n"
        "                y[e] = where(x[e] > 0, x[e], weight[c % C] * x[e]);\n            }",
        gradients="""
        for (int c = 0; c < C; c++) {
            vector sum = all(0);
            for (int b = 0; b < BLOCKS; b++)
                for (int e = (b * C + c) * EACH; e < (b * C + c + 1) * EACH; e++)
                    sum += where(x[e] > 0, all(0), dy[e] * x[e]);
            weight_grad[c] = (add ? weight_grad[c] : 0) + total(sum);
        }""",
        backward=(
            f"""{each}
                const vector part = where(x[e] > 0, dy[e], weight[c % C] * dy[e]);
                dx[e] = add ? dx[e] + part : part;
            }}""",
        ),
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
        return Elementwise(
            forward="x * gate",
            backward=("dy * slope",),
            keeps={"gate": gate, "slope": f"gate + x * {slope}"},
            constants=constants,
        )
    # The gradient takes the bell, too, and the gate is quickly made of it. To predict takes none.
    return Elementwise(
        forward="x * gate",
        evaluated="x * (half * (1 + ERF(root * x)))",
        backward=("dy * slope",),
        keeps={
            "bell": "EXP_BELOW_0(-half * x * x)",
            "gate": "NORMAL_CDF(x, bell)",
            "slope": "gate + x * height * bell",
        },
        constants={"half": 0.5, "root": math.sqrt(0.5), "height": 1 / math.sqrt(2 * math.pi)},
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
def glu(layer: GLU, x: Shape) -> Rowwise | Routine:
    if (at := place(x, layer.dim)) < len(x.sizes) - 1:
        return _glu_of_channels(math.prod(x.sizes[:at]), math.prod(x.sizes[at:]) // 2)
    return Rowwise(
        forward="for (int i = 0; i < n; i++) y[i] = x[i] * SIGMOID(x[n + i]);",
        backward=(
            """
            for (int i = 0; i < n; i++) {
                const real gate = SIGMOID(x[n + i]), part = dy[i] * gate;
                dx[n + i] = part * x[i] * (1 - gate);
                dx[i] = part;
            }""",
        ),
        reads=("x",),
    )


def _glu_of_channels(outer: int, half: int) -> Routine:
    """Of numbers that are vectors of samples."""
    each = """
        for (int r = 0; r < BLOCKS * OUTER; r++)
            for (int i = 0; i < HALF; i++) {
                const int at = r * HALF + i, from = 2 * r * HALF + i, by = from + HALF;
                const vector gate = SIGMOID_EACH(x[by]);"""
    return Routine(
        layout=BLOCKS,
        constants={"OUTER": outer, "HALF": half},
        reads=("x",),
        forward=f"""{each}
                y[at] = x[from] * gate;
            }}""",
        backward=(
            f"""{each}
                const vector part = dy[at] * gate, slope = part * x[from] * (1 - gate);
                dx[from] = add ? dx[from] + part : part;
                dx[by] = add ? dx[by] + slope : slope;
            }}""",
        ),
    )


@lowers(Softmax)
def softmax(layer: Softmax, x: Shape) -> Rowwise | Routine:
    if (at := place(x, layer.dim)) < len(x.sizes) - 1:
        return _along(
            x,
            at,
            forward=f"""
            for (int i = 0; i < COUNT; i++) to[i * APART] = EXP_EACH(from[i * APART] - top);
            vector sum = all(0);
            {inside(summed("0", "COUNT", sum="to[i * APART]"), 12)}
            for (int i = 0; i < COUNT; i++) to[i * APART] /= sum;""",
            total="value[i * APART] * slope[i * APART]",
            part="value[i * APART] * (slope[i * APART] - total)",
        )
    count = x.sizes[-1]
    return Rowwise(
        forward=f"""
        real top = x[0], total = 0;
        #pragma omp simd reduction(max : top)
        for (int i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
        #pragma omp simd
        for (int i = 0; i < n; i++) y[i] = EXP_BELOW_0(x[i] - top);
        {inside(sum_of_row("total", "y[i]", count), 8)}
        #pragma omp simd
        for (int i = 0; i < n; i++) y[i] /= total;""",
        backward=(
            f"""
        real total = 0;
        {inside(sum_of_row("total", "y[i] * dy[i]", count), 8)}
        #pragma omp simd
        for (int i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - total);""",
        ),
        reads=("y",),
    )


@lowers(LogSoftmax)
def log_softmax(layer: LogSoftmax, x: Shape) -> Rowwise | Routine:
    if (at := place(x, layer.dim)) < len(x.sizes) - 1:
        return _along(
            x,
            at,
            forward=f"""
            vector sum = all(0);
            {inside(summed("0", "COUNT", sum="EXP_EACH(from[i * APART] - top)"), 12)}
            const vector over = LOG_EACH(sum);
            for (int i = 0; i < COUNT; i++) to[i * APART] = from[i * APART] - top - over;""",
            total="slope[i * APART]",
            part="slope[i * APART] - EXP_EACH(value[i * APART]) * total",
        )
    count = x.sizes[-1]
    return Rowwise(
        forward=f"""
        real top = x[0], total = 0;
        #pragma omp simd reduction(max : top)
        for (int i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
        {inside(sum_of_row("total", "EXP_BELOW_0(x[i] - top)", count), 8)}
        const real over = LOG(total);
        #pragma omp simd
        for (int i = 0; i < n; i++) y[i] = x[i] - top - over;""",
        backward=(
            f"""
        real total = 0;
        {inside(sum_of_row("total", "dy[i]", count), 8)}
        #pragma omp simd
        for (int i = 0; i < n; i++) dx[i] = dy[i] - EXP_BELOW_0(y[i]) * total;""",
        ),
        reads=("y",),
    )


def _along(x: Shape, at: int, forward: str, total: str, part: str) -> Routine:
    """``COUNT`` numbers along dimension ``at``, ``APART`` from each other, are vectors of samples.

    ``forward`` fills ``to`` from ``from``, of which ``top`` is the largest. A ``part`` of the
    gradient uses the sum of what ``total`` says.
    """
    each = """
        for (int e = 0; e < BLOCKS * OUTER * APART; e++) {
            const int first = e / APART * COUNT * APART + e % APART;"""
    return Routine(
        layout=BLOCKS,
        constants={
            "OUTER": math.prod(x.sizes[:at]),
            "COUNT": x.sizes[at],
            "APART": math.prod(x.sizes[at + 1 :]),
        },
        reads=("y",),
        forward=f"""{each}
            const vector *const from = x + first;
            vector *const to = y + first, top = *from;
            for (int i = 1; i < COUNT; i++)
                top = where(from[i * APART] > top, from[i * APART], top);
            {inside(forward, 12)}
        }}""",
        backward=(
            f"""{each}
            const vector *const value = y + first, *const slope = dy + first;
            vector *const to = dx + first, total = all(0);
            {inside(summed("0", "COUNT", total=total), 12)}
            for (int i = 0; i < COUNT; i++) {{
                const vector part = {part};
                to[i * APART] = add ? to[i * APART] + part : part;
            }}
        }}""",
        ),
    )
