"""What is behind the gradients in a step: in C as on tensors, alone and together."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue.averages import EMA
from netlang.catalogue.clipping import Clipping, Norm, Value
from netlang.catalogue.losses import MSE
from netlang.catalogue.optimizers import SGD, Adam, Lion, NAdam, Optimizer, SeveralOptimizers
from netlang.catalogue.penalties import L1, L2, Penalty
from netlang.catalogue.schedules import Cosine, Rates, Warmup
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.descent import Descent
from netlang.engine.native.arguments import Arguments
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.c import lowers, tiling
from netlang.lowering.c.generator.changes import changes_of
from netlang.lowering.c.kernels import Change
from netlang.lowering.lowerings import Unsupported
from netlang.runs.training.training import Training
from tests.engine.agreement import random_samples
from tests.graphs import chain, dense

TEXT = """\
factors = Scale(_)
head = Linear(_, 5) -> Tanh
net = factors -> Linear(_, 4) -> BatchNorm(_) -> Tanh -> head
   -> Linear(_, 70) -> Linear(_, 70) -> Linear(_, 2)
data = Disc(train=70, test=20)
loss = MSE
epochs = 3
batch = 16
"""
SEVERAL = '[AdamW(0.01, decay_biases=false), SGD(0.1, momentum=0.9, only="matrices")]'
ALL = """\
penalty = [L2(1e-3), L1(1e-3, on=[head, factors], biases=true)]
clip = Norm(0.5)
average = EMA(0.8)
schedule = Warmup(3) -> Cosine
"""
FULL = "optimizer = LBFGS(max_iter=3)\nbatch = 70\n"
LINE_SEARCH = 'LBFGS(max_iter=4, line_search_fn="strong_wolfe")'


@pytest.fixture
def _in_64_bits() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def trained(text: str, backend: str) -> tuple[Tensor, Tensor]:
    """The weights, and those that are kept."""
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    training = Training(program, backend)
    assert training.engine.name == backend, training.engine.note
    for _ in training.events():
        pass
    return training.network.parameters, training.engine.descent.result.parameters


@pytest.mark.usefixtures("compiler", "_in_64_bits")
@pytest.mark.parametrize(
    "more",
    [
        f"optimizer = {SEVERAL}\n{ALL}freeze = head\n",
        "optimizer = Adam(0.01)\nclip = Value(0.01)\npenalty = L1(0.01)\n",
        f"optimizer = Muon\n{ALL}",
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in (
                f"optimizer = Adam(0.01)\n{ALL}accumulate = 2\n",
                f"optimizer = Adam(0.01)\n{ALL}",
                "optimizer = SGD(0.1)\naverage = EMA(0.5)\n",
                "optimizer = SGD(0.1)\nclip = Norm(0.3, norm_type=1)\n",
                "optimizer = SGD(0.1)\nclip = Norm(0.1, norm_type=3.5)\npenalty = L2(0.01)\n",
                f"optimizer = [Muon, SGD(0.1, on=factors)]\n{ALL}",
                f"{FULL}penalty = L2(0.01)\naverage = EMA(0.5)\n",
                FULL.replace("LBFGS(max_iter=3)", LINE_SEARCH),
            )
        ),
    ],
)
def test_a_step_agrees_with_that_on_tensors(more: str) -> None:
    text = TEXT.replace("batch = 16\n", "") if "batch" in more else TEXT
    if "accumulate" in more:  # of several batches at once, C would measure all of them
        text = text.replace("BatchNorm(_) -> ", "")
    for ours, in_c in zip(
        *(trained(text + more, one) for one in ("tensor", "native")), strict=True
    ):
        assert (ours - in_c).abs().max() < 1e-9 * ours.abs().max()


@pytest.mark.usefixtures("compiler")
def test_batches_that_are_measured_one_by_one_are_trained_on_tensors() -> None:
    more = "optimizer = SGD(0.1)\naccumulate = 2\n"
    program = compile_source(SourceFile("a.net", TEXT + more), to_run=True).require()
    engine = Training(program, "native").engine
    assert engine.name == "tensor"
    assert "measures each of the batches that a step accumulates by itself" in engine.note
    assert "BatchNorm in line" in engine.note


def changed(network: Network, optimizer: type[Optimizer] = Adam) -> Descent:
    own = optimizer.over(network, {"lr": 0.01})
    rates = Rates([Warmup(20), Cosine()], 200, 6)
    return Descent(network, own, rates, [L2(0.01), L1(0.001)], Norm(0.2), EMA(0.9))


@pytest.mark.usefixtures("compiler")
def test_neither_threads_nor_where_a_step_is_done_change_a_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiling, "_SLICES_FROM", 0)
    monkeypatch.setattr(tiling, "_SMALL_SLICE", 2)
    graph = chain(dense(3, 150), dense(150, 90), dense(90, 3), start=(3,))
    batches = Batches(*random_samples(graph, 95, torch.float32), 16, 0)

    def result(threads: int, apart: bool = False) -> tuple[Tensor, ...]:
        network = Network(graph, 0)
        engine = NativeEngine(network, MSE(), changed(network), 16, 0)
        engine._tuner.threads = threads
        monkeypatch.setattr(engine._tuner, "record", lambda steps, seconds: None)
        for epoch in range(1, 6):
            for batch in batches.rest(Cursor(epoch)) if apart else ():
                engine.gradients(batch)
                engine.update()
            for _ in () if apart else engine.run(batches, Cursor(epoch)):
                pass
        kept = engine.descent.result
        evaluated = torch.cat([*engine.evaluate(batches.inputs)])
        assert (evaluated - kept.evaluate(batches.inputs)).abs().max() < 1e-5
        return network.parameters, kept.parameters, *engine.optimizer.vectors()

    alone = result(1)
    for other in (result(2), result(3), result(8), result(2, apart=True)):
        assert all(torch.equal(a, b) for a, b in zip(alone, other, strict=True))


class Shrinking(Penalty, abstract=True):
    """λ Σ |w|³ / 3, whose gradient is λ w |w|."""

    def value(self, weights: Tensor) -> Tensor:
        return self.strength * weights.abs().pow(3).sum() / 3

    def gradient(self, weights: Tensor) -> Tensor:
        return self.strength * weights * weights.abs()


class Signs(SGD, abstract=True):
    """Steps of one size."""

    def step(self) -> None:
        self.model.parameters.sub_(self.model.gradients.sign(), alpha=self.lr)
        self.steps += 1


@pytest.mark.usefixtures("compiler")
def test_what_c_lacks_of_a_step_is_done_on_tensors_by_gradients_of_c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = chain(dense(3, 4), dense(4, 2), start=(3,))
    samples = random_samples(graph, 23, torch.float64)
    weights = torch.rand(23, dtype=torch.float64)

    def result(kind: Any, optimizer: type[Optimizer], **more: Any) -> Tensor:
        network = Network(graph, 0).to(torch.float64)
        descent = Descent(network, optimizer.over(network, {"lr": 0.01}), **more)
        engine = kind(network, MSE(), descent, 8, 0)
        batches = Batches(*samples, 8, 0, weights=weights)
        outputs = [y for y, _ in engine.run(batches, Cursor(1), hyper=[{}, {"lr": 0.1}, {}])]
        assert sum(map(len, outputs)) == 23
        engine.gradients(batches.batch(Cursor(2)))
        engine.update({"lr": 0.02})
        assert engine.optimizer.steps == 4
        return network.parameters

    penalty = {"penalties": [Shrinking(0.3)]}
    in_c = result(NativeEngine, SGD, **penalty)
    assert (in_c - result(TensorEngine, SGD, **penalty)).abs().max() < 1e-12
    other = result(NativeEngine, Signs)
    assert (other - result(TensorEngine, Signs)).abs().max() < 1e-12
    kernel = Change("dw += strength * w * (w > 0 ? w : -w);", arguments={"strength": 0.3})
    monkeypatch.setitem(lowers.functions, Shrinking, lambda penalty: kernel)
    assert (result(NativeEngine, SGD, **penalty) - in_c).abs().max() < 1e-12


@pytest.mark.parametrize(
    ("item", "change", "says"),
    [
        (L2(0.1), "dw += w;", "L2 has 'dw .= w;' as its C, which is no Change"),
        (L2(0.1), Change("w -= 1;"), "L2 does not fill dw in each"),
        (L2(0.1), Change("dw += sum;", arguments={"sum": 1.0}), "L2 has the name sum"),
        (Value(0.1), Change("dw *= 2;", "1", "sum"), "Value does not fill dw in measure"),
        (Value(0.1), Change("dw *= 2;", "dw"), "Value has '' as before, which is no text of C"),
    ],
)
def test_a_wrong_change_is_told_to_its_author(
    item: Penalty | Clipping, change: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lowers.functions, type(item), lambda _: change)
    graph = chain(dense(3, 4), start=(3,))
    parts = ([item], None) if isinstance(item, Penalty) else ([], item)
    with pytest.raises(Unsupported, match=says):
        changes_of(graph, *parts, first=0)


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_nadams_of_one_process_share_no_product_of_momenta() -> None:
    """Each of three is in turns with the others, in one thread and in another."""
    arguments = {"beta1": 0.9}, {"beta1": 0.8}, {"beta1": 0.9, "momentum_decay": 0.1}
    engines = []
    for kind in (NativeEngine, TensorEngine):
        for own in arguments:
            network = Network(chain(dense(3, 1), start=(3,)), 0)
            network.to(torch.float64)
            engines.append(kind(network, MSE(), NAdam.over(network, {"lr": 0.1, **own}), 4, 0))
    gradients = torch.randn(20, 4, generator=torch.Generator().manual_seed(0)).double()

    def step(engine: NativeEngine | TensorEngine, number: int) -> None:
        engine.network.gradients.copy_(gradients[number])
        engine.update()

    for number in range(20):
        for engine in engines:
            if number % 4:
                step(engine, number)
                continue
            thread = Thread(target=step, args=(engine, number))
            thread.start()
            thread.join()
    native, tensor = engines[:3], engines[3:]
    for one, other in zip(native, tensor, strict=True):
        torch.testing.assert_close(
            one.network.parameters, other.network.parameters, rtol=0, atol=1e-12
        )


@pytest.mark.usefixtures("compiler")
def test_a_nadam_that_goes_on_multiplies_no_momenta_that_are_nothing_any_more() -> None:
    """Those of 10¹² steps would take hours."""
    weights = []
    for kind in (NativeEngine, TensorEngine):
        network = Network(chain(dense(3, 1), start=(3,)), 0)
        engine = kind(network, MSE(), NAdam.over(network, {}), 4, 0)
        engine.optimizer.steps = 10**12
        network.gradients.fill_(0.5)
        engine.update()
        weights.append(network.parameters)
    torch.testing.assert_close(*weights)


def test_a_row_of_arguments_is_what_each_step_would_take_alone() -> None:
    network = Network(chain(dense(3, 4), start=(3,)), 0)
    several = SeveralOptimizers.of([Adam.declared({}), Lion.declared({"lr": 0.5})]).anew(network)
    rates = Rates([Warmup(4), Cosine()], 30, 5)
    descent = Descent(network, several, rates, average=EMA(0.9))
    arguments = Arguments(descent, (7.0, 8.0))
    table = arguments.of(20)
    each = []
    for step in range(20):
        several.steps = step
        each.append(arguments.of(1))
        assert each[-1][0, 0] == descent.hyper()["lr"]
        assert each[-1][0, -3:].tolist() == [7, 8, EMA(0.9).share(step + 1)]
    assert torch.equal(table, torch.cat(each))
    first = [len(several.optimizers[0].step_arguments), 0]
    told = arguments.of(2, [{"[1].lr": 0.25}, {"[0].lr": 0.125}])
    assert told[[0, 1], first].tolist() == [0.25, 0.125]
    alone = Descent(network, Adam.over(network, {}))
    assert len(Arguments(alone, ()).of(20, {"lr": 0.5})) == 1
