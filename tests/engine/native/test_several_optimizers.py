"""Several optimizers in C change each weight as they do on tensors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.training.training import Training

TEXT = """\
factors = Scale(_)
head = Linear(_, 5) -> Tanh
net = factors -> Linear(_, 4) -> Tanh -> head -> Linear(_, 2)
data = Disc(train=70, test=20)
loss = MSE
epochs = 3
batch = 16
optimizer = {optimizer}
"""
LISTS = [
    '[Adam(0.04), Adam(0.004, beta2=0.95, only="biases"), Adam(0.24, on=factors)]',
    "[SGD(0.1), Adagrad(0.05, on=head, initial_accumulator_value=0.1)]",
    '[AdamW(0.01, decay_biases=false), SGD(0.1, momentum=0.9, only="matrices"), Lion(on=factors)]',
    '[Adam(0.01), Adam(0.02, on=[factors, head]), Adam(0.03, only="biases", on=head)]',
]


@pytest.fixture(autouse=True)
def in_64_bits(compiler: object) -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def trained(program: Program, backend: str) -> torch.Tensor:
    training = Training(program, backend)
    assert training.engine.name == backend
    for _ in training.events():
        pass
    return training.network.parameters


@pytest.mark.parametrize(
    ("optimizer", "more"),
    [*((one, "") for one in LISTS), (LISTS[0], "schedule = Cosine"), (LISTS[2], "freeze = head")],
)
def test_lists_of_optimizers_agree_on_both_backends(optimizer: str, more: str) -> None:
    text = f"{TEXT.format(optimizer=optimizer)}{more}\n"
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    ours, in_c = (trained(program, backend) for backend in ("tensor", "native"))
    assert (ours - in_c).abs().max() < 1e-9 * ours.abs().max()


def test_going_on_in_c_gives_the_same_bits() -> None:
    text = TEXT.format(optimizer=LISTS[0])
    short = compile_source(SourceFile("a.net", text), ["epochs=1"], to_run=True).require()
    whole = compile_source(SourceFile("a.net", text), to_run=True).require()
    first = Training(short, "native")
    for _ in first.events():
        pass
    further = Training(whole, "native", start=first.checkpoint())
    for _ in further.events():
        pass
    assert torch.equal(further.network.parameters, trained(whole, "native"))
