"""Penalties and clipping in C: what a step does to the gradients ahead of the optimizer."""

from __future__ import annotations

from netlang.catalogue.clipping import Norm, Value
from netlang.catalogue.penalties import L1, L2
from netlang.lowering.c.kernels import Change
from netlang.lowering.c.lowerings import lowers


@lowers(L1)
def absolute(penalty: L1) -> Change:
    return Change(
        "dw += (real)strength * ((w > 0) - (w < 0));", arguments={"strength": penalty.strength}
    )


@lowers(L2)
def squares(penalty: L2) -> Change:
    return Change("dw += (real)(2 * strength) * w;", arguments={"strength": penalty.strength})


_LARGEST_POWER = 7  # of a float that a double has a place for


@lowers(Norm)
def norm(clipping: Norm) -> Change | None:
    measure, root = "fabs(dw)", "sum"
    if clipping.norm_type == 2:
        measure, root = "dw * dw", "sqrt(sum)"
    elif clipping.norm_type > _LARGEST_POWER:
        return None
    elif clipping.norm_type != 1:
        measure, root = "pow(fabs(dw), norm_type)", "pow(sum, 1 / norm_type)"
    return Change(
        "dw *= factor;",
        measure,
        f"""
        const double room = max_norm / ({root} + 1e-6);
        const real factor = room > 1 ? 1 : room;""",
        {"max_norm": clipping.max_norm, "norm_type": clipping.norm_type},
    )


@lowers(Value)
def value(clipping: Value) -> Change:
    return Change(
        """
        const real most = clip_value;
        dw = dw > most ? most : dw < -most ? -most : dw;""",
        arguments={"clip_value": clipping.clip_value},
    )
