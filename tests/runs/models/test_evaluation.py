"""An evaluation says what scikit-learn says, whatever the parts that samples come in."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch
from sklearn.metrics import (
    classification_report,
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    multilabel_confusion_matrix,
    r2_score,
    root_mean_squared_error,
)
from torch import Tensor

from netlang.catalogue.losses import MSE, CrossEntropy
from netlang.compiler.answers import Answers, ClassAnswers, LabelAnswers, NumberAnswers
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.models import evaluator
from netlang.runs.models.evaluation import Evaluation
from netlang.runs.models.evaluator import Evaluator

NAMES = ("a", "b", "c", "d", "e")
TARGETS = torch.arange(200) * 7 % 4  # none is of the last class
OUTPUTS = (torch.nn.functional.one_hot(TARGETS, 5) + 2 * torch.rand(200, 5)).softmax(1)
NUMBERS = torch.randn(200, 2), torch.randn(200, 2)  # what is predicted, and what is true


def program(task: str, table: str = "x,y\n1.5,0.25\n2.5,0.5\n3.5,0.75\n4.5,0.5\n") -> Program:
    """A program for a task; what is evaluated need not be from its network."""
    text = "net = Linear(2, 2) -> Softmax\ndata = Disc\nloss = CrossEntropy\noptimizer = SGD\n"
    if task == "regression":
        with open("a.csv", "w") as file:
            file.write(table)
        data = 'CSV("a.csv", target="y", test=0.5)'
        text = f"net = Linear(1, 1)\ndata = {data}\nloss = MSE\noptimizer = SGD\n"
    return compile_source(SourceFile("a.net", text), to_run=True).require()


def evaluated(answers: Answers, outputs: Tensor, targets: Tensor, size: int = 64) -> Evaluation:
    task = "classification" if isinstance(answers, ClassAnswers) else "regression"
    evaluator = Evaluator(program(task), answers, most=5)
    for first in range(0, len(outputs), size):
        part = slice(first, first + size)
        evaluator.add(outputs[part], targets[part])
    return evaluator.evaluation()


def in_numbers(count: int = 2) -> NumberAnswers:
    """Answers of so many numbers, whose own units are larger than those of training."""
    return NumberAnswers(("u", "v")[:count], lambda y: y.double() * 10, MSE())


def of_classes(**options: Any) -> Evaluation:
    return evaluated(ClassAnswers(NAMES, "probabilities", MSE()), OUTPUTS, TARGETS, **options)


def test_classes_are_scored_as_scikit_learn_scores_them() -> None:
    found, predicted = of_classes(), OUTPUTS.argmax(1)
    assert [*map(list, found.confusion)] == confusion_matrix(
        TARGETS, predicted, labels=range(5)
    ).tolist()
    report = classification_report(TARGETS, predicted, output_dict=True, zero_division=0.0)
    assert len(found.scores) == 5
    for number, score in enumerate(found.scores):
        theirs = report.get(str(number), {"precision": 0, "recall": 0, "f1-score": 0, "support": 0})
        ours = score.precision, score.recall, score.f1, score.support
        assert ours == pytest.approx([*theirs.values()])
    assert found.macro
    theirs = report["macro avg"]
    assert (found.macro.precision, found.macro.recall, found.macro.f1, found.macro.support) == (
        pytest.approx([*theirs.values()])
    )
    assert found.metrics["accuracy"] == report["accuracy"]
    assert found.metrics["loss"] == pytest.approx(CrossEntropy()(OUTPUTS, TARGETS).item())


def test_a_class_that_neither_occurs_nor_is_predicted_is_left_out_of_the_mean() -> None:
    right = torch.nn.functional.one_hot(TARGETS, 5).float()
    found = evaluated(ClassAnswers(NAMES, "probabilities", MSE()), right, TARGETS)
    assert found.scores[4].support == found.scores[4].predicted == 0
    assert found.macro
    assert found.macro.f1 == 1
    assert found.mistakes == ()


@pytest.mark.parametrize("size", [1, 33, 200])
def test_it_does_not_matter_in_what_parts_samples_come(size: int) -> None:
    assert json.dumps(of_classes(size=size).as_data()) == json.dumps(of_classes().as_data())


def test_the_worst_mistakes_are_those_with_the_highest_wrong_probability() -> None:
    mistakes = of_classes().mistakes
    wrong = OUTPUTS.max(1).values.where(OUTPUTS.argmax(1) != TARGETS, 0)
    order = wrong.argsort(descending=True)[:5]
    assert [one.row for one in mistakes] == (order + 1).tolist()
    first = mistakes[0]
    assert first.size == wrong.max().item()
    assert first.true == NAMES[TARGETS[order[0]]]
    assert first.predicted == NAMES[OUTPUTS[order[0]].argmax()]


def test_an_output_that_is_no_number_is_the_worst_and_is_none_in_json() -> None:
    outputs = OUTPUTS.clone()
    outputs[17] = math.nan
    found = evaluated(ClassAnswers(NAMES, "probabilities", MSE()), outputs, TARGETS)
    assert found.mistakes[0].row == 18
    (first, *_) = json.loads(json.dumps(found.as_data(), allow_nan=False))["mistakes"]
    assert first["size"] is None


def test_numbers_are_measured_by_all_metrics_that_fit_in_their_own_units() -> None:
    y, t = NUMBERS
    metrics = evaluated(in_numbers(), y, t).metrics
    assert {*metrics} >= {"loss", "mae", "mse", "rmse", "r2"}
    y, t = y.double(), t.double()  # in 32 bits, scikit-learn rounds more than is compared
    assert metrics["mae"] == pytest.approx(mean_absolute_error(10 * t, 10 * y))
    assert metrics["mse"] == pytest.approx(mean_squared_error(10 * t, 10 * y))
    assert metrics["rmse"] == pytest.approx(root_mean_squared_error(10 * t, 10 * y))
    assert metrics["r2"] == pytest.approx(r2_score(t, y))


def test_the_largest_errors_are_in_their_own_units() -> None:
    y, t = NUMBERS
    first = evaluated(in_numbers(), y, t).mistakes[0]
    index = int((y - t).abs().argmax())
    row, column = divmod(index, 2)
    assert (first.row, first.target) == (row + 1, "uv"[column])
    assert first.predicted == pytest.approx(10 * y[row, column].item())
    assert first.true == pytest.approx(10 * t[row, column].item())


def test_r2_of_a_single_sample_is_left_out() -> None:
    y, t = NUMBERS
    assert "r2" not in evaluated(in_numbers(1), y[:1, :1], t[:1, :1]).metrics


def test_a_single_number_needs_no_name_and_no_scores() -> None:
    y, t = NUMBERS
    found = evaluated(in_numbers(1), y[:, :1], t[:, :1])
    assert {one.target for one in found.mistakes} == {""}
    data = found.as_data()
    assert (data["scores"], data["macro"]) == ([], None)


def test_a_label_is_taken_for_there_above_one_half_alone() -> None:
    outputs, targets = torch.tensor([[0.5], [0.6], [0.4]]), torch.tensor([[0.0], [0.0], [1.0]])
    found = evaluated(LabelAnswers(("x",), "probabilities", MSE()), outputs, targets)
    (score,) = found.scores
    assert (score.support, score.predicted, score.recall) == (1, 1, 0)
    assert [(one.row, one.true, one.predicted) for one in found.mistakes] == [
        (2, "0", "1"),
        (3, "1", "0"),
    ]


def test_labels_are_scored_one_by_one() -> None:
    outputs, targets = torch.rand(100, 3), (torch.rand(100, 3) > 0.5).float()
    found = evaluated(LabelAnswers(("x", "y", "z"), "probabilities", MSE()), outputs, targets)
    predicted = outputs > 0.5
    counts = multilabel_confusion_matrix(targets, predicted)
    report = classification_report(
        targets, predicted, target_names=["x", "y", "z"], output_dict=True, zero_division=0.0
    )
    for score, matrix in zip(found.scores, counts, strict=True):
        assert score.support == matrix[1].sum()
        assert score.predicted == matrix[:, 1].sum()
        ours = score.precision, score.recall, score.f1
        assert ours == pytest.approx([*report[score.name].values()][:3])
    assert found.macro
    assert found.macro.f1 == pytest.approx(report["macro avg"]["f1-score"])
    wrong = (outputs - targets).abs().where(predicted != (targets > 0.5), 0)
    row, label = divmod(int(wrong.argmax()), 3)
    first = found.mistakes[0]
    assert (first.row, first.target, first.true) == (
        row + 1,
        "xyz"[label],
        f"{targets[row, label]:g}",
    )


@pytest.mark.parametrize("size", [7, 200])
def test_metrics_that_keep_all_outputs_are_left_out_of_what_is_large(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = of_classes().metrics
    monkeypatch.setattr(evaluator, "MOST_KEPT", 999)
    left = of_classes(size=size).metrics
    assert kept.keys() - left == {"roc_auc", "average_precision"}
    assert all(kept[name] == number for name, number in left.items())
