"""Outputs become names, probabilities and numbers in their own units."""

from __future__ import annotations

import math

import pytest
import torch

from netlang.catalogue.losses import (
    MSE,
    GaussianNLL,
    Quantile,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    Triplet,
)
from netlang.compiler.answers import ClassAnswers, LabelAnswers, NumberAnswers, kind_of_outputs
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

OUTPUTS = torch.tensor([[0.1, 0.7, 0.2], [0.5, 0.25, 0.25]])


def test_probabilities_are_the_outputs_bit_for_bit() -> None:
    answers = ClassAnswers(("a", "b", "c"), "probabilities", MSE())
    assert answers.names == ("prediction", "p(a)", "p(b)", "p(c)")
    names, *numbers = answers.columns(OUTPUTS)
    assert names == ["b", "a"]
    assert torch.equal(torch.stack(numbers, 1), OUTPUTS)
    assert answers.note == ""


def test_logits_get_a_softmax_and_this_is_said() -> None:
    answers = ClassAnswers(("a", "b", "c"), "logits", SoftmaxCrossEntropy())
    _, *numbers = answers.columns(OUTPUTS)
    assert torch.equal(torch.stack(numbers, 1), OUTPUTS.softmax(1))
    assert "as the loss takes them" in answers.note


def test_scores_are_called_outputs() -> None:
    answers = ClassAnswers(("a", "b", "c"), "scores", MSE())
    assert answers.names[1:] == ("output(a)", "output(b)", "output(c)")
    assert "no probabilities" in answers.note


def test_a_single_output_is_that_of_the_second_of_two_classes() -> None:
    names, first, second = ClassAnswers(("no", "yes"), "probabilities", MSE()).columns(
        torch.tensor([[0.75], [0.5], [0.25]])
    )
    assert names == ["yes", "no", "no"]
    assert torch.equal(torch.as_tensor(second), torch.tensor([0.75, 0.5, 0.25]))
    assert torch.equal(torch.as_tensor(first), torch.tensor([0.25, 0.5, 0.75]))


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_outputs_that_are_no_numbers_name_no_class(wrong: float) -> None:
    names, *_ = ClassAnswers(("a", "b"), "probabilities", MSE()).columns(
        torch.tensor([[wrong, 0.5]])
    )
    assert names == [None]


def test_labels_each_have_an_answer() -> None:
    answers = LabelAnswers(("rain", "wind"), "probabilities", MSE())
    assert answers.names == ("prediction of rain", "p(rain)", "prediction of wind", "p(wind)")
    columns = answers.columns(torch.tensor([[0.6, 0.4]]))
    assert [torch.as_tensor(one).item() for one in columns] == pytest.approx([1, 0.6, 0, 0.4])


def test_labels_of_other_outputs_than_probabilities_are_called_so() -> None:
    answers = LabelAnswers(("rain",), "scores", MSE())
    assert answers.names == ("prediction of rain", "output(rain)")


def test_a_label_is_given_above_one_half_alone() -> None:
    given, _ = LabelAnswers(("rain",), "probabilities", MSE()).columns(
        torch.tensor([[0.5], [0.51]])
    )
    assert torch.as_tensor(given).tolist() == [0, 1]


def test_numbers_are_in_their_own_units() -> None:
    answers = NumberAnswers(("price",), lambda outputs: outputs.double() * 100 + 1, MSE())
    assert answers.names == ("prediction",)
    (column,) = answers.columns(torch.tensor([[0.5], [1.0]]))
    assert torch.as_tensor(column).tolist() == [51, 101]


def test_several_numbers_are_named() -> None:
    answers = NumberAnswers(("x", "y"), lambda outputs: outputs, MSE())
    assert answers.names == ("prediction of x", "prediction of y")


@pytest.mark.parametrize(
    ("end", "loss", "kind"),
    [
        ("Softmax", "CrossEntropy", "probabilities"),
        ("Sigmoid", "MSE", "probabilities"),
        ("Softmax -> Dropout(0.1)", "CrossEntropy", "probabilities"),
        ("Identity", "SoftmaxCrossEntropy", "logits"),
        ("Identity", "MSE", "scores"),
    ],
)
def test_the_last_layer_and_the_loss_say_what_outputs_are(end: str, loss: str, kind: str) -> None:
    text = f"net = Linear(2, 2) -> {end}\ndata = Disc\nloss = {loss}\noptimizer = SGD\n"
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    assert kind_of_outputs(program) == kind


def test_one_logit_is_read_by_the_sigmoid_and_quantiles_stand_behind_the_middle_one() -> None:
    answers = ClassAnswers(("no", "yes"), "logits", SigmoidCrossEntropy())
    names, no, yes = answers.columns(torch.tensor([[-0.1], [math.log(3)]]))
    assert names == ["no", "yes"]
    torch.testing.assert_close(yes, torch.tensor([0.475, 0.75]), atol=1e-3, rtol=0)
    torch.testing.assert_close(no, 1 - torch.as_tensor(yes))
    numbers = NumberAnswers(("x",), lambda outputs: 10 * outputs, Quantile(q=(0.1, 0.5)))
    assert numbers.names == ("prediction", "q0.1", "q0.5")
    found = [torch.as_tensor(one).tolist() for one in numbers.columns(torch.tensor([[1.0, 2.0]]))]
    assert found == [[20], [10], [20]]
    both = NumberAnswers(("x", "y"), lambda outputs: outputs, GaussianNLL())
    assert both.names[2:] == ("low of x", "low of y", "high of x", "high of y")
    found = [
        torch.as_tensor(one).tolist() for one in both.columns(torch.tensor([[1.0, 2.0, 4.0, 9.0]]))
    ]
    assert found == [[1], [2], [-1], [-1], [3], [5]]


def test_vectors_are_of_the_class_whose_distance_is_the_least() -> None:
    answers = ClassAnswers(("first", "second"), "scores", Triplet(eps=0.0))
    y = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [3.0, 4.0]]])
    names, first, second = answers.columns(y)
    assert names == ["first"]
    assert (torch.as_tensor(first).item(), torch.as_tensor(second).item()) == (-1, -5)
