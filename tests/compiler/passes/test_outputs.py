"""Networks of several outputs: a loss for each, and what each has to predict."""

from __future__ import annotations

import pytest

from netlang.catalogue.data import Description
from netlang.catalogue.outputs import SumOfLosses
from netlang.compiler.ir import Program
from netlang.compiler.ir.printer import print_program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile

ALONE = Description(Shape.of(2), 20, 5, ("a", "b", "c"), target=("kind",))
TASKS = Description.of_tasks(
    {
        "kind": ALONE,
        "size": ALONE.replace(classes=None, target_shape=(1,), target=("size",)),
        "mask": ALONE.replace(classes=None, target_shape=(2, 2), labels=True, target=()),
    }
)
ENDS = "[Linear(4, 3), Linear(4, 1) as width, Linear(4, 4) -> Unflatten([2, 2]) -> Sigmoid]"
NET = f"net = Linear(2, 4) -> Tanh -> {ENDS}\ndata = Disc\n"
LOSSES = "loss = [SoftmaxCrossEntropy, MSE * 0.5, 2 * CrossEntropy(eps=0.1)]\n"


def diagnostics(text: str, described: Description | None = TASKS) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text), described=described).diagnostics


def program(text: str, described: Description | None = TASKS) -> Program:
    compilation = compile_source(SourceFile("a.net", text), described=described)
    assert not compilation.diagnostics, [one.title for one in compilation.diagnostics]
    return compilation.require()


def test_outputs_and_targets_lie_side_by_side() -> None:
    found = program(NET + LOSSES)
    assert found.graph.output == Shape.of(8) == TASKS.output
    kind, width, mask = found.outputs
    assert [one.name for one in found.outputs] == ["kind", "width", "mask"]
    assert [(one.begin, one.end) for one in found.outputs] == [(0, 3), (3, 4), (4, 8)]
    ends = [(one.target_begin, one.target_end) for one in found.outputs]
    assert ends == [(0, 1), (1, 2), (2, 6)]
    assert (kind.target_shape, width.target_shape, mask.shape) == ((), (1,), (2, 2))
    assert [one.task for one in found.outputs] == ["classification", "regression", "labels"]


def test_each_output_has_a_loss_with_its_weight() -> None:
    loss = program(NET + LOSSES).loss
    assert isinstance(loss, SumOfLosses)
    assert [(one.loss.name, one.weight) for one in loss.terms] == [
        ("SoftmaxCrossEntropy", 1),
        ("MSE", 0.5),
        ("CrossEntropy", 2),
    ]
    assert "loss = [SoftmaxCrossEntropy {weight=none" in print_program(program(NET + LOSSES))


def test_a_loss_of_one_output_may_have_a_weight() -> None:
    text = "net = Linear(2, 2)\ndata = Disc\nweight = 0.25\nloss = weight * SoftmaxCrossEntropy\n"
    loss = program(text, None).loss
    assert isinstance(loss, SumOfLosses)
    assert (loss.terms[0].weight, loss.terms[0].part) == (0.25, None)
    assert loss.expects == "logits"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MSE + 0.25 * MAE", [("MSE", 1), ("MAE", 0.25)]),
        ("0.5 * (MSE + MAE * 0.25 + Huber) + LogCosh",
         [("MSE", 0.5), ("MAE", 0.125), ("Huber", 0.5), ("LogCosh", 1)]),
        ("smooth + 2 * smooth", [("SmoothL1", 1), ("SmoothL1", 2)]),
    ],
)  # fmt: skip
def test_losses_of_one_output_are_added_up(text: str, said: list[tuple[str, float]]) -> None:
    smooth = "smooth = SmoothL1\n" * ("smooth" in text)
    found = program(f"net = Linear(1, 1)\ndata = Sine\n{smooth}loss = {text}\n", None)
    assert isinstance(found.loss, SumOfLosses)
    assert [(term.loss.name, term.weight) for term in found.loss.terms] == said
    assert not found.loss.parts
    assert found.loss.tasks == ["regression"]


def test_each_of_several_outputs_may_have_a_sum_of_losses() -> None:
    losses = "loss = [SoftmaxCrossEntropy + 0.5 * Hinge, MSE + MAE, 2 * CrossEntropy]\n"
    found = program(NET + losses)
    assert isinstance(found.loss, SumOfLosses)
    names = [term.text(lambda item: item.name) for term in found.loss.terms]
    assert names == ["SoftmaxCrossEntropy + 0.5 * Hinge", "MSE + MAE", "2 * CrossEntropy"]
    wrong = diagnostics(NET + losses.replace("MSE + MAE", "MSE + NLL"))
    assert [one.title for one in wrong] == ["the loss `NLL` does not go with the data"]


def test_metrics_are_measured_where_they_fit() -> None:
    by_default = [path for one in program(NET + LOSSES).measures for path in one.paths]
    assert by_default == ["kind.accuracy", "width.mae", "width.r2", "mask.label_accuracy"]
    named = program(NET + LOSSES + "metrics = [mse, accuracy]\n").measures
    assert [path for one in named for path in one.paths] == ["kind.accuracy", "width.mse"]


@pytest.mark.parametrize(
    "line",
    [
        "expect test.kind.accuracy > 0.5",
        "expect train.width.mae < 2",
        "stop = Early(train.mask.label_accuracy)",
    ],
)
def test_a_metric_is_named_by_its_output(line: str) -> None:
    found = program(f"{NET}{LOSSES}epochs = 20\n{line}\n")
    assert found.expectations or found.stop


def test_a_stopping_rule_knows_which_metric_rises() -> None:
    for path, rises in (("kind.accuracy", True), ("width.mae", False), ("loss", False)):
        found = program(f"{NET}{LOSSES}epochs = 20\nstop = Early(train.{path})\n")
        assert found.stop
        assert found.rises(found.stop.metric) == rises


def test_several_numbers_are_a_target_each_where_there_are_as_many_outputs() -> None:
    numbers = ALONE.replace(classes=None, target_shape=(2,), target=("x", "y"))
    text = "net = Linear(2, 4) -> [Linear(4, 1), Linear(4, 1)]\ndata = Disc\nloss = [MSE, MSE]\n"
    assert [one.name for one in program(text, numbers).outputs] == ["x", "y"]
    one = "net = Linear(2, 2)\ndata = Disc\nloss = MSE\n"
    assert program(one, numbers).outputs == ()


def test_a_hole_of_an_output_is_found_by_its_target() -> None:
    ends = "[Linear(4, _), Linear(4, _), Linear(4, 4) -> Unflatten([2, 2]) -> Sigmoid]"
    found = program(f"net = Linear(2, 4) -> {ends}\ndata = Disc\n{LOSSES}")
    assert [node.shape.last for node in found.graph.layers[1:3]] == [3, 1]


def test_the_last_name_by_as_is_that_of_an_output() -> None:
    text = """\
        head = Linear(4, 3) as inner -> [Identity, inner] -> Add
        net = Linear(2, 4) -> [head as outer, Linear(4, 1)]
        loss = [SoftmaxCrossEntropy, MSE]
    """
    found = program(text.replace("        ", ""), None)
    assert [one.name for one in found.outputs] == ["outer", "output2"]


@pytest.mark.parametrize(
    ("losses", "code"),
    [
        ("[SoftmaxCrossEntropy, MSE]", "E0426"),
        ("[MSE, MSE, CrossEntropy, MSE]", "E0426"),
        ("MSE", "E0426"),
        ("[SoftmaxCrossEntropy, CrossEntropy, CrossEntropy]", "E0408"),
        ("[SoftmaxCrossEntropy, -1 * MSE, CrossEntropy]", "E0209"),
        ("[SoftmaxCrossEntropy, MES, CrossEntropy]", "E0201"),
        ("[SoftmaxCrossEntropy, Tanh, CrossEntropy]", "E0211"),
    ],
)
def test_a_mistake_in_the_losses_is_one_message(losses: str, code: str) -> None:
    (found,) = diagnostics(f"{NET}loss = {losses}\n")
    assert found.code == code


@pytest.mark.parametrize(
    "ends",
    [
        "Linear(4, 8)",
        "[Linear(4, 3), Linear(4, 1)]",
        "[Linear(4, 1) as size, Linear(4, 3) as kind, Linear(4, 4)]",
    ],
)
def test_outputs_that_do_not_go_with_the_targets_are_one_message(ends: str) -> None:
    count = ends.count("Linear")
    losses = ["MSE", "SoftmaxCrossEntropy", "MSE"][:count] if count > 1 else ["MSE"]
    text = f"net = Linear(2, 4) -> {ends}\ndata = Disc\nloss = [{', '.join(losses)}]\n"
    (found,) = diagnostics(text)
    assert found.code == "E0316"


def test_each_output_is_linted_for_its_loss() -> None:
    losses = "loss = [CrossEntropy, MSE, CrossEntropy]\n"
    (found,) = diagnostics(NET + losses)
    assert found.code == "W0602"
    assert found.written == "Linear(4, 3)"


def test_a_tap_that_names_an_output_is_used_and_others_are_not() -> None:
    (found,) = diagnostics(NET.replace("Tanh ->", "Tanh as hidden ->") + LOSSES)
    assert (found.code, found.written) == ("W0601", "hidden")
