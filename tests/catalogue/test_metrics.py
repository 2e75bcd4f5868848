"""Metrics by numbers worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy
import pytest
import torch
from sklearn.metrics import confusion_matrix

from netlang.catalogue import registry
from netlang.catalogue.items import Item
from netlang.catalogue.losses import MSE, encode
from netlang.catalogue.metrics import (
    Accuracy,
    AveragePrecision,
    Confusion,
    ExplainedVariance,
    LabelAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    MedianAbsoluteError,
    Metric,
    Precision,
    RocAuc,
    RSquared,
    Sum,
    confusion,
)
from netlang.catalogue.metrics.metric import labels_of_classes
from netlang.catalogue.randomness import generator


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


def test_label_accuracy_is_the_share_of_labels_that_are_right() -> None:
    y = torch.tensor([[0.9, 0.2, 0.51], [0.4, 0.6, 0.5]])
    t = torch.tensor([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0]])
    assert LabelAccuracy()(y, t) == 5 / 6
    metric = LabelAccuracy()
    metric.add(y[:1], t[:1])
    metric.add(y[1:], t[1:])
    assert metric.value() == 5 / 6


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
    "metric",
    [Accuracy(), LabelAccuracy(), MeanSquaredError(), MeanAbsoluteError(), RSquared()],
    ids=repr,
)
def test_a_metric_is_a_python_number_and_leaves_its_tensors_alone(metric: Metric) -> None:
    y, t = torch.tensor([[0.9, 0.1], [0.2, 0.7]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    kept = y.clone(), t.clone()
    assert isinstance(metric(y, t), float)
    assert torch.equal(y, kept[0])
    assert torch.equal(t, kept[1])


def test_metrics_are_called_in_files_as_they_are_known() -> None:
    by_tasks: dict[str, list[str]] = {}
    for item in registry.items("metric"):
        by_tasks.setdefault(" ".join(item.tasks), []).append(item.name)
    assert {tasks: " ".join(names) for tasks, names in by_tasks.items()} == {
        "classification": "accuracy top_k log_loss perplexity bits_per_character brier "
        "balanced_accuracy mcc cohen_kappa confusion",
        "labels": "label_accuracy",
        "regression": "mse mae mape median_absolute_error rmse max_error r2 explained_variance",
        "classification labels": "hamming precision recall f1 fbeta jaccard specificity roc_auc "
        "average_precision",
    }


def test_accuracy_takes_class_numbers() -> None:
    assert Accuracy()(torch.eye(3), torch.tensor([0, 1, 2])) == 1
    assert Accuracy()(torch.eye(3), torch.tensor([0, 1, 0])) == pytest.approx(2 / 3)
    assert Accuracy()(
        torch.tensor([[0.9], [0.2], [0.3]]), torch.tensor([1, 0, 1])
    ) == pytest.approx(2 / 3)


@pytest.mark.parametrize("outputs", [1, 2, 3])
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.int32])
def test_accuracy_of_class_numbers_is_that_of_their_encoding(
    outputs: int, dtype: torch.dtype
) -> None:
    y, labels = torch.randn(50, outputs), torch.randint(max(outputs, 2), (50,))
    assert Accuracy()(y, labels.to(dtype)) == Accuracy()(y, encode(labels, outputs))


def test_accuracy_takes_a_class_for_each_place_in_a_sample() -> None:
    y = torch.eye(3).expand(2, 3, 3)
    assert Accuracy()(y, torch.tensor([[0, 1, 2], [0, 1, 0]])) == pytest.approx(5 / 6)
    assert Accuracy()(y, y) == 1


@pytest.mark.parametrize(
    ("y", "t", "said"),
    [
        (
            torch.eye(3),
            torch.tensor([0.0, 1.0, 2.0]),
            r"\(whole\) of shape \[3\], not .*: `targets.long\(\)` makes them class numbers",
        ),
        (
            torch.eye(3),
            torch.tensor([[0], [1], [2]]),
            r"class numbers \(whole\) of shape \[3\], not \[3, 3\] and \[3, 1\]",
        ),
        (
            torch.eye(3),
            torch.tensor([0, 1]),
            r"one shape, or class numbers .*, not \[3, 3\] and \[2\]",
        ),
        (torch.eye(3), torch.tensor([0, 1, 3]), "from 0 to 2 here, and none is 3"),
        (torch.eye(3), torch.tensor([0, 1, -1]), "none is -1"),
        (torch.rand(3, 1), torch.tensor([0, 1, 2]), "from 0 to 1 here, and none is 2"),
        (
            torch.rand(3),
            torch.tensor([0, 1, 1]),
            r"takes outputs of shape \[N, classes\], not \[3\]",
        ),
        (torch.eye(3), torch.eye(3)[:1], "takes outputs and targets of one shape"),
        (torch.rand(0, 3), torch.rand(0, 3), "one sample or more"),
        (torch.rand(0, 3), torch.zeros(0, dtype=torch.int64), "one sample or more"),
    ],
)
def test_accuracy_says_which_targets_it_takes(y: torch.Tensor, t: torch.Tensor, said: str) -> None:
    for ask in (Accuracy(), Accuracy().add):
        with pytest.raises(ValueError, match=said):
            ask(y, t)


VALUES = [MeanSquaredError(), MeanAbsoluteError(), RSquared()]


@pytest.mark.parametrize("metric", VALUES, ids=repr)
@pytest.mark.parametrize(
    "shapes",
    [((3, 1), (3,)), ((3,), (3, 1)), ((3, 2), (1, 2)), ((3, 2), ()), ((0, 1), (0, 1)), ((), ())],
    ids=str,
)
def test_metrics_broadcast_nothing(
    metric: Metric, shapes: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    y, t = (torch.ones(shape) for shape in shapes)
    for ask in (metric, metric.add):
        with pytest.raises(ValueError, match=f"{metric.name} takes outputs"):
            ask(y, t)


@pytest.mark.parametrize("metric", VALUES, ids=repr)
@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.bool, torch.float16])
def test_metrics_take_real_numbers_of_any_dtype(metric: Metric, dtype: torch.dtype) -> None:
    y, t = torch.tensor([[0.0], [1.0], [1.0]]), torch.tensor([[1.0], [0.0], [1.0]])
    for first, second in ((y.to(dtype), t), (y, t.to(dtype)), (y.to(dtype), t.to(dtype))):
        assert metric(first, second) == metric(y, t)


@pytest.mark.parametrize("metric", [Accuracy(), *VALUES], ids=repr)
def test_metrics_refuse_what_are_no_real_numbers_in_a_tensor(metric: Metric) -> None:
    t = torch.tensor([[1.0, 0.0]])
    for y, said in (
        (t.to(torch.complex64), "real numbers"),
        (t.tolist(), "in a tensor, not a list"),
    ):
        with pytest.raises(TypeError, match=f"{metric.name} takes outputs .*{said}"):
            metric(y, t)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=f"{metric.name} takes targets .*{said}"):
            metric(t, y)  # type: ignore[arg-type]


ALL = [Accuracy(), *VALUES]
SPLITS = [(1,) * 1000, (1000,), (1, 999), (999, 1), (100,) * 10, (7, 300, 1, 492, 200)]


@pytest.mark.parametrize("metric", ALL, ids=repr)
@pytest.mark.parametrize("shift", [0.0, 3.0, 1e7], ids=str)
def test_a_metric_is_the_same_however_the_samples_are_split(metric: Metric, shift: float) -> None:
    generator = torch.Generator().manual_seed(0)
    t = torch.rand(1000, 3, generator=generator, dtype=torch.float64) * 10 + shift
    y = t + torch.randn(1000, 3, generator=generator, dtype=torch.float64)
    t[0] = 1e3 + shift  # the first is far from the others
    whole = metric(y, t)
    for split in SPLITS:
        metric.start()
        for batch in zip(y.split(split), t.split(split), strict=True):
            metric.add(*batch)
        assert metric.value() == pytest.approx(whole, rel=1e-12, abs=1e-12)


def test_r2_of_many_parts_is_that_of_its_definition() -> None:
    generator = torch.Generator().manual_seed(0)
    t = torch.randn(500, 1, generator=generator, dtype=torch.float64) + 1e5
    y = t + torch.randn(500, 1, generator=generator, dtype=torch.float64) / 3
    metric = RSquared()
    for batch in zip(y.split(7), t.split(7), strict=True):
        metric.add(*batch)
    outputs, targets = ([Fraction(one) for one in column.flatten().tolist()] for column in (y, t))
    mean = sum(targets) / len(targets)
    missed = sum((a - b) ** 2 for a, b in zip(outputs, targets, strict=True))
    spread = sum((one - mean) ** 2 for one in targets)
    assert metric.value() == pytest.approx(float(1 - missed / spread), abs=1e-12)


def test_a_sum_of_a_million_tenths_loses_no_digit() -> None:
    total = Sum()
    for _ in range(1_000_000):
        total = total.plus(0.1)
    assert total.value == float(Fraction(0.1) * 1_000_000)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_sum_of_what_is_not_finite_is_that(number: float) -> None:
    total = Sum()
    for one in (1.0, number, 1.0):
        total = total.plus(one)
    assert total.value == pytest.approx(number, nan_ok=True)


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_a_metric_starts_anew_and_a_call_leaves_its_sums_alone(metric: Metric) -> None:
    y = torch.tensor([[0.9, 0.1], [0.2, 0.7], [0.6, 0.5]])
    t = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    metric.start()
    metric.add(y, 1 - t)
    metric.start()
    metric.add(y[:2], t[:2])
    assert metric(1 - y, t) != metric(y, t)
    metric.add(y[2:], t[2:])
    assert metric.value() == pytest.approx(metric(y, t), rel=1e-12)


@pytest.mark.parametrize("metric", ALL, ids=repr)
def test_a_metric_says_that_it_has_no_value_before_it_has_seen_samples(metric: Metric) -> None:
    fresh = metric.anew()
    with pytest.raises(RuntimeError, match=f"{metric.name}.*call add before value"):
        fresh.value()
    fresh.add(torch.eye(2), torch.eye(2))
    fresh.value()
    fresh.start()
    with pytest.raises(RuntimeError, match="call add before value"):
        fresh.value()


def test_r2_of_equal_targets_in_many_parts_asks_whether_all_are_met() -> None:
    met, missed, t = RSquared(), RSquared(), torch.full((30, 2), 0.1)
    for batch in t.split(7):
        met.add(batch, batch)
        missed.add(batch + 1e-3, batch)
    assert (met.value(), missed.value()) == (1, 0)


def test_accuracy_of_many_positions_counts_them_all_in_parts_of_any_size() -> None:
    y = torch.eye(3).expand(4, 3, 3)
    t = torch.tensor([[0, 1, 2], [0, 1, 0], [1, 1, 1], [0, 0, 0]])
    metric = Accuracy()
    for batch in zip(y.split(3), t.split(3), strict=True):
        metric.add(*batch)
    assert metric.value() == 7 / 12


def test_a_metric_of_one_s_own_says_what_it_lacks() -> None:
    class Nothing(Metric, name="nothing"):
        tasks = ("regression",)

    with pytest.raises(TypeError, match=r"Nothing.*'?add'?.*'?value'?"):
        Nothing()


def test_a_metric_of_values_takes_class_numbers_as_their_one_hot_vectors() -> None:
    class Brier(MeanSquaredError, name="brier"):
        tasks = ("classification",)

    y, labels = torch.rand(5, 3), torch.tensor([0, 2, 1, 1, 0])
    assert Brier()(y, labels) == MeanSquaredError()(y, encode(labels, 3))
    with pytest.raises(ValueError, match=r"`encode\(targets, 3\)` turns class numbers into"):
        MeanSquaredError()(y, labels)


@pytest.mark.parametrize("kind", [Accuracy, MSE])
def test_a_class_that_is_called_for_its_instance_says_what_to_write(kind: type[Item]) -> None:
    says = rf"at most; to call one, write `{kind.__name__}\(\)\(outputs, targets\)`$"
    with pytest.raises(TypeError, match=says):
        kind(torch.zeros(3, 2), torch.zeros(3))


def test_targets_as_many_as_the_outputs_are_told_to_take_their_shape() -> None:
    outputs, targets = torch.zeros(3, 1), torch.tensor([5, 7, 9])
    with pytest.raises(ValueError, match=r": `targets.reshape\(outputs.shape\)` gives them"):
        MeanAbsoluteError()(outputs, targets)
    assert MeanAbsoluteError()(outputs, targets.reshape(outputs.shape)) == 7


def test_where_no_place_has_a_class_a_metric_is_no_number() -> None:
    y, none = torch.rand(2, 3, 2), torch.full((2, 3), -1)
    for metric in (one for one in ALL if "classification" in one.tasks):
        assert math.isnan(metric(y, none)), metric
        fresh = metric.anew()
        fresh.add(y, none)
        with pytest.raises(RuntimeError, match="samples that have a target"):
            fresh.numbers()
        fresh.add(y, none + 1)
        assert fresh.value() == pytest.approx(metric(y, none + 1), nan_ok=True), metric


def test_labels_that_are_alike_are_numbered_however_many_there_are() -> None:
    labels = labels_of_classes("f1", ["猫"] * 20_000 + ["__2", "a"])
    assert labels[:2] + labels[-3:] == ["f1__", "f1___2", "f1___20000", "f1___2_2", "f1_a"]
    assert len({*labels}) == len(labels)


@pytest.mark.parametrize("classes", [2, 5, 30])
def test_the_counts_of_a_confusion_are_those_of_scikit_learn(classes: int) -> None:
    source = torch.Generator().manual_seed(0)
    predicted, true = (torch.randint(0, classes, (500,), generator=source) for _ in range(2))
    theirs = confusion_matrix(true, predicted, labels=range(classes))
    assert confusion(predicted, true, classes).tolist() == theirs.tolist()


def test_the_metric_of_a_confusion_counts_in_parts_and_by_weights() -> None:
    source = torch.Generator().manual_seed(0)
    y, t = torch.rand(40, 3, generator=source), torch.randint(3, (40,), generator=source)
    weights = torch.rand(40, generator=source, dtype=torch.float64)
    for given in (None, weights):
        metric = Confusion()
        for rows in torch.arange(40).split(7):
            metric.add(y[rows], t[rows], None if given is None else given[rows])
        wanted = confusion_matrix(t, y.argmax(1), sample_weight=given)
        assert metric.table().flatten().tolist() == pytest.approx(wanted.flatten(), rel=1e-12)
        assert metric.value() == pytest.approx(Accuracy()(y, t, given))
    assert metric.labels(["a", "b"])[:2] == ["confusion_a_a", "confusion_a_b"]
    with pytest.raises(ValueError, match="a row and a column for each class, and there are 1,001"):
        Confusion()(torch.rand(2, 1001), torch.tensor([0, 1]))


def test_decisions_of_a_single_output_are_counted() -> None:
    decided = torch.tensor([True, False, True])
    assert confusion(decided, torch.tensor([1, 1, 0]), 2).tolist() == [[0, 1], [1, 1]]


def test_accuracy_counts_the_positions_that_have_a_class() -> None:
    y = torch.eye(3)[torch.tensor([[0, 1, 2], [2, 2, 0]])]
    accuracy = Accuracy()
    accuracy.add(y, torch.tensor([[0, 1, 0], [2, -1, -1]]))
    assert (accuracy.sum.value, accuracy.weight.value, accuracy.count) == (3, 4, 4)


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        (Precision("binary"), "is of one class of two, and there are 3 classes"),
        (RocAuc("micro", "ovo"), 'is of pairs of classes, which have no `average="micro"`'),
        (RocAuc(None, "ovo"), "is of pairs of classes, which have no `average=none`"),
    ],
    ids=repr,
)
def test_arguments_that_say_nothing_of_three_classes_are_refused(metric: Metric, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        metric(torch.eye(3), torch.tensor([0, 1, 2]))
    assert metric(torch.eye(2), torch.tensor([0, 1])) == 1  # as in scikit-learn


def test_two_classes_are_one_pair_whose_second_is_asked_for() -> None:
    y, t = torch.tensor([[0.3, 0.1], [0.2, 0.2], [0.1, 0.3]]), torch.tensor([1, 0, 1])
    for average in ("macro", "weighted", "micro"):
        assert RocAuc(average, "ovo")(y, t) == RocAuc(average)(y, t)


def test_outputs_that_are_no_numbers_have_no_score() -> None:
    nothing, t = torch.full((3, 2), math.nan), torch.tensor([1, 1, 1])
    for metric in (RocAuc(), RocAuc("weighted", "ovo"), AveragePrecision("weighted")):
        assert math.isnan(metric(nothing, t)), metric
    for values in (RSquared(), ExplainedVariance(), RSquared("variance_weighted")):
        assert math.isnan(values(nothing, torch.ones(3, 2))), values


def test_the_median_of_equal_weights_is_that_without_weights() -> None:
    for count in range(2, 400, 7):
        y, t = torch.rand(count, generator=generator(count)).double(), torch.zeros(count)
        metric = MedianAbsoluteError()
        metric.add(y, t, torch.full((count,), 0.1))
        assert metric.value() == pytest.approx(numpy.median(y.numpy()), rel=1e-12), count


@pytest.mark.parametrize(
    ("y", "t", "said"),
    [
        ([0.5], torch.ones(1), "takes outputs in a tensor, not a list"),
        (torch.ones(2, 3), None, "takes targets in a tensor, not a NoneType"),
        (
            torch.ones(2, 3),
            torch.ones(2, 3).bool(),
            r"cannot compare outputs .*\[2, 3\] \(torch.bo",
        ),
    ],
)
def test_a_call_says_what_it_cannot_compare(y: object, t: object, said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"accuracy {said}"):
        Accuracy()(y, t)  # type: ignore[arg-type]
