"""The optimizers in C."""

from __future__ import annotations

from textwrap import dedent

from netlang.catalogue.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Lion,
    NAdam,
    RAdam,
    RMSprop,
)
from netlang.catalogue.optimizers.adam import RunningMeans
from netlang.catalogue.optimizers.decay import WeightDecay
from netlang.lowering.c.kernels import Update
from netlang.lowering.c.lowerings import lowers
from netlang.system.lazy import torch


def _behind(*texts: str) -> str:
    """Statements of C, each text behind the one before."""
    return "\n".join(dedent(text).strip() for text in texts)


def _decayed(optimizer: WeightDecay, before: str, each: str) -> Update:
    """A step ahead of which weights decay, or their gradients take that in."""
    if not optimizer.weight_decay:
        return Update(_behind(each), _behind(before))
    first, size = "dw += decay * decays * w;", "const real decay = weight_decay;"
    if optimizer.decoupled:
        first, size = "w -= shrinking * decays * w;", "const real shrinking = lr * weight_decay;"
    return Update(_behind(first, each), _behind(size, before))


@lowers(SGD)
def sgd(optimizer: SGD) -> Update:
    before, each = "const real size = lr;", "w -= size * dw;"
    if optimizer.momentum:
        before += """
const real keep = t == 1 ? 0 : momentum, new = t == 1 ? 1 : 1 - dampening;
const real ahead = momentum;"""
        direction = "dw + ahead * velocity" if optimizer.nesterov else "velocity"
        each = f"velocity = keep * velocity + new * dw;\nw -= size * ({direction});"
    return _decayed(optimizer, before, each)


_MEANS = """
    const real old = beta1, new = 1 - beta1, keep = beta2, rest = 1 - beta2;"""
_TAKE_IN = """
    m = old * m + new * dw;
    v = keep * v + rest * (dw * dw);"""
_CORRECTED = """
    const double correction = sqrt(1 - pow(beta2, t));
    const real tiny = fmax(eps * correction, REAL_MIN);"""


def _with_means(optimizer: RunningMeans, before: str, each: str) -> Update:
    return _decayed(optimizer, _behind(before, _MEANS), _behind(_TAKE_IN, each))


@lowers(Adam)
@lowers(AdamW)
def adam(optimizer: Adam) -> Update:
    each = "w -= size * m / (SQRT(v) + tiny);"
    if optimizer.amsgrad:
        each = "largest = v > largest ? v : largest;\nw -= size * m / (SQRT(largest) + tiny);"
    size = "const real size = fmin(lr * correction / (1 - pow(beta1, t)), REAL_MAX);"
    return _with_means(optimizer, _behind(_CORRECTED, size), each)


@lowers(NAdam)
def nadam(optimizer: NAdam) -> Update:
    # torch multiplies the momenta in its default dtype.
    kept = "double" if torch.get_default_dtype() == torch.float64 else "float"
    sizes = f"""
        static _Thread_local double known[4];  // both arguments, steps, and their product
        if (known[0] != beta1 || known[1] != momentum_decay || known[2] > t)
            known[0] = beta1, known[1] = momentum_decay, known[2] = 0, known[3] = 1;
        for (; known[2] < t && known[3] > 0; known[2]++)
            known[3] = ({kept})known[3]
                       * ({kept})(beta1 * (1 - 0.5 * pow(0.96, (known[2] + 1) * momentum_decay)));
        const double product = known[3], least = 1.0 / (1 << 24);
        const double now = beta1 * (1 - 0.5 * pow(0.96, t * momentum_decay));
        const double then = beta1 * (1 - 0.5 * pow(0.96, (t + 1) * momentum_decay));
        const real of_gradient = fmin(lr * correction * (1 - now) / fmax(1 - product, least),
                                      REAL_MAX);
        const real of_mean = fmin(lr * correction * then / fmax(1 - product * then, least),
                                  REAL_MAX);"""
    each = """
    const real root = SQRT(v) + tiny;
    w -= of_gradient * dw / root;
    w -= of_mean * m / root;"""
    return _with_means(optimizer, _behind(_CORRECTED, sizes), each)


@lowers(RAdam)
def radam(optimizer: RAdam) -> Update:
    sizes = """
        const double power = pow(beta2, t), last = 2 / (1 - beta2) - 1;
        const double at = last - 2 * t * power / (1 - power);
        const int is_known = at > 5;
        const double by = is_known ? sqrt((1 - power) * (at - 4) * (at - 2) * last
                                          / ((last - 4) * (last - 2) * at)) : 1;
        const real size = fmin(lr * by / (1 - pow(beta1, t)), REAL_MAX);
        const real tiny = fmax(eps, REAL_MIN);"""
    each = "w -= size * m / (is_known ? SQRT(v) + tiny : 1);"
    return _with_means(optimizer, sizes, each)


@lowers(RMSprop)
def rmsprop(optimizer: RMSprop) -> Update:
    before = """
        const real keep = alpha, rest = 1 - alpha, tiny = fmax(eps, REAL_MIN);
        const real size = lr, going_on = momentum;
        (void)going_on;"""
    each, square = ["squares = keep * squares + rest * (dw * dw);"], "squares"
    if optimizer.centered:
        each.append("""
            mean = keep * mean + rest * dw;
            const real apart = squares - mean * mean;
            const real variance = squares > REAL_MAX ? squares : apart > 0 ? apart : 0;""")
        square = "variance"
    step = f"dw / (SQRT({square}) + tiny)"
    if optimizer.momentum:
        each.append(f"velocity = going_on * velocity + {step};")
        step = "velocity"
    return _decayed(optimizer, before, _behind(*each, f"w -= size * {step};"))


@lowers(Adagrad)
def adagrad(optimizer: Adagrad) -> Update:
    return _decayed(
        optimizer,
        """
        const real size = lr / (1 + (t - 1) * lr_decay), tiny = fmax(eps, REAL_MIN);
        const real first = initial_accumulator_value;""",
        "squares += dw * dw; w -= size * dw / (SQRT(squares + first) + tiny);",
    )


@lowers(Adadelta)
def adadelta(optimizer: Adadelta) -> Update:
    return _decayed(
        optimizer,
        """
        const real keep = rho, rest = 1 - rho, tiny = fmax(eps, REAL_MIN), size = lr;""",
        """
        squares = keep * squares + rest * (dw * dw);
        const real move = SQRT(moves + tiny) / SQRT(squares + tiny) * dw;
        moves = keep * moves + rest * (move * move);
        w -= size * move;""",
    )


@lowers(Lion)
def lion(optimizer: Lion) -> Update:
    return _decayed(
        optimizer,
        """
        const real size = lr, old = beta1, new = 1 - beta1, keep = beta2, rest = 1 - beta2;""",
        """
        const real towards = old * m + new * dw;
        w -= size * ((towards > 0) - (towards < 0));
        m = keep * m + rest * dw;""",
    )
