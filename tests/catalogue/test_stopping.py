"""When a stopping rule takes an epoch for the best one, and when it ends training."""

from __future__ import annotations

import pytest

from netlang import Best, Early, StoppingRule
from netlang.catalogue import registry
from netlang.catalogue.metrics import Metric
from netlang.language.metric_path import MetricPath


def test_a_rule_is_written_as_a_file_writes_it() -> None:
    rule = Early("train.accuracy", patience=3)
    assert repr(rule) == "Early(metric=train.accuracy, patience=3, min_delta=0)"
    assert isinstance(rule.metric, MetricPath)
    assert (rule.metric.part, rule.metric.metric) == ("train", "accuracy")
    assert isinstance(rule, StoppingRule)


def test_a_rule_refuses_what_is_no_path_of_a_metric() -> None:
    for wrong in ("loss", "validation.", "a b.loss", 3):
        with pytest.raises(TypeError, match="must be a metric such as validation"):
            Early(wrong)


def test_an_epoch_is_better_by_more_than_min_delta_alone() -> None:
    assert Early().is_better(1e-9)
    assert not Early().is_better(0.0)
    assert not Early().is_better(float("nan"))
    assert not Early(min_delta=0.1).is_better(0.1)
    assert Early(min_delta=0.1).is_better(0.11)


def test_the_best_epoch_is_better_by_anything_and_ends_no_training() -> None:
    assert Best().is_better(1e-9)
    assert not Best().is_better(0.0)
    assert not Best().is_better(float("nan"))
    assert not any(Best("train.loss").is_over(waited) for waited in (0, 1, 10**6))


def test_training_is_over_after_patience_epochs() -> None:
    assert [Early(patience=3).is_over(waited) for waited in range(5)] == [False] * 3 + [True] * 2


def test_metrics_with_an_upper_bound_alone_or_of_shares_are_better_where_they_are_higher() -> None:
    rising = {item.name for item in registry.items("metric") if item.higher_is_better}
    falling = {item.name for item in registry.items("metric")} - rising
    assert " ".join(sorted(falling)) == (
        "bits_per_character brier hamming log_loss mae mape max_error median_absolute_error mse "
        "perplexity rmse"
    )
    assert not Metric.higher_is_better
