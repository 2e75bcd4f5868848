"""What every loss of the catalogue promises, tried on its own examples.

In float64, its number is PyTorch's, and its gradient is that of PyTorch's number and of its own by
autograd (1e-9), and of its own by central differences (1e-6), whatever the targets and the shapes.
Targets are checked, and nobody writes to what it gets.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from netlang.catalogue.losses import Loss
from netlang.catalogue.losses.pairs import VectorLoss
from netlang.catalogue.losses.reduced import RowLoss
from tests.catalogue.layers.test_conformance import differences, relative
from tests.catalogue.losses.cases import (
    BY_NAME,
    LOSSES,
    classes_for,
    loss_of,
    one_hot,
    outputs_of,
    takes,
    values_for,
)
from tests.catalogue.losses.oracles import OF_CLASS_NUMBERS, ORACLES
from tests.together import together

ROWS = 4
SAMPLES = [(3,), (2,), (1,), (2, 3)]

losses = together("text", LOSSES)
by_name = together("item", BY_NAME)


def cases(loss: Loss, classes: bool) -> Iterator[tuple[Tensor, Tensor]]:
    """Outputs and targets of several shapes, class numbers or values."""
    torch.manual_seed(0)
    for sample in SAMPLES:
        if not takes(loss, sample[-1]):
            continue
        for count in (ROWS, 1):
            y = outputs_of(loss, count, sample)
            if not classes:
                yield y, values_for(loss, count, sample)
            elif "classification" in loss.tasks:
                yield y, classes_for(count, sample)


def every_case(text: str) -> list[tuple[Loss, Tensor, Tensor]]:
    loss = loss_of(text)
    kinds = (False, True)
    return [(loss, y, t) for classes in kinds for y, t in cases(loss, classes)]


def with_gradient(value: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    (gradient,) = torch.autograd.grad(value, y)
    return value.detach(), gradient


@by_name
def test_every_loss_has_an_example_and_an_oracle(item: type[Loss]) -> None:
    assert item.examples
    assert item.name in ORACLES


@losses
def test_number_and_gradient_are_pytorch_s(text: str) -> None:
    loss, tried = loss_of(text), 0
    of_classes = loss.name in OF_CLASS_NUMBERS or (loss.values.get("weight") is not None)
    of_classes = of_classes or loss.values.get("ignore") is not None
    for y, t in cases(loss, of_classes):
        y.requires_grad_()
        value, gradient = with_gradient(ORACLES[loss.name](loss, y, t), y)
        assert relative(loss.forward(y.detach(), t), value) < 1e-9
        assert relative(loss.backward(), gradient) < 1e-9
        tried += 1
    assert tried >= 2


@losses
def test_the_gradient_is_that_of_the_number(text: str) -> None:
    for loss, y, t in every_case(text):
        gradient = loss.gradient(y, t)
        assert relative(gradient, differences(functools.partial(loss.value, y, t), y)) < 1e-6
        y.requires_grad_()
        _, by_autograd = with_gradient(loss.declared(loss.values).value(y, t), y)
        assert relative(gradient, by_autograd) < 1e-9


@losses
def test_soft_targets_have_the_gradient_of_their_number(text: str) -> None:
    loss = loss_of(text)
    loss = loss.declared(loss.values)  # as a file's, which may have one output whatever the loss
    for sample in SAMPLES:
        if not takes(loss, sample[-1]) or "classification" not in loss.tasks:
            continue
        y = outputs_of(loss, ROWS, sample)
        predicted = loss.prediction(y).shape
        soft = torch.rand(predicted, dtype=torch.float64)
        for t in (soft, torch.zeros_like(soft), torch.ones_like(soft)):
            expected = differences(functools.partial(loss.value, y, t), y)
            assert relative(loss.gradient(y, t), expected) < 1e-6


@losses
def test_class_numbers_are_to_a_loss_what_their_one_hot_vectors_are(text: str) -> None:
    loss = loss_of(text)
    for y, t in cases(loss, classes=True):
        values = one_hot(t, loss.predicted(y.shape[1:])[-1])
        if loss.values.get("log_target"):
            continue
        wanted, gradient = loss.forward(y, values), loss.backward()
        for dtype in (torch.int64, torch.int32, torch.uint8):
            torch.testing.assert_close(loss.forward(y, t.to(dtype)), wanted)
        torch.testing.assert_close(loss.backward(), gradient)
        torch.testing.assert_close(loss.each(y, t), loss.each(y, values))
        torch.testing.assert_close(loss.per_sample(y, t), loss.per_sample(y, values))


@losses
def test_the_loss_of_each_sample_is_that_of_the_sample_alone(text: str) -> None:
    for loss, y, t in every_case(text):
        alone = [loss.value(*one) for one in zip(y.split(1), t.split(1), strict=True)]
        torch.testing.assert_close(loss.each(y, t), torch.stack(alone))


@losses
def test_weights_of_samples_are_those_of_their_rows_in_number_and_gradient(text: str) -> None:
    for loss, y, t in every_case(text):
        weights = torch.rand(len(y), dtype=torch.float64)
        expected = differences(functools.partial(loss.weighted, y, t, weights), y)
        assert relative(loss.weighted_gradient(y, t, weights), expected) < 1e-6
        same = loss.weighted(y, t, torch.ones_like(weights))
        torch.testing.assert_close(same, loss.weighted(y, t, None))


@losses
def test_the_gradients_of_parts_of_a_batch_are_those_of_the_whole(text: str) -> None:
    for loss, y, t in every_case(text):
        weights = torch.rand(len(y), dtype=torch.float64)
        parts = [*zip(y.split(2), t.split(2), weights.split(2), strict=True)]
        dy = torch.cat([loss.weighted_gradient(*one, t) for one in parts])
        torch.testing.assert_close(dy, loss.weighted_gradient(y, t, weights))
        value = torch.stack([loss.weighted(*one, t) for one in parts]).sum()
        torch.testing.assert_close(value, loss.weighted(y, t, weights))


@losses
def test_a_sum_is_a_mean_times_what_it_is_divided_by(text: str) -> None:
    loss = loss_of(text)
    if "reduction" not in loss.values:
        pytest.skip("it has one reduction")
    mean, total = (loss.declared(loss.values | {"reduction": one}) for one in ("mean", "sum"))
    assert mean.is_mean
    assert not total.is_mean
    for _, y, t in every_case(text):
        ratio = (total.value(y, t) / mean.value(y, t)).item()
        if math.isfinite(ratio):
            torch.testing.assert_close(total.gradient(y, t), ratio * mean.gradient(y, t))


@losses
def test_a_loss_leaves_its_outputs_and_targets_as_they_are(text: str) -> None:
    for loss, y, t in every_case(text):
        kept = y.clone(), t.clone()
        first = loss.gradient(y, t)
        loss.forward(y, t)
        loss.each(y, t)
        loss.per_sample(y, t, torch.ones(len(y)))
        assert all(map(torch.equal, (y, t), kept))
        assert torch.equal(loss.backward(), first)
        assert loss.prediction(y).shape == (len(y), *loss.predicted(y.shape[1:]))
        assert torch.equal(y, kept[0])


@losses
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_outputs_of_fewer_bits_are_nearly_as_exact(text: str, dtype: torch.dtype) -> None:
    within = 1e-5 if dtype == torch.float32 else 0.1
    for loss, y, t in every_case(text):
        y, t = y.to(dtype), t.to(dtype) if t.is_floating_point() else t
        exact = loss.declared(loss.values)
        assert loss.forward(y, t).dtype == loss.backward().dtype == dtype
        wide = t.double() if t.is_floating_point() else t
        assert relative(loss.gradient(y, t).double(), exact.gradient(y.double(), wide)) < within


@losses
def test_a_loss_takes_targets_of_any_real_dtype_as_the_outputs_numbers(text: str) -> None:
    loss = loss_of(text)
    sample = (3,) if takes(loss, 3) else (2,)
    y = outputs_of(loss, 4, sample).float()
    t = one_hot(torch.tensor([0, 1, 1, 0]), sample[-1])
    value, gradient = loss.forward(y, t), loss.gradient(y, t)
    for dtype in (torch.int64, torch.bool, torch.float64, torch.float16):
        assert torch.equal(loss.forward(y, t.to(dtype)), value)
        assert torch.equal(loss.backward(), gradient)
        assert loss.backward().dtype == loss.gradient(y, t.to(dtype)).dtype == y.dtype


@losses
def test_huge_outputs_of_float32_give_numbers_where_the_loss_is_one(text: str) -> None:
    loss = loss_of(text)
    if loss.name == "PoissonNLL":
        pytest.skip("the mean is exp(y)")
    for sample in SAMPLES:
        if not takes(loss, sample[-1]):
            continue
        y = outputs_of(loss, ROWS, sample).float()
        if loss.expects == "logits" or loss.name == "Hinge":
            y = 1e4 * y
        elif loss.expects == "log-probabilities":
            y = torch.log_softmax(1e4 * y, -1)
        elif loss.expects == "probabilities":
            y = (y > 0.5).float()
        elif loss.name not in ("MSE", "GaussianNLL", "CosineEmbedding", "Triplet"):
            y = 1e30 * y
        elif isinstance(loss, VectorLoss):
            y = 1e10 * y
        t = values_for(loss, ROWS, sample).float()
        assert loss.forward(y, t).isfinite()
        assert loss.backward().isfinite().all()
        assert loss.prediction(y).isfinite().all()


@losses
def test_a_loss_is_as_exact_in_float32_where_outputs_meet_their_targets(text: str) -> None:
    loss = loss_of(text)
    if loss.outputs_per_number > 1 or isinstance(loss, VectorLoss) or not takes(loss, 2):
        pytest.skip("its outputs have another shape")
    y = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0 - 2**-20, 2**-20], [0.5, 0.5]])
    t = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    exact = loss.gradient(y.double(), t.double())
    at_border = exact.abs() > 1e9  # where a probability of 0 is wrong
    found = torch.where(at_border, exact, loss.gradient(y, t).double())
    assert relative(found, exact) < 1e-5
    assert loss.value(y, t).isfinite()


MISMATCHES = [
    ((3, 1), (3,)),
    ((3, 3), (3,)),
    ((3,), (3, 1)),
    ((3, 2), (3, 1)),
    ((3, 2), (1, 2)),
    ((3, 2), ()),
    ((0, 2), (0, 2)),
    ((2, 0), (2, 0)),
    ((), ()),
]


@losses
def test_a_loss_broadcasts_nothing(text: str) -> None:
    for y_shape, t_shape in MISMATCHES:
        loss, y, t = loss_of(text), torch.full(y_shape, 0.5), torch.full(t_shape, 0.5)
        if y.dim() and loss.outputs_per_number == 2 and (y_shape, t_shape) == ((3, 2), (3, 1)):
            continue  # which fits
        for method in ("forward", "value", "gradient", "per_sample"):
            with pytest.raises(ValueError, match=f"{loss.name} (takes|has|ignores)"):
                getattr(loss, method)(y, t)


@losses
def test_a_loss_refuses_class_numbers_that_have_no_output(text: str) -> None:
    loss = loss_of(text)
    for outputs, wrong in ((3, 3), (3, -1), (2, 2), (1, 2), (1, -1)):
        if not takes(loss, outputs):
            continue
        y = outputs_of(loss, 2, (outputs,))
        said = rf"of shape \[2\] are class numbers, .* to {max(outputs, 2) - 1} here.* is {wrong}"
        if "classification" not in loss.tasks:
            said = "takes outputs and targets of one shape"
        for method in ("forward", "value", "gradient", "per_sample"):
            with pytest.raises(ValueError, match=said):
                getattr(loss, method)(y, torch.tensor([0, wrong]))


@losses
def test_a_loss_refuses_what_are_no_outputs_and_no_targets(text: str) -> None:
    loss = loss_of(text)
    sample = (3,) if takes(loss, 3) else (2,)
    y, t = outputs_of(loss, ROWS, sample), values_for(loss, ROWS, sample)
    for wrong, said in (
        (y.long(), "outputs of floating-point numbers, not torch.int64"),
        (y.to(torch.complex64), "outputs of real numbers, not torch.complex64"),
        (y.tolist(), "outputs in a tensor, not a list"),
    ):
        with pytest.raises(TypeError, match=said):
            loss.forward(wrong, t)
    with pytest.raises(TypeError, match="targets in a tensor, not a list"):
        loss.forward(y, t.tolist())
    for _ in range(2):
        with pytest.raises(RuntimeError, match=f"{loss.name}.*: call forward before backward"):
            loss.backward()
        with pytest.raises(ValueError, match="one shape"):
            loss.forward(y, t[:, :1])  # which does not count
    if "classification" in loss.tasks:
        with pytest.raises(ValueError, match=r"one shape, .*: `targets.long\(\)` makes them class"):
            loss.forward(y, classes_for(ROWS, sample).float())
    elif loss.outputs_per_number == 1:
        with pytest.raises(ValueError, match=r"of one shape, not \[4, 3\] and \[4\]: `encode\("):
            loss.forward(y, classes_for(ROWS, sample))


@losses
def test_positions_that_say_nothing_are_left_out(text: str) -> None:
    loss = loss_of(text)
    if not isinstance(loss, RowLoss) or loss.values.get("log_target"):
        pytest.skip("it knows no positions")
    torch.manual_seed(0)
    y, t = outputs_of(loss, 3, (4, 3)), classes_for(3, (4, 3))
    t[0, 2:] = t[2, 0] = -1
    said = t != -1
    flat = loss.value(y[said], t[said])
    torch.testing.assert_close(loss.value(y, t), flat)
    assert not loss.gradient(y, t)[~said].any()
    torch.testing.assert_close(loss.gradient(y, t)[said], loss.gradient(y[said], t[said]))
    nothing = torch.full_like(t, -1)
    assert loss.value(y, nothing).item() == 0
    assert not loss.gradient(y, nothing).any()
    assert loss.each(y, nothing).tolist() == [0, 0, 0]


@losses
def test_a_loss_is_within_its_bounds(text: str) -> None:
    for loss, y, t in every_case(text):
        least, most = loss.bounds_for(math.prod(y.shape[1:]))
        assert least <= loss.value(y, t).item() <= most * (1 if loss.is_mean else len(y))
