"""Batches from any cursor, whole or in parts: a training that is cut up comes to the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from netlang.catalogue.randomness import permutation
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Batch, Batches, Cursor, Engine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.system.shipped import folder
from tests.engine.agreement import Kind

BRANCHING = """
shared s = Linear(4, 4) -> Dropout(0.5) -> Tanh
net = Linear(2, 4) -> [s -> s, Dropout(0.25), s] -> Mul -> [Identity, s] -> Add -> Linear(4, 2)
loss = {loss}
optimizer = Adam(lr=1e-2)
data = Disc
"""
SAMPLES = 23
OVERRIDES = (f"data.train={SAMPLES}", "data.test=5", "epochs=3")


def shipped(name: str, batch: int) -> Program:
    source = read(str(folder("models") / name))
    return compile_source(source, (*OVERRIDES, f"batch={batch}"), to_run=True).require()


def branching(loss: str) -> Program:
    source = SourceFile("a.net", BRANCHING.format(loss=loss))
    return compile_source(source, (*OVERRIDES, "batch=7"), to_run=True).require()


@pytest.fixture(
    params=["model1", "model1 by one", "model2", "branching", "branching, a sum"], scope="module"
)
def program(request: pytest.FixtureRequest) -> Program:
    programs = {
        "model1": lambda: shipped("model1.net", 5),
        "model1 by one": lambda: shipped("model1.net", 1),
        "model2": lambda: shipped("model2.net", 10),
        "branching": lambda: branching("MSE"),
        "branching, a sum": lambda: branching('MSE(reduction="sum")'),
    }
    return programs[request.param]()


def made(
    program: Program,
    kind: Kind,
    rank: int = 0,
    world: int = 1,
    dtype: torch.dtype = torch.float64,
) -> tuple[Engine, Batches]:
    """What one of ``world`` processes makes of a program, on its own."""
    assert program.data
    assert program.loss
    assert program.optimizer
    train = program.data.load(program.seed).train
    network = Network(program.graph, program.seed).to(dtype)
    loss = type(program.loss).declared(program.loss.values)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    engine = kind(network, loss, optimizer, program.batch_size, program.seed)
    inputs = train.inputs.to(dtype)
    return engine, Batches(inputs, train.targets, program.batch_size, program.seed, rank, world)


def cursors(batches: Batches, epochs: int = 2) -> Iterator[Cursor]:
    cursor = Cursor()
    while cursor.epoch <= epochs:
        yield cursor
        cursor = batches.after(cursor)


def state(engine: Engine) -> dict[str, Tensor]:
    """All that a run has to keep beside its cursor."""
    vectors = dict(zip(engine.optimizer.state, engine.optimizer.vectors(), strict=True))
    kept = {"weights": engine.network.parameters, **vectors}
    return {name: one.clone() for name, one in kept.items()}


def take_up(engine: Engine, kept: dict[str, Tensor], steps: int) -> None:
    engine.network.parameters.copy_(kept["weights"])
    engine.optimizer.steps = steps
    for name, vector in zip(engine.optimizer.state, engine.optimizer.vectors(), strict=True):
        vector.copy_(kept[name])


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one if name != "root")


@pytest.mark.parametrize("world", [1, 2, 3, 5])
@pytest.mark.parametrize("size", [1, 4, 23, 50])
def test_parts_of_all_processes_are_the_epochs_permutation(world: int, size: int) -> None:
    inputs, targets = torch.arange(SAMPLES) * 1.0, torch.arange(SAMPLES)
    ranks = [Batches(inputs, targets, size, 3, rank, world) for rank in range(world)]
    for epoch in (1, 2):
        parts = zip(*(batches.rest(Cursor(epoch)) for batches in ranks), strict=True)
        taken = []
        for step, parts_of_step in enumerate(parts):
            samples = torch.cat([part.numbers for part in parts_of_step])
            counts = [len(part.numbers) for part in parts_of_step]
            assert max(counts) - min(counts) <= 1
            for part in parts_of_step:
                assert (part.epoch, part.whole_size) == (epoch, min(size, SAMPLES - step * size))
                assert torch.equal(part.inputs, inputs[part.numbers])
                assert torch.equal(part.targets, targets[part.numbers])
            taken.append(samples)
        assert torch.equal(torch.cat(taken), permutation(SAMPLES, 3, epoch))


def test_batches_depend_on_nothing_that_was_asked_before() -> None:
    def batches() -> Batches:
        return Batches(torch.zeros(SAMPLES, 1), torch.zeros(SAMPLES, 1), 4, 0)

    used = batches()
    for cursor in (Cursor(2, 3), Cursor(1, 5), Cursor(2, 0), Cursor(2, 3)):
        assert torch.equal(used.batch(cursor).numbers, batches().batch(cursor).numbers)


def test_a_cursor_goes_on_over_the_ends_of_epochs() -> None:
    batches = Batches(torch.zeros(SAMPLES, 1), torch.zeros(SAMPLES, 1), 4, 0)
    assert batches.after(Cursor(1, 4)) == (1, 5)
    assert batches.after(Cursor(1, 5)) == (2, 0)
    assert batches.after(Cursor(1, 4), 9) == (3, 1)


@pytest.mark.parametrize("cursor", [Cursor(0, 0), Cursor(1, 6), Cursor(1, -1)])
def test_a_step_that_no_epoch_has_is_refused(cursor: Cursor) -> None:
    batches = Batches(torch.zeros(SAMPLES, 1), torch.zeros(SAMPLES, 1), 4, 0)
    with pytest.raises(ValueError, match="epochs count from 1 and have 6 steps"):
        batches.batch(cursor)


@pytest.mark.parametrize(("rank", "world"), [(2, 2), (-1, 2), (0, 0)])
def test_a_process_that_is_not_among_them_is_refused(rank: int, world: int) -> None:
    with pytest.raises(ValueError, match="no process"):
        Batches(torch.zeros(3, 1), torch.zeros(3, 1), 1, 0, rank, world)


def test_batches_have_a_size_and_a_target_for_each_sample() -> None:
    with pytest.raises(ValueError, match="a batch has one sample at least, not 0"):
        Batches(torch.zeros(3, 1), torch.zeros(3, 1), 0, 0)
    with pytest.raises(ValueError, match="3 samples have no 2 targets"):
        Batches(torch.zeros(3, 1), torch.zeros(2, 1), 1, 0)


@pytest.mark.parametrize("steps", [0, -3])
def test_a_run_has_one_step_at_least(kind: Kind, steps: int) -> None:
    engine, batches = made(branching("MSE"), kind)
    with pytest.raises(ValueError, match=f"one step at least, not {steps}"):
        next(engine.run(batches, Cursor(), steps))


def test_a_batch_is_no_larger_than_the_engines_and_has_a_number_for_each_sample(kind: Kind) -> None:
    engine, batches = made(branching("MSE"), kind)
    large = Batches(batches.inputs, batches.targets, 8, 0).batch(Cursor())
    with pytest.raises(ValueError, match="batches of 7 samples, not 8"):
        engine.gradients(large)
    batch = batches.batch(Cursor())
    with pytest.raises(ValueError, match="7 samples have no 6 numbers"):
        engine.gradients(Batch(batch.numbers[:6], batch.inputs, batch.targets, 1, 7))


def test_the_numbers_of_samples_may_lie_apart_or_be_of_another_type(kind: Kind) -> None:
    engine, batches = made(branching("MSE"), kind)
    batch, found = batches.batch(Cursor()), []
    apart = torch.stack([batch.numbers, batch.numbers], 1)[:, 0]
    for samples in (batch.numbers, apart, batch.numbers.int()):
        engine.gradients(Batch(samples, batch.inputs, batch.targets, 1, 7))
        found.append(engine.network.gradients.clone())
    assert all(torch.equal(found[0], other) for other in found[1:])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_run_notices_what_changes_in_the_samples_of_its_batches(
    kind: Kind, dtype: torch.dtype
) -> None:
    program = branching("MSE")
    engine, batches = made(program, kind)
    batches.inputs = batches.inputs.to(dtype)
    list(engine.run(batches, Cursor(1)))
    batches.inputs.mul_(2)
    outputs = torch.cat([y for y, _ in engine.run(batches, Cursor(2))])
    other, anew = made(program, kind)
    list(other.run(anew, Cursor(1)))
    anew.inputs.copy_(batches.inputs)
    anew = Batches(anew.inputs, anew.targets, batches.size, batches.seed)
    wanted = torch.cat([y for y, _ in other.run(anew, Cursor(2))])
    assert torch.equal(outputs, wanted)
    batches.targets.fill_(2)
    with pytest.raises(ValueError, match="none is 2"):
        next(engine.run(batches, Cursor(3)))


def test_samples_that_take_the_place_of_others_are_converted_anew() -> None:
    batches = Batches(torch.zeros(3, 1), torch.zeros(3, 1), 1, 0)
    batches.converted("first", lambda inputs, targets: (inputs, targets))
    batches.inputs = torch.ones(3, 1)
    found, _ = batches.converted("first", lambda inputs, targets: (inputs, targets))
    assert found is batches.inputs


def test_batches_of_a_network_that_moved_follow_it(kind: Kind) -> None:
    engine, batches = made(branching("MSE"), kind)
    list(engine.run(batches, Cursor(1)))
    engine.network.to(torch.float32)
    if kind is NativeEngine:
        with pytest.raises(TypeError, match="the network was moved"):
            next(engine.run(batches, Cursor(2)))
        return
    assert next(engine.run(batches, Cursor(2)))[0].dtype is torch.float32


def test_batches_take_samples_that_torch_made_for_inference(kind: Kind) -> None:
    engine, batches = made(branching("MSE"), kind)
    with torch.inference_mode():
        inputs = batches.inputs.clone()
    found = Batches(inputs, batches.targets, batches.size, batches.seed)
    outputs = torch.cat([y for y, _ in engine.run(found, Cursor())])
    other, _ = made(branching("MSE"), kind)
    assert torch.equal(outputs, torch.cat([y for y, _ in other.run(batches, Cursor())]))


def test_no_samples_make_no_batches() -> None:
    with pytest.raises(ValueError, match="one sample at least"):
        Batches(torch.zeros(0, 1), torch.zeros(0, 1), 1, 0)


@pytest.mark.parametrize("world", [2, 3])
def test_processes_that_share_each_batch_have_the_gradients_of_one(
    program: Program, kind: Kind, world: int
) -> None:
    alone, whole = made(program, kind)
    team = [made(program, kind, rank, world) for rank in range(world)]
    for cursor in cursors(whole):
        y = alone.gradients(whole.batch(cursor))
        parts = [engine.gradients(batches.batch(cursor)) for engine, batches in team]
        sums = torch.stack([engine.network.gradients for engine, _ in team]).sum(0)
        torch.testing.assert_close(sums, alone.network.gradients, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(torch.cat(parts), y, rtol=1e-12, atol=1e-12)
        t = whole.batch(cursor).targets
        losses = [alone.loss.per_sample(outputs, t) for outputs in (y, torch.cat(parts))]
        torch.testing.assert_close(losses[1], losses[0], rtol=1e-12, atol=1e-12)
        for engine, _ in team:  # as an all-reduce leaves them
            engine.network.gradients.copy_(sums)
            engine.update()
        alone.update()
    for engine, _ in team:
        weights = engine.network.parameters
        torch.testing.assert_close(weights, alone.network.parameters, rtol=1e-9, atol=1e-12)


def test_gradients_and_then_an_update_give_the_bits_of_a_run(program: Program, kind: Kind) -> None:
    halves, batches = made(program, kind)
    run, _ = made(program, kind)
    outputs = []
    for batch in batches.rest(Cursor()):
        outputs.append(halves.gradients(batch))
        halves.update()
    wanted = [y for y, _ in run.run(batches, Cursor())]
    assert torch.equal(torch.cat(outputs), torch.cat(wanted))
    assert_same(state(halves), state(run))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_run_that_stopped_after_any_step_goes_on_to_the_same_bits(
    program: Program, kind: Kind, dtype: torch.dtype
) -> None:
    whole, batches = made(program, kind, dtype=dtype)
    kept, outputs = [], []
    for steps, cursor in enumerate(cursors(batches)):
        kept.append((steps, cursor, state(whole)))
        outputs += [y for y, _ in whole.run(batches, cursor, steps=1)]
    end = state(whole)
    for steps, cursor, then in kept[:: max(1, len(kept) // 8)]:
        other, anew = made(program, kind, dtype=dtype)
        take_up(other, then, steps)
        found = [y for y, _ in other.run(anew, cursor)]
        for epoch in range(cursor.epoch + 1, 3):
            found += [y for y, _ in other.run(anew, Cursor(epoch))]
        assert torch.equal(torch.cat(found), torch.cat(outputs[steps:]))
        assert_same(state(other), end)


def test_a_run_takes_whole_batches_of_the_size_it_was_made_for(
    kind: Kind,
) -> None:
    program = branching("MSE")
    engine, part = made(program, kind, rank=1, world=2)
    with pytest.raises(ValueError, match="whole batches"):
        next(engine.run(part, Cursor()))
    with pytest.raises(ValueError, match="batches of 7 samples, not 8"):
        next(engine.run(Batches(part.inputs, part.targets, 8, 0), Cursor()))


HYPER = [{"lr": 0.1 / step, "beta2": 0.9 + step / 100} for step in range(1, 6)]


def changes(program: Program) -> list[dict[str, float]]:
    """Other hyper-parameters for each step of an epoch, and in between the optimizer's own."""
    names = [one.name for one in program.optimizer.arguments] if program.optimizer else []
    rows = [{name: value for name, value in row.items() if name in names} for row in HYPER]
    return [*rows, {}, *rows] * SAMPLES


def test_hyper_parameters_of_each_step_give_the_bits_of_an_optimizer_that_is_changed_between(
    program: Program, kind: Kind
) -> None:
    run, batches = made(program, kind)
    singly, _ = made(program, kind)
    changed, _ = made(program, kind)
    hyper = changes(program)[: batches.steps]
    outputs = [y for y, _ in run.run(batches, Cursor(), hyper=hyper)]
    own = {name: getattr(changed.optimizer, name) for name in hyper[0]}
    found: list[list[Tensor]] = [[], []]
    for values, batch in zip(hyper, batches.rest(Cursor()), strict=True):
        found[0].append(singly.gradients(batch))
        singly.update(values)
        vars(changed.optimizer).update(own | values)
        cursor = Cursor(1, len(found[1]))
        found[1] += [y for y, _ in changed.run(batches, cursor, steps=1)]
    for part, engine in zip(found, (singly, changed), strict=True):
        assert torch.equal(torch.cat(part), torch.cat(outputs))
        assert_same(state(engine), state(run))
    assert {name: getattr(run.optimizer, name) for name in own} == own
    plain, _ = made(program, kind)
    list(plain.run(batches, Cursor()))
    assert not torch.equal(plain.network.parameters, run.network.parameters)


def test_hyper_parameters_may_be_the_same_in_all_steps(program: Program, kind: Kind) -> None:
    one, batches = made(program, kind)
    other, _ = made(program, kind)
    list(one.run(batches, Cursor(), hyper={"lr": 0.02}))
    other.optimizer.lr = 0.02
    list(other.run(batches, Cursor()))
    assert_same(state(one), state(other))


@pytest.mark.parametrize("hyper", [{"size": 0.1}, {"lr": "fast"}, {"lr": True}, {"model": 1.0}])
def test_hyper_parameters_are_numbers_among_the_optimizers_arguments(
    kind: Kind, hyper: dict[str, float]
) -> None:
    engine, batches = made(branching("MSE"), kind)
    engine.gradients(batches.batch(Cursor()))
    for attempt in (
        lambda: engine.update(hyper),
        lambda: next(engine.run(batches, Cursor(), hyper=hyper)),
        lambda: next(engine.run(batches, Cursor(), 1, [hyper])),
    ):
        with pytest.raises(TypeError, match=r"has no step with|'lr' must be a number, above 0"):
            attempt()


def test_a_run_has_hyper_parameters_for_all_its_steps(kind: Kind) -> None:
    engine, batches = made(branching("MSE"), kind)
    with pytest.raises(ValueError, match="a run of 4 steps has no 3 sets of hyper-parameters"):
        next(engine.run(batches, Cursor(), hyper=[{"lr": 0.1}] * 3))
