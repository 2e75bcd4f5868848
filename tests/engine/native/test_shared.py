"""Weights that several layers share are laid out so that each of them finds what it needs."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.layers import Linear
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD
from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.lowering.c import lowers
from netlang.lowering.c.generator.arrays import Arrays
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.c.kernels import Array, Routine
from netlang.lowering.c.linear import linear
from netlang.lowering.lowerings import Unsupported
from tests.engine.agreement import ADAM, apart_in_one

pytestmark = pytest.mark.slow  # as each of them compiles C


def graph(text: str) -> Graph:
    return compile_source(SourceFile("shared.net", text)).require().graph


NETS = [
    "s -> Slice(0, 1) -> s",  # the last use has fewest rows
    "[Slice(0, 1) -> s, s] -> Concat",  # the first has
    "[Slice(0, 1) -> s, s, Slice(0, 2) -> s] -> Concat",
]
OF_FEW_AND_MANY = {
    f"{net}, {size} wide": graph(
        f"shared s = Linear({size}, {size})\nnet = {net}\ninput = [5, {size}]"
    )
    for net in NETS
    for size in (16, 20)
}


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    ("batch", "dtype", "most"),
    [
        *((batch, torch.float64, 1e-9) for batch in (1, 3, 4)),
        (4, torch.float32, 1e-4),
    ],
    ids=str,
)
def test_uses_of_shared_weights_may_differ_in_rows(
    batch: int, dtype: torch.dtype, most: float
) -> None:
    descent = (SGD, {"lr": 1e-2}) if dtype is torch.float32 else ADAM
    found = apart_in_one([*OF_FEW_AND_MANY.values()], descent, batch=batch, dtype=dtype)
    assert all(one < most for one in found), dict(zip(OF_FEW_AND_MANY, found, strict=True))


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("batch", [1, 2, 7])
def test_uses_of_a_shared_network_may_differ_in_rows(batch: int) -> None:
    part = "Linear(7, 33) -> Dropout(0.3) -> [Softmax, Tanh] -> Mul -> Linear(33, 7)"
    first = "[Slice(0, 1) -> s, Slice(1, 4) -> s] -> Concat"
    second = "[s, Slice(2, 2) -> s] -> Concat"
    made = [
        graph(f"shared s = {part}\nnet = {net} -> Linear(7, 3)\ninput = [5, 7]")
        for net in (first, second)
    ]
    assert max(apart_in_one(made, batch=batch)) < 1e-9


@pytest.mark.usefixtures("compiler")
def test_a_tied_layer_leaves_the_bias_of_the_other_to_it() -> None:
    text = "shared s = Linear({0}, {0})\nnet = s -> Tanh -> Linear({0}, {0}, tied=s, bias=false)\n"
    graphs = [graph(f"{text.format(size)}input = [{size}]") for size in (5, 16)]
    assert all(one < 1e-9 for one in apart_in_one(graphs))


def test_an_array_is_there_if_one_use_wants_it() -> None:
    few, many = (Linear.declared({"in_features": 20, "out_features": 20}) for _ in range(2))
    kernels = linear(few, Shape((1, 20))), linear(many, Shape((5, 20)))
    across = Arrays.of("Linear", kernels).prepared["across"]
    assert across.length == "20 * PAD(20)"
    assert across.when == "(!IS_FEW(N * 1)) || (!IS_FEW(N * 5))"


def test_uses_that_contradict_each_other_are_left_to_tensors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def by_rows(layer: Linear, x: Shape) -> Routine:
        array = Array("R * O", "memset(scratch, 0, R * O * sizeof(real));")
        constants = {"R": x.sizes[0], "O": layer.out_features}
        return Routine(
            "y[0] = x[0];",
            ("dx[0] = dy[0];",),
            gradients="weight_grad[0] = bias_grad[0] = 0;",
            prepared={"scratch": array},
            constants=constants,
        )

    monkeypatch.setitem(lowers.functions, Linear, by_rows)
    made = graph("shared s = Linear(3, 3)\n\nnet = s -> Slice(0, 1) -> s\ninput = [5, 3]")
    with pytest.raises(Unsupported, match="Linear in line 1 wants another scratch"):
        emit(made, MSE(), SGD.declared({}), batch=1)
