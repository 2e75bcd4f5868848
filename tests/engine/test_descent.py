"""What a step does beside the optimizer: penalties, clipping, rates, an average, and parts."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.averages import EMA
from netlang.catalogue.clipping import Clipping, Norm, Value
from netlang.catalogue.losses import MSE, SoftmaxCrossEntropy
from netlang.catalogue.optimizers import SGD, Adam
from netlang.catalogue.penalties import L1, L2, Penalty
from netlang.catalogue.schedules import Cosine, Exponential, Rates, Step, Warmup
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.descent import Descent
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile

TEXT = """\
head = Linear(5, 2)
block enc(n) = Linear(_, n) -> Tanh
net = enc(5) -> BatchNorm(_) -> head
input = [3]
loss = MSE
optimizer = SGD(0.1)
"""


def network(more: str = "", text: str = TEXT) -> Network:
    program = compile_source(SourceFile("a.net", text + more)).require()
    return Network(program.graph, 0).to(torch.float64)


def set_gradients(own: Network, step: int) -> None:
    drawn = torch.randn(
        own.size, dtype=torch.float64, generator=torch.Generator().manual_seed(step)
    )
    own.gradients.copy_(drawn * 10.0 ** (step % 5 - 2))


@pytest.mark.parametrize(
    ("clipping", "theirs"),
    [
        (Norm(0.7), lambda w: torch.nn.utils.clip_grad_norm_([w], 0.7)),
        (Norm(2.0, norm_type=1), lambda w: torch.nn.utils.clip_grad_norm_([w], 2.0, 1.0)),
        (Norm(1e9), lambda w: None),
        (Value(0.3), lambda w: torch.nn.utils.clip_grad_value_([w], 0.3)),
    ],
    ids=["norm", "p-norm", "long norm", "value"],
)
def test_clipping_is_torch_s(clipping: Clipping, theirs: Any) -> None:
    own = network()
    twin = torch.zeros(own.size, dtype=torch.float64, requires_grad=True)
    for step in range(20):
        set_gradients(own, step)
        twin.grad = own.gradients.clone()
        clipping.clip(own.gradients)
        theirs(twin)
        assert (own.gradients - twin.grad).abs().max() < 1e-12
    own.gradients.zero_()
    clipping.clip(own.gradients)
    assert not own.gradients.any()


@pytest.mark.parametrize("penalty", [L1(0.3), L2(0.3)], ids=str)
def test_the_gradient_of_a_penalty_is_that_of_its_number(penalty: Penalty) -> None:
    weights = torch.randn(9, dtype=torch.float64, requires_grad=True)
    penalty.value(weights).backward()
    assert torch.equal(weights.grad, penalty.gradient(weights.detach()))
    bump = 1e-6 * torch.eye(9, dtype=torch.float64)
    central = torch.stack(
        [(penalty.value(weights + one) - penalty.value(weights - one)) / 2e-6 for one in bump]
    )
    assert (central - weights.grad).abs().max() < 1e-7


def test_a_penalty_leaves_out_biases_norms_frozen_parts_and_what_it_is_not_on() -> None:
    def touched(penalty: str, more: str = "") -> set[str]:
        program = compile_source(SourceFile("a.net", f"{TEXT}{more}penalty = {penalty}")).require()
        own = Network(program.graph, 0)
        own.parameters.fill_(1.0)
        own.zero_grad()
        Descent(own, SGD(own, 1.0), penalties=program.penalties).step()
        weights = (name for name in own.named_tensors() if not name.endswith(("mean", "var")))
        return {name for name in weights if (own.named_tensors()[name] < 1).all()}

    kernels = {"linear1.weight", "linear2.weight"}
    assert touched("L2(0.1)") == kernels
    assert touched("L2(0.1, on=head)") == {"linear2.weight"}
    assert touched("L1(0.1, on=[enc, head])") == kernels
    assert touched("L2(0.1, on=net)") == kernels
    assert touched("L2(0.1)", "freeze = head\n") == {"linear1.weight"}
    assert touched("L2(0.1, on=enc, biases=true)") == {"linear1.weight", "linear1.bias"}
    norm = {"batchnorm1.weight", "batchnorm1.bias"}
    assert touched("L2(0.1, biases=true)") == kernels | norm | {"linear1.bias", "linear2.bias"}


def test_an_average_is_torch_s_averaged_model() -> None:
    own = network()
    descent = Descent(own, Adam(own, 0.05), average=EMA(0.9))
    twin = torch.nn.Module()
    twin.weights = torch.nn.Parameter(own.parameters.clone())
    twin.register_buffer("statistics", own.statistics.clone())
    theirs = AveragedModel(twin, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    for step in range(15):
        set_gradients(own, step)
        own.statistics.add_(step)
        descent.step()
        twin.weights.data.copy_(own.parameters)
        twin.statistics.copy_(own.statistics)
        theirs.update_parameters(twin)
        averaged = descent.result
        assert averaged is not own
        assert (averaged.parameters - theirs.module.weights).abs().max() < 1e-12
        assert (averaged.statistics - theirs.module.statistics).abs().max() < 1e-12
    assert not torch.equal(descent.result.parameters, own.parameters)


def test_a_step_penalizes_then_clips_and_takes_the_rate_of_the_schedule() -> None:
    own, rates = network(), Rates([Warmup(4), Cosine()], 12, 3)
    descent = Descent(own, SGD(own, 0.5), rates, [L2(0.1), L1(0.01)], Norm(1.0))
    weights = own.parameters.clone()
    mask = own.mask(not_decaying=False)
    for step in range(12):
        set_gradients(own, step)
        gradient = own.gradients + mask * (0.2 * weights + 0.01 * weights.sign())
        gradient *= min(1.0, 1.0 / (gradient.norm().item() + 1e-6))
        weights -= 0.5 * rates.factor(step) * gradient
        assert descent.hyper() == {"lr": 0.5 * rates.factor(step)}
        descent.step()
        assert (own.parameters - weights).abs().max() < 1e-12


@pytest.mark.parametrize("loss", [MSE(), MSE(reduction="sum"), SoftmaxCrossEntropy()], ids=str)
def test_a_step_of_several_batches_is_that_of_all_their_samples(loss: Any) -> None:
    text = "net = Linear(3, 4) -> Dropout(0.5) -> Tanh -> Linear(4, 2)\ninput = [3]\n"
    inputs = torch.randn(23, 3, dtype=torch.float64)
    targets = torch.randint(2, (23,))
    weights = torch.rand(23, dtype=torch.float64)
    batches = Batches(inputs, targets, 8, 0, weights=weights)
    whole, parted = (network(text=text) for _ in range(2))
    engines = [
        TensorEngine(whole, loss, Adam(whole, 0.05), 8, 0),
        TensorEngine(parted, loss, Adam(parted, 0.05), 8, 0, at_once=4),
    ]
    for epoch in (1, 2):
        one, other = (torch.cat([y for y, _ in e.run(batches, Cursor(epoch))]) for e in engines)
        assert (one - other).abs().max() < 1e-12
    assert [engine.optimizer.steps for engine in engines] == [6, 6]
    assert (whole.parameters - parted.parameters).abs().max() < 1e-12
    batch = batches.batch(Cursor(3, 2))
    assert (engines[0].gradients(batch) - engines[1].gradients(batch)).abs().max() < 1e-12
    assert (whole.gradients - parted.gradients).abs().max() < 1e-12


@pytest.mark.usefixtures("compiler")
def test_c_takes_the_rates_of_a_schedule_as_tensors_do() -> None:
    text = "net = Linear(3, 4) -> Tanh -> Linear(4, 2)\ninput = [3]\n"
    inputs, targets = torch.randn(23, 3, dtype=torch.float64), torch.randint(2, (23,))
    batches = Batches(inputs, targets, 4, 0)
    found = []
    for kind in (TensorEngine, NativeEngine):
        own = network(text=text)
        rates = Rates([Warmup(3), Step(4, 0.5)], 18, 6)
        engine = kind(own, MSE(), Descent(own, Adam(own, 0.05), rates), 4, 0)
        for epoch in (1, 2):
            for _ in engine.run(batches, Cursor(epoch)):
                pass
        engine.gradients(batches.batch(Cursor(3)))
        engine.update()
        found.append(own.parameters)
    assert (found[0] - found[1]).abs().max() < 1e-12


def test_a_step_may_still_be_given_another_rate() -> None:
    own = network()
    descent = Descent(own, SGD(own, 0.5), Rates([Cosine()], 4, 1))
    before = own.parameters.clone()
    own.gradients.fill_(1.0)
    descent.step({"lr": 2.0})
    assert (before - own.parameters == 2).all() or (before - own.parameters - 2).abs().max() < 1e-12


@pytest.mark.parametrize(("gamma", "lr"), [(0.5, 0.0), (2.0, LARGEST)])
def test_a_rate_that_falls_or_grows_beyond_all_numbers_is_held(gamma: float, lr: float) -> None:
    own = network()
    descent = Descent(own, SGD(own, 0.5), Rates([Exponential(gamma)], 9000, 1))
    descent.optimizer.steps = 5000
    own.zero_grad()
    assert descent.hyper() == {"lr": lr}
    descent.optimizer.steps = 130
    assert descent.hyper() == {"lr": lr}
    descent.step()


def test_masks_of_random_parts_add_up() -> None:
    draw = random.Random(0)
    names = ["a", "b", "c"]
    text = "".join(f"{one} = Linear(4, 4) -> Tanh\n" for one in names)
    text += "net = a -> b -> c\ninput = [4]\npenalty = [L2(1, on=a), L2(1, on=b), L2(1, on=c)]\n"
    own = network(text=text)
    for _ in range(10):
        some = tuple(draw.sample(names, draw.randint(1, 3)))
        each = [own.mask((one,)) for one in some]
        assert torch.equal(own.mask(some), torch.stack(each).any(0))
        assert all(not (a & b).any() for a, b in itertools.combinations(each, 2))
    assert own.mask().all()
