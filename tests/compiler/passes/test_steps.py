"""Learning rates, decay and numbers of steps that are unlikely to be meant."""

from __future__ import annotations

import re

import pytest

from netlang.catalogue import registry
from netlang.catalogue.optimizers import Optimizer
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile

BEGIN = "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\ndata = Disc(train=100)\nbatch = 10\n"


def told(lines: str, loss: str = "SoftmaxCrossEntropy") -> list[Diagnostic]:
    text = f"{BEGIN}loss = {loss}\n{lines}\n"
    return [*compile_source(SourceFile("a.net", text)).diagnostics]


def codes(lines: str, loss: str = "SoftmaxCrossEntropy") -> list[str]:
    return [one.code for one in told(lines, loss)]


def test_each_optimizer_takes_its_own_default_and_no_rate_far_beyond() -> None:
    for optimizer in registry.items("optimizer"):
        assert issubclass(optimizer, Optimizer)
        least, most = optimizer.usual_lr
        default = vars(optimizer.declared({}))["lr"]
        assert least < default < most, optimizer.name
        for lr, expected in ((least, []), (most, []), (least / 2, 1), (most * 2, 1)):
            whole = "accumulate = 10\n" * optimizer.takes_all
            found = codes(f"{whole}optimizer = {optimizer.name}(lr={lr})")
            assert found == (["W0660"] if expected else []), (optimizer.name, lr)


@pytest.mark.parametrize(
    ("lines", "loss", "title"),
    [
        ("optimizer = SGD(lr=2)", 'MSE(reduction="sum")', "a learning rate of 20 is"),
        ("optimizer = SGD(lr=2)", "MSE", ""),
        (
            "optimizer = SGD(lr=2)\naccumulate = 4",
            'MSE(reduction="sum")',
            "a learning rate of 80 is",
        ),
        ("optimizer = SGD(lr=2)\nclip = Norm(5.0)", 'MSE(reduction="sum")', ""),
        (
            "optimizer = SGD(lr=2)\nclip = Norm(20.0)",
            'MSE(reduction="sum")',
            "a learning rate of 20 ",
        ),
        ("optimizer = SGD(lr=20)\nclip = Norm(0.25)", "MSE", ""),
        ("optimizer = SGD(lr=20)\nclip = Norm(1.0)", "MSE", "`lr=20` is"),
        ("optimizer = SGD(lr=20)\nclip = Value(0.25)", "MSE", "`lr=20` is"),
        ("optimizer = SGD(lr=80)\nclip = Norm(0.25)", "MSE", "a learning rate of 20 is"),
        ("optimizer = Adam(lr=1)\nclip = Norm(0.01)", "MSE", "`lr=1` is"),
        ("optimizer = Adam(lr=0.02)", 'MSE(reduction="sum")', ""),
        ("optimizer = SGD(lr=2e-7)", 'MSE(reduction="sum")', ""),
        (
            "optimizer = Adam(lr=0.1)\nschedule = Exponential(1.02)",
            "MSE",
            "a learning rate of 0.71",
        ),
        ("optimizer = Adam(lr=10)\nschedule = Constant(0.001)", "MSE", ""),
        ("optimizer = Adam(lr=0.1)\nschedule = Warmup(10) -> Cosine", "MSE", ""),
        ("optimizer = Adam(lr=1)\nschedule = Warmup(10) -> Cosine", "MSE", "`lr=1` is"),
    ],
)
def test_the_largest_rate_of_the_training_counts(lines: str, loss: str, title: str) -> None:
    found = told(lines, loss)
    assert [one.code for one in found] == ["W0660"] * bool(title)
    assert all(one.title.startswith(title) for one in found)


@pytest.mark.parametrize("schedule", ["Exponential(1.2)", "Constant(1e-12)"])
def test_a_factor_of_which_no_rate_becomes_a_usual_one_is_wrong_itself(schedule: str) -> None:
    (found,) = told(f"optimizer = SGD(0.1)\nepochs = 64\nschedule = {schedule}")
    assert found.code == "W0660"
    assert "no `lr` suits" in found.helps[0]


def test_a_rate_that_is_written_as_told_is_told_no_more() -> None:
    lines, loss = "optimizer = SGD(lr=0.5)\nschedule = Exponential(1.05)", 'MSE(reduction="sum")'
    (found,) = told(lines, loss)
    help, _ = found.helps
    rate = re.search("`(lr=.*)`, or less", help)
    assert rate
    assert not told(lines.replace("lr=0.5", rate[1]), loss)


@pytest.mark.parametrize(
    ("optimizer", "instead"),
    [
        ("Adam(weight_decay=0.1)", "AdamW(weight_decay=0.1)"),
        ("Adam(0.01, wd)", ""),
        (
            "NAdam(1e-3, weight_decay=0.1)",
            "NAdam(1e-3, weight_decay=0.1, decoupled_weight_decay=true)",
        ),
        ("RAdam(weight_decay=0.1, decoupled_weight_decay=true)", ""),
        ("AdamW(weight_decay=0.1)", ""),
        ("AdamW", ""),
        ("SGD(weight_decay=0.1)", ""),
        ("Adam(weight_decay=0.0)", ""),
    ],
)
def test_decay_in_the_gradient_of_adam_is_told(optimizer: str, instead: str) -> None:
    found = [one for one in told(f"optimizer = {optimizer}") if one.code == "W0661"]
    assert [one.helps[0] for one in found] == [
        f"write `{instead}`, in which all decay alike"
    ] * bool(instead)
    if instead:
        assert not told(f"optimizer = {instead}")


def test_a_penalty_in_place_of_decay_is_not_told() -> None:
    for decays in ("true", "false"):
        (found,) = told(f"optimizer = Adam(weight_decay=0.1, decay_biases={decays})")
        penalty = found.helps[1].partition("`")[2].strip("`")
        assert not told(f"optimizer = Adam\n{penalty}")


@pytest.mark.parametrize(
    ("lines", "twice"),
    [
        ("optimizer = AdamW\npenalty = L2(1e-3)", True),
        ("optimizer = SGD(weight_decay=0.1)\npenalty = [L1(1e-3), L2(1e-3)]", True),
        ("optimizer = AdamW\npenalty = L1(1e-3)", False),
        ("optimizer = SGD\npenalty = L2(1e-3)", False),
    ],
)
def test_decay_beside_a_penalty_of_squares_is_told(lines: str, twice: bool) -> None:
    assert codes(lines) == ["W0662"] * twice


def test_a_step_of_more_batches_than_an_epoch_has_is_told() -> None:
    for accumulate, expected in ((10, []), (11, ["W0663"])):
        assert codes(f"optimizer = SGD\naccumulate = {accumulate}") == expected


@pytest.mark.parametrize(
    ("lines", "told_of"),
    [
        ("average = EMA(0.999)", True),  # 100 steps
        ("average = EMA", True),
        ("average = EMA(0.97)", False),
        ("average = EMA(0.999)\nepochs = 240", False),
        ("average = EMA(0.97)\naccumulate = 5", True),  # 20 steps
    ],
)
def test_an_average_that_is_mostly_of_the_first_step_is_told(lines: str, told_of: bool) -> None:
    found = told(f"optimizer = Adam\n{lines}")
    assert [one.code for one in found] == ["W0664"] * told_of
    for one in found:
        decay = one.helps[0].partition("`")[2].partition("`")[0]
        rest = lines.partition("\n")[2]
        assert not told(f"optimizer = Adam\naverage = EMA({decay})\n{rest}")


def test_a_rate_that_is_0_in_all_steps_needs_more_of_them() -> None:
    (found,) = told("optimizer = Adam(lr=0.01)\nschedule = CosineLog\nepochs = 1\naccumulate = 10")
    assert found.helps == (
        "no step changes anything: train for more epochs, or leave the schedule out",
    )


def test_an_optimizer_of_all_samples_is_told_of_batches() -> None:
    assert codes("optimizer = LBFGS") == ["W0668"]
    assert codes("optimizer = LBFGS\naccumulate = 9") == ["W0668"]
    assert not codes("optimizer = LBFGS\naccumulate = 10")


def test_a_schedule_in_steps_that_was_meant_in_epochs_is_told() -> None:
    epochs = "optimizer = SGD(0.1)\nepochs = 90\nschedule = "  # of 10 steps each
    for schedule, steps in (
        ("Step(30)", 30),
        ("MultiStep([30, 60])", 30),
        ("Exponential(0.9)", 22),
        ("Warmup(5) -> Step(30)", 35),
        ("Cosine(length=40)", 32),
        ("Constant(length=10) -> Constant(0.1)", 10),
    ):
        (found,) = told(epochs + schedule)
        assert found.code == "W0657"
        assert found.title.endswith(f"has taken the learning rate down after {steps} steps")
        assert 'unit="epochs"' in found.helps[0]
    for schedule in (
        "Step(250)",
        'Step(30, unit="epochs")',
        "Warmup(5) -> Cosine",
        "CosineRestarts(10)",
        "OneCycle",
        "CosineLog",
        "Exponential(0.99)",
        "Constant(0.1)",
        "Constant(0.01, length=20) -> Constant",
        "Exponential(1.001)",
    ):
        assert not told(epochs + schedule), schedule


def test_a_schedule_that_stops_the_training_is_told_what_lasts_to_its_end() -> None:
    begin = "optimizer = SGD(0.1)\nepochs = 20\nschedule = "  # of 10 steps each
    for schedule, lasting in (
        ("Cosine(length=50)", "Cosine(length=200)"),
        ('Cosine(length=5, unit="epochs")', 'Cosine(length=20, unit="epochs")'),
        ("Warmup(50) -> Cosine(length=20)", "Cosine(length=150)"),
        ("CosineRestarts(10, length=50)", "CosineRestarts(10, length=200)"),
        ("Exponential(0.93)", "Exponential(0.977)"),
        ("Exponential(0.9, length=190)", "Exponential(0.977, length=190)"),
        ('Exponential(0.1, unit="epochs")', 'Exponential(0.79, unit="epochs")'),
        ("Step(10)", "Step(67)"),
        ("Step(5, gamma=0.5)", "Step(25, gamma=0.5)"),
        ("Step(10, gamma=0)", ""),
    ):
        (found,) = told(begin + schedule)
        *_, help = found.helps
        assert found.code == "W0673"
        assert help.endswith(f"`{lasting}`" if lasting else "more slowly")
        if lasting:
            *before, _ = schedule.split(" -> ")
            assert not told(begin + " -> ".join([*before, lasting])), lasting


def test_a_number_far_beyond_what_is_usual_is_told_once() -> None:
    adam = "optimizer = Adam\n"
    for lines in (
        "optimizer = SGD(0.1, momentum=0.9999)",
        "optimizer = RMSprop(momentum=0.9999)",
        "optimizer = SGD(0.1, weight_decay=1)",
        "optimizer = AdamW(weight_decay=5)",
        f"{adam}penalty = L2(100)",
        f"{adam}penalty = [L2(1e-4), L1(10)]",
        f"{adam}members = 1000",
    ):
        assert codes(lines) == ["W0643"], lines
    assert codes("optimizer = Adam(weight_decay=10)") == ["W0661"]
    assert codes(adam, "SoftmaxCrossEntropy(label_smoothing=0.9)") == ["W0643"]
    assert not codes(f"{adam}penalty = L2(0.1)\nmembers = 16")


def test_a_share_of_a_training_is_written_in_steps() -> None:
    (found,) = told("optimizer = Adam\nschedule = Warmup(0.1) -> Cosine")
    assert found.code == "E0460"
    assert found.helps[0] == "if it is to be 0.1 of the training's 100 steps, write `Warmup(10)`"
