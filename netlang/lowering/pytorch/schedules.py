"""The schedules in PyTorch: what each multiplies the learning rate by, as an expression."""

from __future__ import annotations

from netlang.catalogue.schedules import (
    Constant,
    Cosine,
    CosineLog,
    CosineRestarts,
    Exponential,
    MultiStep,
    OneCycle,
    Plateau,
    Polynomial,
    Step,
    Warmup,
)
from netlang.catalogue.schedules.schedule import ROUNDED
from netlang.lowering.python.text import whole
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchSchedule
from netlang.lowering.pytorch.lowerings import lowers

_WAVE = "(1 + math.cos(math.pi * {t})) / 2"


@lowers(Constant)
def constant(schedule: Constant) -> TorchSchedule:
    return TorchSchedule(repr(schedule.level))


@lowers(Warmup)
def warmup(schedule: Warmup) -> TorchSchedule:
    start = schedule.start
    return TorchSchedule(f"{start} + {1 - start} * t" if start else "t")


@lowers(Step)
def step(schedule: Step) -> TorchSchedule:
    size, rounded = whole(schedule.size), "" if schedule.size % 1 == 0 else f" + {ROUNDED}"
    return TorchSchedule(f"{schedule.gamma} ** math.floor(at / {size}{rounded})")


@lowers(MultiStep)
def multi_step(schedule: MultiStep) -> TorchSchedule:
    passed = f"sum(one <= at for one in {[*schedule.milestones]})"
    return TorchSchedule(f"{schedule.gamma} ** {passed}")


@lowers(Exponential)
def exponential(schedule: Exponential) -> TorchSchedule:
    return TorchSchedule(f"{schedule.gamma} ** at")


@lowers(Polynomial)
def polynomial(schedule: Polynomial) -> TorchSchedule:
    power = "" if schedule.power == 1 else f" ** {whole(schedule.power)}"
    return _down_to(schedule.to, f"(1 - t){power}")


@lowers(Cosine)
def cosine(schedule: Cosine) -> TorchSchedule:
    return _down_to(schedule.to, _WAVE.format(t="t"))


@lowers(CosineLog)
def cosine_log(schedule: CosineLog) -> TorchSchedule:
    waves = f"math.log2(1 + {2**schedule.cycles - 1} * t)"
    return TorchSchedule(f"(1 - math.cos(2 * math.pi * {waves})) / 2")


@lowers(CosineRestarts)
def cosine_restarts(schedule: CosineRestarts) -> TorchSchedule:
    share = f"of_wave(at, {whole(schedule.period)}, {schedule.growth}, step >= length)"
    return _down_to(schedule.to, _WAVE.format(t=share), TorchDefinition(_OF_WAVE))


@lowers(OneCycle)
def one_cycle(schedule: OneCycle) -> TorchSchedule:
    numbers = schedule.pct_start, 1 / schedule.div_factor, schedule.final_div_factor
    given = ", ".join(map(repr, numbers))
    definition = _ONE_CYCLE.format(form=_FORMS[schedule.anneal_strategy])
    return TorchSchedule(f"one_cycle(step, length, {given})", (TorchDefinition(definition),))


@lowers(Plateau)
def plateau(schedule: Plateau) -> TorchSchedule:
    """It is not a function of the step; ``descent.py`` makes torch's own."""
    return TorchSchedule("1.0")


def _down_to(end: float, text: str, *uses: TorchDefinition) -> TorchSchedule:
    """From 1 down to ``end`` as ``text`` goes from 1 to 0."""
    return TorchSchedule(f"{end} + {1 - end} * {text}" if end else text, uses)


_FORMS = {
    "cos": "end + (begin - end) / 2 * (1 + math.cos(math.pi * share))",
    "linear": "begin + (end - begin) * share",
}

_OF_WAVE = '''\
def of_wave(at, period, growth, ended):
    """How much of a wave is over: each is so many times longer than the one before it, and none
    begins where all have ended.
    """
    if growth == 1:
        at -= period * math.floor(at / period + 1e-9)  # fractions are rounded
    while at / period > 1 - 1e-9:
        at, period = at - period, period * growth
    return 1.0 if ended and at / period < 1e-9 else at / period
'''

_ONE_CYCLE = '''\
def one_cycle(step, length, pct_start, first, final_div_factor):
    """Up to 1 in a part of the steps, and down to the end in the others."""

    def between(begin, end, share):
        return {form}

    top, last = pct_start * length - 1, length - 1
    step = min(step, last)
    if step <= top or top == last:
        return between(first, 1.0, step / top if top > 0 else 1.0)
    return between(1.0, first / final_div_factor, (step - top) / (last - top))
'''
