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
    text = f"input = [16, 8, 8]\nnet = {net} -> GlobalAvgPool -> Linear(16, 2)\n"
    if "norm" in net:
        text = f"shared norm = BatchNorm(16)\n{text}freeze = norm\n"
    plan = Plan(compile_source(SourceFile("made.net", text)).require().graph)
    (conv,) = (one for one in plan.live if isinstance(plan.graph.nodes[one].layer, Conv2d))
    kernel = plan.kernels[conv]
    assert isinstance(kernel, Routine)
    assert ("gradient_by_winograd(" in kernel.gradients) == is_by_winograd
    assert ("gradient_of_weights(" in kernel.gradients) != is_by_winograd
