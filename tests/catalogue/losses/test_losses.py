"""Losses by numbers worked out by hand, and class numbers as targets.

That values and gradients are PyTorch's is test_conformance.py's, beside this file.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from netlang.catalogue.losses import (
    KL,
    MSE,
    NLL,
    CrossEntropy,
    Focal,
    Hinge,
    Loss,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    encode,
)


def test_mse_is_the_mean_over_all_elements_or_their_sum() -> None:
    y, t = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 2.0], [1.0, 1.0]])
    assert MSE()(y, t).item() == (1 + 0 + 4 + 9) / 4
    assert MSE(reduction="sum")(y, t).item() == 14


def test_mse_s_gradient_is_twice_the_difference_over_the_count_or_not() -> None:
    y, t = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 2.0], [1.0, 1.0]])
    assert MSE().gradient(y, t).tolist() == [[0.5, 0], [1, 1.5]]
    assert MSE(reduction="sum").gradient(y, t).tolist() == [[2, 0], [4, 6]]


def test_cross_entropy_sums_over_outputs_and_takes_the_mean_over_samples() -> None:
    y = torch.tensor([[0.8, 0.2], [0.5, 0.5]], dtype=torch.float64)
    t = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    expected = -(2 * math.log(0.81) + 2 * math.log(0.51)) / 2
    assert CrossEntropy()(y, t).item() == pytest.approx(expected, rel=1e-14)


def test_cross_entropy_counts_the_outputs_that_should_be_0() -> None:
    t = torch.tensor([[1.0, 0.0]])
    wrong = CrossEntropy()(torch.tensor([[1.0, 1.0]]), t)
    right = CrossEntropy()(torch.tensor([[1.0, 0.0]]), t)
    assert wrong.item() - right.item() == pytest.approx(math.log(1.01 / 0.01), rel=1e-5)


@pytest.mark.parametrize("eps", [1e-2, 1e-6])
def test_cross_entropy_and_its_gradient_are_finite_for_outputs_of_exactly_0_and_1(
    eps: float,
) -> None:
    y = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    t = torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    loss = CrossEntropy(eps=eps)
    assert loss(y, t).isfinite()
    gradient = loss.backward()
    assert gradient.isfinite().all()
    assert gradient[0].tolist() == pytest.approx([-0.5 / eps, 0.5 / eps], rel=1e-9)


def test_the_losses_of_paper_models_are_smallest_at_their_targets() -> None:
    t = torch.tensor([[1.0, 0.0, 0.0]])
    for y in ([0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]):
        for loss in (MSE(), CrossEntropy()):
            assert loss(torch.tensor([y]), t) > loss(t, t)


def test_per_sample_divides_a_sum_by_the_samples() -> None:
    y, t = torch.ones(4, 3), torch.zeros(4, 3)
    assert MSE(reduction="sum").per_sample(y, t).item() == 3
    assert MSE().per_sample(y, t).item() == 1


def test_losses_that_take_probabilities_are_for_classes_and_labels_alone() -> None:
    assert set(CrossEntropy.tasks) == {"classification", "labels"}
    assert set(MSE.tasks) == {"classification", "labels", "regression"}


@pytest.mark.parametrize("reduction", ["none", "Mean", ""])
def test_mse_knows_two_reductions(reduction: str) -> None:
    with pytest.raises(ValueError, match='"mean" or "sum"'):
        MSE(reduction=reduction)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_softmax_cross_entropy_of_one_logit_is_0_and_so_is_its_gradient(
    dtype: torch.dtype,
) -> None:
    y = torch.tensor([[-3.0], [0.0], [1e4]], dtype=dtype)
    for t in (torch.tensor([[0.0], [1.0], [0.5]], dtype=dtype), torch.zeros(3, 1, dtype=dtype)):
        loss = SoftmaxCrossEntropy.declared({})  # Python's own refuses it
        value = loss(y, t).item()
        assert (value, math.copysign(1, value)) == (0, 1)
        assert loss.backward().tolist() == [[0], [0], [0]]


@pytest.mark.parametrize("loss", [MSE(), CrossEntropy(eps=1e-12), SoftmaxCrossEntropy()])
@pytest.mark.parametrize("outputs", [1, 2, 3])
def test_the_loss_of_outputs_that_are_right_is_0_and_not_minus_0(loss: Loss, outputs: int) -> None:
    t = encode(torch.tensor([0, 1, 1]), outputs, torch.float32)
    y = 1e4 * t if isinstance(loss, SoftmaxCrossEntropy) else t
    loss = loss.declared(loss.values)  # with one output, as a file's
    value = loss(y, t).item()
    assert value == pytest.approx(0, abs=1e-10)
    assert math.copysign(1, value) == 1


def test_one_output_learns_one_class_as_it_does_the_first_of_two() -> None:
    t = encode(torch.tensor([0, 0, 0]), 1)
    y = torch.full((3, 1), 0.25)
    assert (CrossEntropy().gradient(y, t) > 0).all()
    assert (MSE().gradient(y, t) > 0).all()


def test_encode_puts_1_into_the_column_of_each_sample_s_class() -> None:
    encoded = encode(torch.tensor([2, 0, 1, 2]), 3)
    assert encoded.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_encode_leaves_columns_without_a_sample_at_0() -> None:
    assert encode(torch.tensor([0, 0]), 4).tolist() == [[1, 0, 0, 0], [1, 0, 0, 0]]


def test_encode_with_one_output_gives_the_class_number_itself() -> None:
    encoded = encode(torch.tensor([1, 0, 1]), 1)
    assert encoded.shape == (3, 1)
    assert encoded.tolist() == [[1], [0], [1]]


@pytest.mark.parametrize("outputs", [1, 2])
def test_encode_gives_the_dtype_asked_for_and_else_torch_s_default(outputs: int) -> None:
    labels = torch.tensor([0, 1])
    assert encode(labels, outputs).dtype == torch.get_default_dtype()
    assert encode(labels, outputs, torch.float64).dtype == torch.float64


@pytest.mark.parametrize("outputs", [1, 3])
def test_encode_takes_a_set_without_samples(outputs: int) -> None:
    assert encode(torch.empty(0, dtype=torch.int64), outputs).shape == (0, outputs)


def test_encode_refuses_a_class_that_has_no_output() -> None:
    with pytest.raises(ValueError, match="which go from 0 to 1 here, and none is 2"):
        encode(torch.tensor([0, 2]), 2)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (torch.tensor([0.0, 1.0]), "not torch.float32 of shape"),
        (torch.tensor([[0], [1]]), r"not torch.int64 of shape \[2, 1\]"),
        (torch.tensor([0, -1]), "go from 0 to 1 here, and none is -1"),
    ],
)
@pytest.mark.parametrize("outputs", [1, 2])
def test_encode_refuses_what_are_no_class_numbers(
    labels: torch.Tensor, said: str, outputs: int
) -> None:
    with pytest.raises(ValueError, match=said):
        encode(labels, outputs)


def test_encode_says_what_it_takes() -> None:
    with pytest.raises(TypeError, match=r"a tensor of shape \[N\], not a list"):
        encode([0, 1], 2)  # type: ignore[arg-type]
    for outputs in (0, -3, 2.0, "2", True):
        with pytest.raises(ValueError, match=f"a whole number of outputs, .* not {outputs!r}"):
            encode(torch.tensor([0, 1]), outputs)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32, torch.bool])
def test_encode_takes_whole_numbers_of_any_size(dtype: torch.dtype) -> None:
    labels = torch.tensor([1, 0], dtype=dtype)
    assert encode(labels, 2).tolist() == [[0, 1], [1, 0]]
    assert encode(labels, 1).tolist() == [[1], [0]]


def test_cross_entropy_takes_a_probability_that_rounding_puts_above_one() -> None:
    y = torch.tensor([[1 + 1.2e-7, 0.0]])
    loss = CrossEntropy(eps=1e-12)
    for t in (torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])):
        assert loss.forward(y, t).isfinite()
        assert loss.backward().isfinite().all()
        assert ((loss.backward() < 0) == (t == 1)).all()


@pytest.mark.parametrize("t", [torch.tensor([0, 1, 1]), torch.tensor([[0.0], [1.0], [1.0]])])
def test_softmax_cross_entropy_of_one_output_says_what_to_take(t: torch.Tensor) -> None:
    for method in (SoftmaxCrossEntropy().forward, SoftmaxCrossEntropy().gradient):
        with pytest.raises(ValueError, match=r"one output is always 0: .* or SigmoidCrossEntropy"):
            method(torch.rand(3, 1), t)


def test_cross_entropy_says_that_it_takes_no_logits() -> None:
    loss, t = CrossEntropy(), torch.tensor([0, 1])
    logits = torch.tensor([[2.0, -0.5], [0.1, 1.0]])
    with pytest.raises(ValueError, match=r"takes probabilities, and an output is -0\.5: end the"):
        loss(logits, t)
    with pytest.raises(ValueError, match="or take SoftmaxCrossEntropy"):
        loss.per_sample(logits, t)
    assert loss(torch.full((2, 2), math.nan), t).isnan()  # a model that diverged
    assert loss(logits.to("meta"), t.to("meta")).is_meta
    assert CrossEntropy.declared({"eps": 1e-2})(logits, t).isnan()


def of_positions(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Logits [N, T, classes], and class numbers of which some say nothing."""
    source = torch.Generator().manual_seed(0)
    y = torch.randn(3, 4, 5, generator=source, dtype=dtype)
    t = torch.randint(5, (3, 4), generator=source)
    t[0, 2:] = t[2, 0] = -1
    return y, t


def theirs(y: Tensor, t: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(y.transpose(1, 2), t, ignore_index=-1)


def test_softmax_cross_entropy_of_positions_is_torch_s_without_those_of_no_class() -> None:
    y, t = of_positions()
    y.requires_grad_()
    (expected,) = torch.autograd.grad(theirs(y, t), y)
    loss = SoftmaxCrossEntropy()
    torch.testing.assert_close(loss.forward(y.detach(), t), theirs(y.detach(), t))
    torch.testing.assert_close(loss.backward(), expected)
    assert not loss.backward()[t == -1].any()
    each = torch.stack([theirs(*one) for one in zip(y.detach().split(1), t.split(1), strict=True)])
    torch.testing.assert_close(loss.each(y.detach(), t), each)


def test_softmax_cross_entropy_of_positions_takes_values_as_it_takes_classes() -> None:
    y, t = of_positions()
    t = t.clamp_min(0)
    loss = SoftmaxCrossEntropy()
    values = torch.nn.functional.one_hot(t, 5).double()
    torch.testing.assert_close(loss.forward(y, values), loss.forward(y, t))
    torch.testing.assert_close(loss.gradient(y, values), loss.gradient(y, t))


def test_positions_that_all_say_nothing_have_no_loss_and_no_gradient() -> None:
    y, t = of_positions()
    loss = SoftmaxCrossEntropy()
    assert loss.forward(y, torch.full_like(t, -1)).item() == 0
    assert not loss.backward().any()
    assert loss.each(y, torch.full_like(t, -1)).tolist() == [0, 0, 0]


def test_weights_of_samples_are_those_of_all_their_positions() -> None:
    y, t = of_positions()
    weights = torch.tensor([2.0, 0.0, 1.0], dtype=torch.float64)
    loss = SoftmaxCrossEntropy()
    y.requires_grad_()
    rows = torch.nn.functional.cross_entropy(
        y.transpose(1, 2), t, ignore_index=-1, reduction="none"
    )
    expected = (rows.sum(1) * weights).sum() / (t != -1).sum()
    torch.testing.assert_close(loss.per_sample(y.detach(), t, weights), expected.detach())
    (gradient,) = torch.autograd.grad(expected, y)
    torch.testing.assert_close(loss.weighted_gradient(y.detach(), t, weights), gradient)


def test_no_class_is_for_positions_and_for_softmax_cross_entropy_alone() -> None:
    y, t = of_positions()
    with pytest.raises(ValueError, match="go from 0 to 4 here, and none is -1"):
        MSE().forward(y, t)
    with pytest.raises(ValueError, match="go from 0 to 4 here, and none is -1"):
        SoftmaxCrossEntropy().forward(y[:, 0], t[:, 0])
    with pytest.raises(ValueError, match="go from 0 to 4 here, and none is -2"):
        SoftmaxCrossEntropy().forward(y, t - 1)


def test_a_loss_says_which_probabilities_its_outputs_are() -> None:
    y = torch.tensor([[0.0, math.log(3)], [1.0, 1.0]])
    expected = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    torch.testing.assert_close(SoftmaxCrossEntropy().probabilities(y), expected)
    assert SoftmaxCrossEntropy().prediction(y) is y
    assert CrossEntropy().probabilities(expected) is expected


def test_logits_far_on_the_right_side_keep_their_small_gradients() -> None:
    y = torch.tensor([[-30.0], [-17.0], [17.0], [30.0]])
    t = (y > 0).float()
    for weight in (1.0, 2.5):
        loss = SigmoidCrossEntropy(weight, reduction="sum")
        expected = torch.where(t == 1, -weight, 1.0).double() * torch.exp(-y.abs().double())
        torch.testing.assert_close(loss.gradient(y, t).double(), expected, rtol=1e-6, atol=0)


def test_a_class_that_is_impossible_and_not_true_says_nothing() -> None:
    y = torch.tensor([[0.0, -math.inf, -math.inf], [-math.inf, 0.0, -math.inf]])
    classes = torch.tensor([0, 1])
    weight = (1.0, 2.0, 3.0)
    for loss in (SoftmaxCrossEntropy(weight=weight), NLL(weight), KL(), Focal(), Focal(0.5)):
        for t in (classes, encode(classes, 3)):
            assert loss.forward(y, t) == 0, loss
            assert loss.backward().isfinite().all(), loss


def test_hinge_of_shares_of_classes_is_that_of_each_by_its_share() -> None:
    y, t = torch.randn(3, 2, 4), torch.rand(3, 2, 4)
    for power in (1, 2):
        short = (1 - y.unsqueeze(-1) + y.unsqueeze(-2)).clamp_min(0) ** power
        pairs = (short * (1 - torch.eye(4))).sum(-1) / 4 * t
        torch.testing.assert_close(Hinge(power).value(y, t), pairs.sum(-1).mean())
