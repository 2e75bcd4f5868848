"""What to do about a training that diverged: a learning rate that is worth a try."""

from __future__ import annotations

import pytest

from netlang.language.diagnostics.messages.training import Diverged


def helps(lr: float, default: float | None = 1e-3, target: float | None = None) -> tuple[str, ...]:
    return Diverged(None, "train.loss", "infinite", 1, lr, default, target).helps


@pytest.mark.parametrize("lr", [0.11, 1.0, 1000.0, 1e30, 3.4e38])
def test_a_learning_rate_far_above_the_default_is_answered_with_the_default(lr: float) -> None:
    assert helps(lr) == ("take smaller steps, say `lr=0.001`, which is the default",)


@pytest.mark.parametrize(
    ("lr", "less"), [(0.1, "0.01"), (0.05, "0.005"), (1e-3, "0.0001"), (1e-4, "1e-05")]
)
def test_a_usual_learning_rate_is_answered_with_a_tenth(lr: float, less: str) -> None:
    assert helps(lr) == (f"take smaller steps, say `lr={less}`",)


def test_without_a_default_a_tenth_is_said() -> None:
    assert helps(1e30, default=None) == ("take smaller steps, say `lr=1e+29`",)


def test_no_smaller_steps_are_advised_where_they_are_tiny() -> None:
    assert not any("lr" in help for help in (*helps(1e-30), *helps(1e-30, target=1e20)))


def test_large_numbers_to_predict_are_told_before_the_steps() -> None:
    scale, steps = helps(1e10, target=1e6)
    assert "scale the numbers to predict" in scale
    assert steps == "or take smaller steps, say `lr=0.001`, which is the default"


def test_the_label_says_which_learning_rate_was_too_large() -> None:
    diverged = Diverged(None, "train.loss", "infinite", 1, 1e30, 1e-3)
    assert diverged.label == "steps of `lr=1e+30` are too large for this network and data"
