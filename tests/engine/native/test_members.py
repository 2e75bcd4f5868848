"""A network of several members in C: a sample is as many rows, each with a loss of its own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue.optimizers import LBFGS, Adam
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.c import tiling
from netlang.lowering.lowerings import Unsupported

WIDE = """\
shared a = Linear(17, 5)
net = Linear(_, 17) -> BatchNorm(_) -> Tanh -> Dropout(0.3) -> a -> PReLU
   -> Linear(_, 17) -> a -> Linear(_, 2)
input = [4]
loss = SoftmaxCrossEntropy
"""
STEPS = """\
table = Scale(_) -> Tanh
encode = table -> Linear(_, 6) -> [LayerNorm(_), Identity] -> Add -> Linear(6, 5)
net = encode -> Softplus -> Linear(5, 3)
input = [2, 4]
loss = 0.5 * MSE(reduction="sum") + MAE
freeze = table
"""
TIED = """\
shared first = Linear(4, 4)
net = first -> Sigmoid -> Linear(4, 4) -> Linear(4, 4, tied=first, bias=false) -> Sigmoid
input = [4]
loss = BinaryCrossEntropy
"""
PARTS = """\
trunk = Linear(4, 6) -> Tanh
net = trunk -> [Linear(_, 3), Linear(_, 2)]
input = [4]
loss = [Huber, MAE]
"""


def trained(
    kind: Any, text: str, dtype: torch.dtype = torch.float64, threads: int = 1
) -> tuple[Tensor, ...]:
    """The weights, the outputs of the last epoch, and those after it."""
    source = SourceFile("a.net", f"{text}members = 3\n")
    program = compile_source(source).require()
    network = Network(program.graph, 0).to(dtype)
    drawn = torch.Generator().manual_seed(1)
    inputs = torch.randn(37, *program.graph.input.sizes, generator=drawn, dtype=dtype)
    targets = torch.rand(37, *program.graph.output.sizes, generator=drawn, dtype=dtype)
    engine = kind(network, program.loss, Adam.over(network, {"lr": 0.01}), 8, 0)
    engine._tuner.threads, engine._tuner.record = threads, lambda steps, seconds: None
    weights = torch.rand(37, generator=drawn, dtype=dtype)
    batches = Batches(inputs, targets, 8, 0, weights=weights)
    for epoch in (1, 2, 3):
        outputs = [y for y, _ in engine.run(batches, Cursor(epoch))]
    return network.parameters, torch.cat(outputs), torch.cat([*engine.evaluate(inputs)])


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    "text", [WIDE, *(pytest.param(one, marks=pytest.mark.slow) for one in (STEPS, TIED, PARTS))]
)
def test_members_in_c_are_those_on_tensors(text: str) -> None:
    for ours, in_c in zip(trained(TensorEngine, text), trained(NativeEngine, text), strict=True):
        assert (ours - in_c).abs().max() < 1e-9 * ours.abs().max()


@pytest.mark.usefixtures("compiler")
def test_threads_change_no_bit_of_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 2)
    alone, others = (trained(NativeEngine, WIDE, torch.float32, count) for count in (1, 3))
    assert all(torch.equal(one, other) for one, other in zip(alone, others, strict=True))
    on_tensors = trained(TensorEngine, WIDE, torch.float32)
    assert (alone[0] - on_tensors[0]).abs().max() < 1e-4


@pytest.mark.usefixtures("compiler")
def test_the_mean_of_sure_members_is_a_number_in_c() -> None:
    """Their probabilities are no float, as e^-200 is none, and the mean's logarithm is."""
    text = """\
net = Linear(3, 6) -> [Slice(0, 2), Slice(2, 2), Slice(4, 2)]
input = [3]
loss = [SoftmaxCrossEntropy, SigmoidCrossEntropy, PoissonNLL]
members = 3
"""
    program = compile_source(SourceFile("a.net", text)).require()
    network = Network(program.graph, 0)
    network.parameters.mul_(1000)
    inputs = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
    assert program.loss
    on_tensors, in_c = (
        torch.cat([*kind(network, program.loss, Adam.over(network, {}), 8, 0).evaluate(inputs)])
        for kind in (TensorEngine, NativeEngine)
    )
    assert on_tensors.isfinite().all()
    assert on_tensors.abs().max() > 200
    assert (on_tensors - in_c).abs().max() < 1e-6 * on_tensors.abs().max()


def test_an_optimizer_that_asks_for_the_loss_trains_members_on_tensors() -> None:
    program = compile_source(SourceFile("a.net", f"{WIDE}members = 3\n")).require()
    network = Network(program.graph, 0)
    assert program.loss
    with pytest.raises(Unsupported, match="LBFGS asks for the loss of each member"):
        NativeEngine(network, program.loss, LBFGS.over(network, {}), 8, 0)
