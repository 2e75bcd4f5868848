"""A sum of losses is what its terms say, and its gradient is the row of their gradients."""

from __future__ import annotations

import functools
import json

import pytest
import torch
from torch import Tensor

from netlang.catalogue.data import Description
from netlang.catalogue.layers.joins import SideBySide
from netlang.catalogue.losses import MSE, CrossEntropy, SoftmaxCrossEntropy
from netlang.catalogue.outputs import SumOfLosses, Term
from netlang.catalogue.targets import OutputPart
from netlang.language.shapes import Shape, Unknown
from tests.catalogue.layers.test_conformance import differences

KIND = OutputPart("kind", 1, 0, (3,), 0, (), "classification", 3)
SIZE = OutputPart("size", 2, 3, (2, 2), 1, (2, 2), "regression")
OTHER = OutputPart("other", 3, 7, (1,), 5, (), "classification", 2)
LOSS = SumOfLosses.of(
    Term(SoftmaxCrossEntropy(), 1.0, KIND),
    Term(MSE(), 0.5, SIZE),
    Term(CrossEntropy(eps=1e-3), 3.0, OTHER),
)


def samples() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    y = torch.rand(6, 8, dtype=torch.float64)
    classes = torch.randint(3, (6, 1)), torch.randint(2, (6, 1))
    values = torch.rand(6, 4, dtype=torch.float64)
    return y, torch.cat([classes[0].double(), values, classes[1].double()], 1)


def test_each_part_finds_its_outputs_and_targets() -> None:
    y, t = samples()
    assert torch.equal(SIZE.of_outputs(y), y[:, 3:7].view(6, 2, 2))
    assert torch.equal(KIND.of_targets(t), t[:, 0].long())
    assert SIZE.of_targets(t).shape == (6, 2, 2)


def test_the_value_is_the_weighted_sum() -> None:
    y, t = samples()
    parts = [SoftmaxCrossEntropy(), MSE(), CrossEntropy(eps=1e-3)]
    values = [
        loss(part.of_outputs(y), part.of_targets(t))
        for loss, part in zip(parts, (KIND, SIZE, OTHER), strict=True)
    ]
    expected = values[0] + 0.5 * values[1] + 3 * values[2]
    torch.testing.assert_close(LOSS.value(y, t), expected)
    torch.testing.assert_close(LOSS.each(y, t).mean(), expected)
    torch.testing.assert_close(LOSS.per_sample(y, t), expected)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_gradient_agrees_with_central_differences(weighted: bool, reduction: str) -> None:
    y, t = samples()
    weights = torch.rand(6, dtype=torch.float64) if weighted else None
    size = Term(MSE(reduction), 0.5, SIZE)
    loss = SumOfLosses.of(LOSS.terms[0], size, LOSS.terms[2])
    gradient = loss.weighted_gradient(y, t, weights)
    flat = y.view(-1)
    for index in range(len(flat)):
        kept, ends = flat[index].item(), []
        for step in (1e-6, -1e-6):
            flat[index] = kept + step
            ends.append(loss.weighted(y, t, weights).item())
        flat[index] = kept
        difference = (ends[0] - ends[1]) / 2e-6
        assert gradient.view(-1)[index].item() == pytest.approx(difference, abs=1e-6)


def test_the_gradients_of_parts_of_a_batch_add_up_whatever_the_reductions() -> None:
    y, t = samples()
    loss = SumOfLosses.of(LOSS.terms[0], Term(MSE("sum"), 0.5, SIZE), LOSS.terms[2])
    parts = [loss.weighted_gradient(y[i : i + 2], t[i : i + 2], None, 6) for i in (0, 2, 4)]
    torch.testing.assert_close(torch.cat(parts), loss.gradient(y, t))


def test_a_row_of_targets_is_checked_part_by_part() -> None:
    _, t = samples()
    LOSS.check_row(t, 6)
    with pytest.raises(ValueError, match=r"not \[6, 6\]"):
        LOSS.check_row(t[:, :5], 6)
    t[2, 0] = 3
    with pytest.raises(ValueError, match="from 0 to 2"):
        LOSS.check_row(t, 6)


def test_a_sum_is_written_as_a_file_has_it() -> None:
    assert LOSS.name == "[SoftmaxCrossEntropy, 0.5 * MSE, 3 * CrossEntropy]"
    alone = SumOfLosses.of(Term(MSE(), 0.25))
    assert repr(alone) == '0.25 * MSE(reduction="mean")'
    assert alone.anew().name == "0.25 * MSE"


def test_the_bounds_are_the_sum_of_those_of_the_losses() -> None:
    least, most = LOSS.bounds_for(8)
    assert least == pytest.approx(3 * CrossEntropy(eps=1e-3).bounds_for(1)[0])
    assert most == float("inf")


SHAPES = ((3,), (2, 2), (1,))


def test_side_by_side_is_the_row_of_all_numbers_there_and_back() -> None:
    layer = SideBySide.declared({})
    x = [torch.rand(4, *shape, dtype=torch.float64, requires_grad=True) for shape in SHAPES]
    y = layer.forward(*x)
    assert layer.infer(*map(Shape, SHAPES)) == Shape.of(8) == Shape(tuple(y.shape[1:]))
    assert layer.infer(Shape.of(2), Shape.of(Unknown())).unknowns
    dy = torch.rand(4, 8, dtype=torch.float64)
    expected = torch.autograd.grad(torch.cat([one.flatten(1) for one in x], 1), x, dy)
    assert all(map(torch.equal, layer.backward(dy), expected))


def test_a_description_of_several_targets_is_kept_as_json() -> None:
    kind = Description(Shape.of(4), 9, 3, ("a", "b"), target=("kind",), counts=(5, 7))
    size = Description(Shape.of(4), 9, 3, None, target_shape=(1,), target=("size",))
    several = Description.of_tasks({"kind": kind, "size": size})
    kept = json.loads(json.dumps(several.to_json()))
    assert Description.from_json(kept) == several
    assert (several.task, several.output, several.targets) == ("several", Shape.of(3), 2)
    with pytest.raises(ValueError, match="another row"):
        Description.from_json(kept | {"tasks": kept["tasks"][:1]})


def test_losses_of_one_output_are_added_up_in_number_and_gradient() -> None:
    torch.manual_seed(0)
    y, t = torch.randn(5, 3, dtype=torch.float64), torch.tensor([0, 2, 1, 1, 0])
    weights = torch.rand(5, dtype=torch.float64)
    loss = SumOfLosses.of(Term(SoftmaxCrossEntropy(), 1.0), Term(MSE(reduction="sum"), 0.1))
    first, second = SoftmaxCrossEntropy(), MSE(reduction="sum")
    torch.testing.assert_close(loss.value(y, t), first.value(y, t) + 0.1 * second.value(y, t))
    torch.testing.assert_close(
        loss.gradient(y, t), first.gradient(y, t) + 0.1 * second.gradient(y, t)
    )
    for given in (None, weights):
        gradient = loss.weighted_gradient(y, t, given)
        found = differences(functools.partial(loss.weighted, y, t, given), y)
        torch.testing.assert_close(gradient, found, rtol=1e-6, atol=1e-8)
    assert loss.expects == "logits"
    assert not loss.takes_one_output
    assert loss.text(lambda item: item.name) == "SoftmaxCrossEntropy + 0.1 * MSE"
