"""The optimizers in C."""

from __future__ import annotations

from netlang.catalogue.optimizers import SGD, Adam
from netlang.lowering.c.kernels import Update
from netlang.lowering.c.lowerings import lowers


@lowers(SGD)
def sgd(optimizer: SGD) -> Update:
    return Update(before="const real size = lr;", each="w -= size * dw;")


@lowers(Adam)
def adam(optimizer: Adam) -> Update:
    return Update(
        before="""
            const double correction = sqrt(1 - pow(beta2, t));
            const real tiny = fmax(eps * correction, REAL_MIN);
            const real size = fmin(lr * correction / (1 - pow(beta1, t)), REAL_MAX);
            const real old = beta1, new = 1 - beta1, keep = beta2, rest = 1 - beta2;""",
        each="""
            m = old * m + new * dw;
            v = keep * v + rest * (dw * dw);
            w -= size * m / (SQRT(v) + tiny);""",
    )
