"""Metrics by numbers worked out by hand."""

from __future__ import annotations

import pytest
import torch

from netlang import catalogue
from netlang.losses import encode
from netlang.metrics import Accuracy, MeanAbsoluteError, MeanSquaredError, Metric, RSquared


def test_accuracy_is_the_share_of_samples_whose_largest_output_is_their_class_s() -> None:
    y = torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [-3.0, -2.0, -1.0], [5.0, 6.0, 4.0]])
    t = encode(torch.tensor([0, 1, 2, 1]), 3)
    assert Accuracy()(y, t) == 0.75


def test_accuracy_with_one_output_asks_whether_it_is_above_one_half() -> None:
    y = torch.tensor([[0.51], [0.49], [0.5], [7.0], [-7.0]])
    t = encode(torch.tensor([1, 1, 0, 1, 0]), 1)
    assert Accuracy()(y, t) == 0.8


def test_accuracy_is_1_for_the_targets_themselves_and_0_for_their_opposite() -> None:
    t = encode(torch.tensor([0, 1, 1, 0]), 2)
    assert Accuracy()(t, t) == 1
    assert Accuracy()(1 - t, t) == 0


def test_accuracy_of_many_samples_is_exact() -> None:
    count = 20_000_001  # beyond what float32 counts to
    y = torch.ones(count, 1, dtype=torch.float16)
    t = torch.ones(count, 1, dtype=torch.float16)
    t[0] = 0
    assert Accuracy()(y, t) == (count - 1) / count


def test_mse_and_mae_are_means_over_all_elements() -> None:
    y, t = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 2.0], [5.0, 1.0]])
    assert MeanSquaredError()(y, t) == (1 + 0 + 4 + 9) / 4
    assert MeanAbsoluteError()(y, t) == (1 + 0 + 2 + 3) / 4


def test_r2_is_1_for_the_targets_and_0_for_their_mean() -> None:
    t = torch.tensor([[1.0, 10.0], [2.0, 40.0], [6.0, 10.0]])
    assert RSquared()(t, t) == 1
    assert RSquared()(t.mean(0).expand_as(t), t) == 0


def test_r2_is_one_minus_the_errors_over_the_spread() -> None:
    y, t = torch.tensor([[1.0], [2.0], [2.0]]), torch.tensor([[1.0], [2.0], [3.0]])
    assert RSquared()(y, t) == 0.5
    assert RSquared()(-10 * t, t) < 0


def test_metrics_of_float32_are_summed_in_float64() -> None:
    y, t = torch.full((3, 1), 1 + 2.0**-20), torch.ones(3, 1)
    assert MeanSquaredError()(y, t) == pytest.approx(2.0**-40, rel=1e-12)
    assert MeanAbsoluteError()(y, t) == pytest.approx(2.0**-20, rel=1e-12)


@pytest.mark.parametrize(
    "metric", [Accuracy(), MeanSquaredError(), MeanAbsoluteError(), RSquared()], ids=repr
)
def test_a_metric_is_a_python_number_and_leaves_its_tensors_alone(metric: Metric) -> None:
    y, t = torch.tensor([[0.9, 0.1], [0.2, 0.7]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    kept = y.clone(), t.clone()
    assert isinstance(metric(y, t), float)
    assert torch.equal(y, kept[0])
    assert torch.equal(t, kept[1])


def test_metrics_are_called_in_files_as_they_are_known() -> None:
    names = {item.name: item.tasks for item in catalogue.items("metric")}  # type: ignore[attr-defined]
    assert names == {
        "accuracy": ("classification",),
        "mse": ("regression",),
        "mae": ("regression",),
        "r2": ("regression",),
    }
