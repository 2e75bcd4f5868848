"""By which functions of C a convolution is computed."""

from __future__ import annotations

import pytest

from netlang.catalogue.layers import Conv2d
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.kernels import Routine

CONV = "Conv2d(16, 16, 3)"


@pytest.mark.parametrize(
    ("net", "is_by_winograd"),
    [
        (f"{CONV} -> BatchNorm(16) -> ReLU", True),
        (f"{CONV} -> ReLU -> BatchNorm(16)", False),
        (f"{CONV} -> InstanceNorm(16)", False),
        (f"{CONV} -> [BatchNorm(16), Identity] -> Add", False),
        (f"{CONV} -> norm", False),  # which is frozen
    ],
)
def test_gradients_of_weights_are_transformed_where_a_norm_leaves_them_dense(
    net: str, is_by_winograd: bool
) -> None:
    assert is_transformed(net) == is_by_winograd


@pytest.mark.parametrize(
    ("net", "size"),
    [
        (f"{CONV} -> BatchNorm(16)", 9),  # which makes 7 x 7 places
        ("Conv2d(16, 8, 3) -> BatchNorm(8) -> Conv2d(8, 16, 1)", 10),
    ],
)
def test_gradients_of_few_places_or_channels_are_summed_as_they_are(net: str, size: int) -> None:
    assert not is_transformed(net, size)


def is_transformed(net: str, size: int = 10) -> bool:
    """Whether the first convolution's gradients of weights are those of Winograd's transform."""
    text = f"input = [16, {size}, {size}]\nnet = {net} -> GlobalAvgPool -> Linear(16, 2)\n"
    if "norm" in net:
        text = f"shared norm = BatchNorm(16)\n{text}freeze = norm\n"
    plan = Plan(compile_source(SourceFile("made.net", text)).require().graph)
    conv = next(one for one in plan.live if isinstance(plan.graph.nodes[one].layer, Conv2d))
    kernel = plan.kernels[conv]
    assert isinstance(kernel, Routine)
    found = "gradient_by_winograd(" in kernel.gradients
    assert ("gradient_of_weights(" in kernel.gradients) != found
    return found
