"""A training goes on to the same bits with every optimizer and all that it keeps."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue import registry
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.training.events import EpochDone, StepsDone
from netlang.runs.training.training import Training

TEXT = """
body = Linear(2, 6) -> Tanh
net = body -> Linear(6, 2)
data = Disc(train=40, test=10)
loss = SoftmaxCrossEntropy
batch = 10
epochs = 3
optimizer = {optimizer}
"""
OPTIONS = (
    "SGD(0.1, momentum=0.9, dampening=0.1, weight_decay=0.1, decay_biases=false)",
    "Adam(amsgrad=true, weight_decay=0.1)",
    "RMSprop(momentum=0.9, centered=true)",
    'LBFGS(history_size=3, max_iter=3, line_search_fn="strong_wolfe")',
)
LISTED = ('[AdamW, SGD(0.1, momentum=0.9, on=body), RMSprop(only="biases")]',)
NAMES = tuple(item.name for item in registry.items("optimizer"))


def program(optimizer: str) -> Program:
    source = SourceFile("a.net", TEXT.format(optimizer=optimizer))
    return compile_source(source, to_run=True).require()


def assert_goes_on(optimizer: str, backend: str) -> None:
    made = program(optimizer)
    whole = Training(made, backend)
    expected = [one.metrics for one in whole.events() if isinstance(one, EpochDone)]
    first = Training(made, backend)
    found = []
    for event in first.events():
        if isinstance(event, EpochDone):
            found.append(event.metrics)
        if isinstance(event, StepsDone) and event.epoch == 2:
            break
    second = Training(made, backend, start=first.checkpoint())
    found += [one.metrics for one in second.events() if isinstance(one, EpochDone)]
    assert found == expected, optimizer
    assert torch.equal(second.network.parameters, whole.network.parameters), optimizer
    assert second.engine.name == whole.engine.name


def test_a_training_on_tensors_goes_on_with_every_optimizer() -> None:
    for optimizer in (*NAMES, *OPTIONS, *LISTED):
        assert_goes_on(optimizer, "tensor")


@pytest.mark.slow
def test_a_training_in_c_goes_on_with_every_optimizer() -> None:
    for optimizer in ("NAdam", "Muon", *OPTIONS[:2], OPTIONS[-1], *LISTED):
        assert_goes_on(optimizer, "native")
