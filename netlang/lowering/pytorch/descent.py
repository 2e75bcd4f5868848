"""Penalties, clipping and averages in PyTorch: what a step does beside the optimizer."""

from netlang.catalogue.averages import EMA
from netlang.catalogue.clipping import Norm, Value
from netlang.catalogue.penalties import L1, L2
from netlang.lowering.pytorch.lowerings import lowers


@lowers(L1)
def absolute(penalty: L1) -> str:
    return f"{penalty.strength} * sum(weights[name].abs().sum() for name in {{names}})"


@lowers(L2)
def squares(penalty: L2) -> str:
    return f"{penalty.strength} * sum(weights[name].square().sum() for name in {{names}})"


@lowers(Norm)
def norm(clipping: Norm) -> str:
    p = "" if clipping.norm_type == 2 else f", {clipping.norm_type}"
    return f"nn.utils.clip_grad_norm_(model.parameters(), {clipping.max_norm}{p})"


@lowers(Value)
def value(clipping: Value) -> str:
    return f"nn.utils.clip_grad_value_(model.parameters(), {clipping.clip_value})"


@lowers(EMA)
def ema(average: EMA) -> str:
    rule = f"swa_utils.get_ema_multi_avg_fn({average.decay})"
    return f"swa_utils.AveragedModel(model, multi_avg_fn={rule}, use_buffers=True)"
