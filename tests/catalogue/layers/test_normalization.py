"""Norms compute what torch's do over many steps, and stay exact far from 0."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from netlang.catalogue.layers import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from netlang.catalogue.modules import Layer
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.suggest import Guess
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import lowers

# Each layer, torch's, and the shape of a batch.
TWINS = [
    (BatchNorm(3), nn.BatchNorm1d(3), (6, 3)),
    (BatchNorm(3, eps=1e-3, momentum=0.3), nn.BatchNorm1d(3, eps=1e-3, momentum=0.3), (4, 3, 5)),
    (BatchNorm(2, affine=False), nn.BatchNorm2d(2, affine=False), (1, 2, 3, 4)),
    (BatchNorm(2, momentum=1), nn.BatchNorm3d(2, momentum=1.0), (3, 2, 2, 1, 3)),
    (InstanceNorm(3), nn.InstanceNorm1d(3), (2, 3, 4)),
    (InstanceNorm(2, 1e-2, True), nn.InstanceNorm2d(2, 1e-2, affine=True), (3, 2, 2, 2)),
    (GroupNorm(2, 4), nn.GroupNorm(2, 4), (3, 4)),
    (GroupNorm(3, 3, 1e-2, False), nn.GroupNorm(3, 3, 1e-2, False), (2, 3, 2, 2)),
    (LayerNorm(3), nn.LayerNorm(3), (4, 3)),
    (LayerNorm([2, 3], 1e-2), nn.LayerNorm([2, 3], 1e-2), (2, 3, 2, 3)),
    (LayerNorm(3, bias=False), nn.LayerNorm(3, bias=False), (2, 2, 3)),
    (RMSNorm(3), nn.RMSNorm(3), (4, 3)),
    (RMSNorm([2, 3], 1e-2), nn.RMSNorm([2, 3], 1e-2), (2, 3, 2, 3)),
    (LocalResponseNorm(3, 1.0, 0.5, 2), nn.LocalResponseNorm(3, 1.0, 0.5, 2.0), (2, 5, 2)),
    (LocalResponseNorm(4, 2.0), nn.LocalResponseNorm(4, 2.0), (2, 3, 2, 2)),
]


@pytest.mark.parametrize(("layer", "twin", "shape"), TWINS, ids=str)
def test_a_norm_is_torchs_in_each_step_and_afterwards(
    layer: Layer, twin: nn.Module, shape: tuple[int, ...]
) -> None:
    generator = torch.Generator().manual_seed(0)
    layer.to(torch.float64)
    twin.double()
    with torch.no_grad():
        for name, parameter in twin.named_parameters():
            parameter.copy_(torch.rand(parameter.shape, generator=generator))
            setattr(layer, name, parameter.clone())
    for training in (True, True, True, False):
        layer.train(training)
        twin.train(training)
        x = torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
        dy = torch.randn(shape, generator=generator, dtype=torch.float64)
        y = twin(x)
        twin.zero_grad()
        y.backward(dy)
        layer.zero_grad()
        assert x.grad is not None
        torch.testing.assert_close(layer.forward(x.detach()), y.detach(), rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(layer.backward(dy), x.grad, rtol=1e-9, atol=1e-12)
        for name, parameter in twin.named_parameters():
            gradient = getattr(layer, f"{name}_grad")
            torch.testing.assert_close(gradient, parameter.grad, rtol=1e-9, atol=1e-12)
        for name in {*layer.tensors()} - {*dict(twin.named_parameters())}:
            torch.testing.assert_close(
                getattr(layer, name), twin.get_buffer(name), rtol=1e-12, atol=1e-12
            )


@pytest.mark.parametrize(
    "layer", [BatchNorm(2), InstanceNorm(2), GroupNorm(1, 2), LayerNorm(50)], ids=str
)
def test_a_norm_in_float32_is_exact_far_from_0(layer: Layer) -> None:
    x = 1e4 + torch.randn(4, 2, 50, generator=torch.Generator().manual_seed(0))
    dy = torch.randn(4, 2, 50, generator=torch.Generator().manual_seed(1))
    found = layer.forward(x), layer.backward(dy)
    exact = type(layer)(**layer.values).to(torch.float64)
    expected = exact.forward(x.double()), exact.backward(dy.double())
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-3, atol=1e-3)


def test_a_channel_of_equal_numbers_becomes_0() -> None:
    layer = BatchNorm(1)
    assert layer.forward(torch.full((4, 1), 3.0)).tolist() == [[0.0]] * 4
    assert layer.backward(torch.tensor([[1.0], [2.0], [3.0], [4.0]])).isfinite().all()


@pytest.mark.parametrize("shape", [(1, 2), (1, 2, 1, 1), (0, 2)], ids=str)
def test_batch_norm_is_not_trained_on_one_number_of_a_channel(shape: tuple[int, ...]) -> None:
    layer, x = BatchNorm(2), torch.rand(shape)
    with pytest.raises(ValueError, match="at least two numbers of each channel, not on"):
        layer.forward(x)
    assert layer.running_mean.tolist() == [0.0, 0.0]
    assert torch.equal(layer.eval().forward(x), x / (1 + torch.tensor(1e-5)).sqrt())


def test_batch_norm_trains_on_one_picture() -> None:
    x = torch.rand(1, 2, 3, 3)
    y = BatchNorm(2).forward(x)
    assert torch.allclose(y.mean((0, 2, 3)), torch.zeros(2), atol=1e-6)


def finding(text: str) -> Diagnostic:
    """What is wrong with a file."""
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    return found


def inferred(text: str) -> tuple[int, ...]:
    return compile_source(SourceFile("a.net", text)).require().graph.output.sizes


def test_channels_come_from_what_is_before_or_from_the_norm() -> None:
    assert inferred("net = Linear(2, 7) -> BatchNorm(_)") == (7,)
    assert inferred("net = Linear(2, _) -> BatchNorm(7) -> ReLU") == (7,)
    assert inferred("net = Linear(2, 6) -> GroupNorm(3, _) -> LayerNorm(_)") == (6,)
    assert inferred("net = RMSNorm([_, 8]) -> LayerNorm([8, _])\ninput = [3, 8, 8]") == (3, 8, 8)
    assert inferred("net = Linear(2, _) -> LayerNorm(7)") == (7,)
    assert inferred("net = InstanceNorm(_)\ninput = [3, 8, 8]") == (3, 8, 8)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BatchNorm2d", "BatchNorm"),
        ("BatchNormalization", "BatchNorm"),
        ("LayerNormalization", "LayerNorm"),
        ("LRN", "LocalResponseNorm"),
    ],
)
def test_other_names_of_a_norm_lead_to_it(written: str, meant: str) -> None:
    found = finding(f"net = Linear(2, 3) -> {written}(3)\n")
    assert vars(found)["meant"] == Guess(meant, sure=True)


def test_channels_that_do_not_match_are_told_with_the_number_that_would() -> None:
    found = finding("net = Linear(2, 3) -> BatchNorm(4)\n")
    assert "write `BatchNorm(3)`" in str(found.message().helps)
    found = finding("net = Linear(2, 3) -> LayerNorm(4)\n")
    assert "write `LayerNorm(3)`" in str(found.message().helps)
    assert str(finding("net = LayerNorm([4, 3])\ninput = [5, 3]\n").message().label) == (
        "takes [N, 4, 3]"
    )


def test_groups_of_channels_are_as_large() -> None:
    message = finding("net = Linear(2, 6) -> GroupNorm(4, _)\n").message()
    assert message.title.endswith("has 4 groups, which do not divide 6 channels")
    assert message.helps == "take `1`, `2`, `3` or `6` for `num_groups`"


@pytest.mark.parametrize(
    ("net", "input"),
    [
        ("LayerNorm(1)", "[3, 1]"),
        ("InstanceNorm(_)", "[3, 1, 1]"),
        ("GroupNorm(3, _)", "[3, 1]"),
    ],
)
def test_a_norm_of_single_numbers_is_reported(net: str, input: str) -> None:
    assert "always 0" in finding(f"net = {net}\ninput = {input}\n").title


@pytest.mark.parametrize(("layer", "twin", "shape"), TWINS, ids=str)
def test_the_tensors_of_a_norm_are_called_as_torchs_are(
    layer: Layer, twin: nn.Module, shape: tuple[int, ...]
) -> None:
    said = lowers.lowered(layer, Shape(shape[1:]))
    module: nn.Module = eval(said.text, {"nn": nn})
    theirs: dict[str, Tensor] = module.state_dict()
    assert {name: one.shape for name, one in theirs.items() if one.dim()} == {
        name: torch.Size(one.shape) for name, one in layer.tensors().items()
    }
