"""Runs with optimizers of one's own: without a learning rate, or with a word for an argument."""

from __future__ import annotations

import pytest

from netlang.catalogue.arguments import arg
from netlang.catalogue.optimizers import Optimizer
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.lowering import c
from netlang.lowering.c.kernels import Update
from netlang.runs.training.events import Finished, Started
from netlang.runs.training.training import Training

TEXT = (
    "net = Linear(2, 2)\ndata = Disc(train=40, test=10)\noptimizer = SGD\nbatch = 10\nepochs = 2\n"
)


class Fixed(Optimizer, abstract=True):
    """w ← w - size · dw, the size by another name than that of a learning rate."""

    size: float = arg(default=0.01, doc="of a step")

    def step(self) -> None:
        self.steps += 1
        self.model.parameters.sub_(self.size * self.model.gradients)


class Chosen(Fixed, abstract=True):
    """The same, its direction in a word."""

    towards: str = arg(default="less", choices=("less", "more"), doc="which loss is wanted")

    def step(self) -> None:
        self.steps += 1
        size = self.size if self.towards == "less" else -self.size
        self.model.parameters.sub_(size * self.model.gradients)


class Limited(Fixed, abstract=True):
    """The same, with a number that need not be there, and a choice between two forms."""

    limit: float | None = arg(default=None, doc="of a gradient")
    mirrored: bool = arg(default=False, doc="steps go the other way")


@c.lowers(Fixed)
@c.lowers(Chosen)
def fixed(optimizer: Fixed) -> Update:
    return Update(before="const real far = size;", each="w -= far * dw;")


def program(item: type[Optimizer], loss: str = "SoftmaxCrossEntropy", **values: object) -> Program:
    compiled = compile_source(SourceFile("a.net", f"{TEXT}loss = {loss}\n"), to_run=True).require()
    assert compiled.optimizer
    return compiled.with_settings(optimizer=item.declared(values))  # type: ignore[arg-type]


def trained(made: Program, backend: str) -> tuple[Started, Finished]:
    started, *_, done = Training(made, backend).events()
    assert isinstance(started, Started)
    assert isinstance(done, Finished)
    return started, done


def test_an_optimizer_without_a_learning_rate_trains_alike_on_tensors_and_in_c() -> None:
    (on_tensors, first), (in_c, second) = (
        trained(program(Fixed), backend) for backend in ("tensor", "native")
    )
    assert (on_tensors.engine, in_c.engine) == ("tensor", "native")
    assert first.metrics["test.loss"] == pytest.approx(second.metrics["test.loss"], rel=1e-5)


def test_an_optimizer_that_takes_a_word_trains_on_tensors_and_says_why() -> None:
    started, done = trained(program(Chosen), "native")
    assert started.engine == "tensor"
    assert "Chosen takes towards='less', which is no number" in started.note
    assert done.metrics == trained(program(Fixed), "tensor")[1].metrics


def test_a_checkpoint_goes_on_with_another_number_and_with_no_other_choice() -> None:
    start = Training(program(Limited), "tensor").checkpoint()
    Training(program(Limited, size=0.5, limit=2.0), "tensor", start=start)
    with pytest.raises(ValueError, match=r"another program: these differ: optimizer$"):
        Training(program(Limited, mirrored=True), "tensor", start=start)


def test_an_optimizer_without_a_learning_rate_that_diverges_is_told_in_a_sentence() -> None:
    training = Training(program(Fixed, "MSE", size=1e30), "tensor")
    with pytest.raises(NetError, match="diverged") as raised:
        list(training.events())
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.helps == ("take smaller steps",)
