"""Schedules beside those of torch, on random and degenerate cases."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from netlang import (
    Constant,
    Cosine,
    CosineLog,
    CosineRestarts,
    Exponential,
    MultiStep,
    OneCycle,
    Plateau,
    PlateauState,
    Polynomial,
    Schedule,
    Step,
    Warmup,
)
from netlang.catalogue import registry
from netlang.catalogue.schedules import Place, Rates

_CASES = 50
_Case = tuple[Schedule, Callable[[Any], Any], int]


def _of(schedules: Sequence[Schedule], steps: int, of_epoch: int = 1) -> list[float]:
    rates = Rates(schedules, steps, of_epoch)
    return [rates.factor(step) for step in range(steps)]


def _theirs(make: Callable[[Any], Any], steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def _step(draw: random.Random) -> _Case:
    size, gamma = draw.randint(1, 30), draw.choice([0.0, 1.0, draw.random()])
    return Step(size, gamma), lambda o: lr_scheduler.StepLR(o, size, gamma), 60


def _multi_step(draw: random.Random) -> _Case:
    at, gamma = sorted(draw.sample(range(1, 70), draw.randint(1, 9))), draw.random()
    return MultiStep(at, gamma), lambda o: lr_scheduler.MultiStepLR(o, at, gamma), 60


def _exponential(draw: random.Random) -> _Case:
    gamma = draw.choice([0.0, 1.0, 0.5 + draw.random()])
    return Exponential(gamma), lambda o: lr_scheduler.ExponentialLR(o, gamma), 40


def _constant(draw: random.Random) -> _Case:
    level, steps = draw.random(), draw.randint(1, 40)
    return Constant(level), lambda o: lr_scheduler.ConstantLR(o, level, 1000), steps


def _warmup(draw: random.Random) -> _Case:
    length, start = draw.randint(1, 40), draw.choice([1.0, 1e-9, draw.random()])
    return Warmup(length, start), lambda o: lr_scheduler.LinearLR(o, start, 1.0, length), 50


def _polynomial(draw: random.Random) -> _Case:
    length, power = draw.randint(1, 40), draw.choice([1.0, 0.5, 3 * draw.random()])
    power = max(power, 1e-3)
    return (
        Polynomial(power, length=length),
        lambda o: lr_scheduler.PolynomialLR(o, length, power),
        length,
    )  # torch's recursion divides by 0 behind it for powers below 1


def _cosine(draw: random.Random) -> _Case:
    length, to = draw.randint(1, 60), draw.choice([0.0, 1.0, draw.random()])
    steps = draw.randint(1, length)
    made = lambda o: lr_scheduler.CosineAnnealingLR(o, length, to)  # noqa: E731
    return Cosine(to, length), made, steps


def _restarts(draw: random.Random) -> _Case:
    period, growth, to = draw.randint(1, 20), draw.randint(1, 3), draw.choice([0, draw.random()])
    made = lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, period, growth, to)  # noqa: E731
    return CosineRestarts(period, growth, to), made, 90


def _one_cycle(draw: random.Random) -> _Case:
    steps, share = draw.randint(3, 80), draw.uniform(0.05, 0.95)
    div, last, form = draw.uniform(1, 50), draw.uniform(1, 1e4), draw.choice(["cos", "linear"])
    made = lambda o: lr_scheduler.OneCycleLR(  # noqa: E731
        o, 1.0, steps, pct_start=share, anneal_strategy=form, cycle_momentum=False, div_factor=div,
        final_div_factor=last,
    )  # fmt: skip
    return OneCycle(share, div, last, form, length=steps), made, steps


_DRAWN = {
    Step: _step, MultiStep: _multi_step, Exponential: _exponential, Constant: _constant,
    Warmup: _warmup, Polynomial: _polynomial, Cosine: _cosine, CosineRestarts: _restarts,
    OneCycle: _one_cycle,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", _DRAWN, ids=lambda kind: kind.name)
def test_a_schedule_is_torch_s(kind: type[Schedule]) -> None:
    draw = random.Random(kind.name)
    for _ in range(_CASES):
        ours, theirs, steps = _DRAWN[kind](draw)
        assert _of([ours], steps) == pytest.approx(_theirs(theirs, steps), abs=1e-9), ours


def test_all_schedules_are_held_against_something() -> None:
    assert {*registry.items("schedule")} == {*_DRAWN, CosineLog, Plateau}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_arrow_is_torch_s_sequential() -> None:
    draw = random.Random(1)
    for _ in range(_CASES):
        warm, cosine, to = draw.randint(1, 9), draw.randint(1, 30), draw.random()
        ours = _of([Warmup(warm, 0.1), Cosine(to, cosine), Constant(0.5)], 60)

        def theirs(
            optimizer: Any, warm: int = warm, cosine: int = cosine, to: float = to
        ) -> lr_scheduler.SequentialLR:
            parts = [
                lr_scheduler.LinearLR(optimizer, 0.1, 1.0, warm),
                lr_scheduler.CosineAnnealingLR(optimizer, cosine, to),
                lr_scheduler.ConstantLR(optimizer, 0.5, 1000),
            ]
            return lr_scheduler.SequentialLR(optimizer, parts, [warm, warm + cosine])

        assert ours == pytest.approx(_theirs(theirs, 60), abs=1e-9)


def test_a_plateau_is_torch_s() -> None:
    draw = random.Random(2)
    for _ in range(_CASES):
        rises, patience, cooldown = draw.random() < 0.5, draw.randint(0, 4), draw.randint(0, 3)
        threshold, mode = draw.choice([0.0, 0.1, draw.random()]), draw.choice(["rel", "abs"])
        decay, to = draw.uniform(0.1, 0.9), draw.choice([0.0, 0.2])
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        theirs = lr_scheduler.ReduceLROnPlateau(
            optimizer, "max" if rises else "min", decay, patience, threshold, mode, cooldown, to, 0
        )
        ours = Plateau("validation.loss", decay, patience, threshold, mode, cooldown, to)
        state = PlateauState()
        for _ in range(40):
            value = draw.choice([draw.gauss(0, 1), 0.5, math.nan, math.inf, -math.inf])
            state = ours.after(state, value, rises)
            theirs.step(value)
            assert state.factor == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-9)


def test_a_plateau_takes_a_share_below_1_and_nothing_that_it_ignores() -> None:
    assert Plateau(threshold=2.0, threshold_mode="abs").length is None
    with pytest.raises(ValueError, match="below 1, or threshold_mode"):
        Plateau(threshold=1.0)
    for name, value in (("length", 2.0), ("unit", "epochs")):
        with pytest.raises(TypeError, match=f"has no argument '{name}'"):
            Plateau(**{name: value})
    assert {"length", "unit"} <= {*Constant().values}


def test_the_waves_of_cosine_log_are_those_of_its_formula() -> None:
    found = _of([CosineLog()], 200)
    for step, factor in enumerate(found):
        t = step / 200
        wave = 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + (2**4 - 1) * t)))
        assert factor == pytest.approx(wave, abs=1e-12)


@pytest.mark.parametrize("kind", [Step, MultiStep, Exponential, Warmup, Cosine, Polynomial])
def test_epochs_are_steps_where_each_has_one_and_else_as_many_steps_long(kind: Any) -> None:
    given: dict[str, Any] = {
        "Step": {"size": 2}, "MultiStep": {"milestones": [2, 5]}, "Exponential": {"gamma": 0.5},
    }.get(kind.name, {"length": 6})  # fmt: skip
    in_steps = _of([kind(**given)], 8)
    assert _of([kind(**given, unit="epochs")], 8) == in_steps
    in_epochs = _of([kind(**given, unit="epochs")], 24, of_epoch=3)
    assert in_epochs[::3] == pytest.approx(in_steps, abs=1e-12)


def test_behind_its_length_a_factor_stays_and_a_training_may_be_shorter_than_an_arrow() -> None:
    assert _of([Cosine(0.25, length=3)], 6)[3:] == [0.25] * 3
    assert _of([CosineRestarts(2, to=0.25, length=4)], 7)[2:] == [1.0, 0.625, 0.25, 0.25, 0.25]
    assert _of([CosineRestarts(2, 2, length=6)], 8)[6:] == [0.0, 0.0]
    assert _of([Step(2, length=3)], 8)[3:] == pytest.approx([0.1] * 5)
    assert _of([Warmup(4), Warmup(4), Cosine()], 3) == [0.0, 0.25, 0.5]
    for one in (Cosine(), OneCycle(), CosineLog(), Polynomial(), Warmup()):
        for at, length in ((0, 0), (0, 1), (1, 1), (5, 1)):
            assert math.isfinite(one.factor(Place(at, length)))


@pytest.mark.parametrize("steps", [1, 3, 7, 10, 49])
def test_fractions_of_an_epoch_are_over_at_the_step_that_is_theirs(steps: int) -> None:
    """0.3 / 0.1 is less than 3 where both are rounded, and 0.7 · 10 is more than 7."""
    for size in range(1, 3 * steps, 1 + steps // 10):
        of_epoch, share = steps * 10, size / (steps * 10)
        for schedule, same in (
            (Step(share, 0.5, unit="epochs"), Step(size, 0.5)),
            (CosineRestarts(share, unit="epochs"), CosineRestarts(size)),
            (CosineRestarts(share, 2, unit="epochs"), CosineRestarts(size, 2)),
        ):
            ours, theirs = _of([schedule], 60, of_epoch), _of([same], 60, of_epoch)
            assert ours == pytest.approx(theirs, abs=1e-9), (size, of_epoch)
        arrow = [Warmup(share, unit="epochs"), Constant(0.5, share, "epochs"), Constant(0.25)]
        wanted = [Warmup(size), Constant(0.5, size), Constant(0.25)]
        assert _of(arrow, 60, of_epoch) == pytest.approx(_of(wanted, 60, of_epoch), abs=1e-9)
