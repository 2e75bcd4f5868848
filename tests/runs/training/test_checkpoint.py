"""A training that stops after any step goes on to the same bits, metrics included.

Checkpoints go through a file: as bytes, they are what another process reads.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest
import torch
from torch import Tensor

from netlang.catalogue import registry
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Cursor, pieces
from netlang.engine.native.cc import NotCompiled
from netlang.engine.threads import torch_threads
from netlang.engine.versions import versions
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.training import measurement
from netlang.runs.training.checkpoint import Checkpoint, Unfit
from netlang.runs.training.checkpoint_file import from_bytes, to_bytes
from netlang.runs.training.events import EpochDone, Finished, Started, StepsDone
from netlang.runs.training.identity import Difference, identity_of
from netlang.runs.training.tensors import changing_tensors, weights_of
from netlang.runs.training.training import Training
from tests.program import SHARED

CLASSES = f"{SHARED}loss = MSE\nepochs = 3\n"
VALUES = """
net = Linear(1, 3) -> Tanh -> Linear(3, 1)
loss = MSE
metrics = [r2, mse, mae]
optimizer = Adam(lr=1e-2)
data = CSV("a.csv", target="y", test=0.25)
batch = 4
epochs = 2
"""
TIED = f"""
shared turn = Linear(3, 3, bias=false)
{VALUES.replace("Tanh", "turn -> Tanh -> Linear(3, 3, bias=false, tied=turn)")}
"""
AUGMENTED = f"{CLASSES}augment = Noise(0.1) -> Mixup(1) -> DropFeatures(0.2)\n"
STOPPED = f"""{SHARED.replace("Disc(", "Disc(validation=20, ")}
loss = MSE
stop = Early(validation.accuracy, patience=2)
epochs = 9
"""


@pytest.fixture(
    params=[CLASSES, VALUES, TIED, AUGMENTED], ids=["classes", "values", "tied", "augmented"]
)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 7}.5\n" for i in range(30)))
    source = SourceFile("a.net", request.param, tmp_path / "a.net")
    return compile_source(source, to_run=True).require()


@pytest.fixture(params=[1, 5, 1 << 20], ids="pieces of {}".format)
def _small_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is an event, and outputs are measured in pieces of so many numbers."""
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)
    monkeypatch.setattr(measurement, "_MEASURED_UNITS", request.param)


def finish(training: Training) -> list[tuple[int, dict[str, float]]]:
    """The metrics of all epochs that end from here on."""
    events = training.events()
    return [(one.epoch, dict(one.metrics)) for one in events if isinstance(one, EpochDone)]


EVERY_METRIC = """
metrics = [{}, f1(average=none), roc_auc(average=none), precision(average="micro"), top_k(1)]
"""


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_metric_goes_on_within_an_epoch_to_the_same_bits(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)
    monkeypatch.setattr(measurement, "_MEASURED_UNITS", 5)
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 7}.5\n" for i in range(30)))
    names = [item.name for item in registry.items("metric") if task in item.tasks]
    classes = f"{SHARED}loss = SoftmaxCrossEntropy\nepochs = 2\n"
    text = classes + EVERY_METRIC if task == "classification" else VALUES
    text = text.format(", ".join(names)).replace("[r2, mse, mae]", f"[{', '.join(names)}]")
    program = compile_source(SourceFile("a.net", text, tmp_path / "a.net"), to_run=True).require()
    first = Training(program, "tensor")
    checkpoints, epochs, ended = [], [], []
    for event in first.events():
        if isinstance(event, EpochDone):
            epochs.append((event.epoch, dict(event.metrics)))
        if isinstance(event, StepsDone):
            checkpoints.append(from_bytes(to_bytes(first.checkpoint())))
            ended.append(len(epochs))
    for checkpoint, before in [*zip(checkpoints, ended, strict=True)][::3]:
        assert finish(Training(program, "tensor", start=checkpoint)) == epochs[before:]


@pytest.mark.usefixtures("_small_pieces")
def test_a_training_goes_on_from_any_event_to_the_same_bits(program: Program, backend: str) -> None:
    first = Training(program, backend)
    checkpoints: list[Checkpoint] = []
    epochs: list[tuple[int, dict[str, float]]] = []
    ended = []
    for event in first.events():
        if isinstance(event, EpochDone):
            epochs.append((event.epoch, dict(event.metrics)))
        if isinstance(event, EpochDone | StepsDone):
            checkpoints.append(from_bytes(to_bytes(first.checkpoint())))
            ended.append(len(epochs))
    end = changing_tensors(first.engine)
    assert len(checkpoints) == program.epochs * (first.batches.steps + 1)
    for checkpoint, before in zip(checkpoints, ended, strict=True):
        other = Training(program, backend, start=checkpoint)
        assert finish(other) == epochs[before:]
        assert (other.cursor, other.optimizer.steps) == (first.cursor, first.optimizer.steps)
        found = changing_tensors(other.engine)
        assert found.keys() == end.keys()
        assert all(torch.equal(found[name], end[name]) for name in end)


DIVERGING = """
net = Linear(1, 3) -> Linear(3, 1)
loss = MSE
optimizer = SGD(lr=0.45)
data = CSV("a.csv", target="y", test=0.25)
batch = 4
epochs = 9
"""


def diverged(training: Training) -> bytes:
    """The model that a training leaves that diverges."""
    with pytest.raises(NetError, match="E0411"):
        finish(training)
    return training.model().to_bytes()


@pytest.mark.parametrize("lr", [0.45, 0.55])  # the loss or the weights are first not finite
def test_a_training_that_diverges_has_the_weights_of_the_last_whole_epoch(
    lr: float, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 7}.5\n" for i in range(30)))
    source = SourceFile("a.net", DIVERGING, tmp_path / "a.net")
    program = compile_source(source, [f"optimizer.lr={lr}"], to_run=True).require()
    first, checkpoints = Training(program, backend), list[Checkpoint]()
    with suppress(NetError):
        checkpoints.extend(from_bytes(to_bytes(first.checkpoint())) for _ in first.events())
    model = first.model().to_bytes()
    assert checkpoints[-1].epoch > 1
    assert max(one.cursor.step for one in checkpoints) > 1
    assert all(one.tensors["parameters"].isfinite().all() for one in checkpoints)
    for number, checkpoint in enumerate(checkpoints):
        other = Training(program, backend, start=checkpoint)
        assert diverged(other) == model
        if number == len(checkpoints) - 1:  # from there it may go on once more
            assert diverged(Training(program, backend, start=other.checkpoint())) == model


def test_a_checkpoint_has_the_epoch_that_was_done_last_and_what_it_left(
    program: Program, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)
    training = Training(program, backend, is_watched=True)
    done: EpochDone | None = None
    left = weights_of(training.network)["parameters"].clone()
    for event in training.events():
        kept = training.checkpoint()
        if isinstance(event, EpochDone):
            done, left = event, training.network.parameters.clone()
        assert kept.done is done
        assert torch.equal(kept.good["parameters"], left)
        is_left = torch.equal(training.network.parameters, left)
        assert training.model().metrics == (done.metrics if done and is_left else {})
        assert (kept.before is None) == (kept.cursor == (kept.epoch, 0))
    assert done


def test_a_training_goes_on_with_the_threads_of_its_checkpoint(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.engine.threads.THREADS_FROM", 1)
    with torch_threads(2):
        first = Training(program, "tensor").checkpoint()
    assert (first.threads, first.versions) == (2, versions())
    for count, taken in ((2, 2), (1, 1)):  # processors of the machine
        monkeypatch.setattr("netlang.runs.training.training.processors", lambda n=count: n)
        with torch_threads(1):
            other = Training(program, "tensor", start=first)
            finish(other)
            assert torch.get_num_threads() == 1
        assert (other.engine.threads, other.checkpoint().threads) == (taken, taken)


@pytest.mark.usefixtures("_small_pieces")
def test_a_training_that_ends_early_goes_on_to_the_same_best_epoch(backend: str) -> None:
    program = compile_source(SourceFile("a.net", STOPPED), to_run=True).require()
    first, checkpoints = Training(program, backend), []
    for event in first.events():
        if not isinstance(event, Started | Finished):
            checkpoints.append(first.checkpoint())
    assert isinstance(event, Finished)
    assert event.epoch + 2 == event.epochs < program.epochs
    checkpoints.append(first.checkpoint())
    for checkpoint in checkpoints:
        other = Training(program, backend, start=checkpoint)
        *_, end = other.events()
        assert isinstance(end, Finished)
        assert (end.metrics, end.epoch, end.epochs) == (event.metrics, event.epoch, event.epochs)
        assert torch.equal(other.network.parameters, first.network.parameters)
    last = checkpoints[-1]
    assert not torch.equal(last.tensors["parameters"], first.network.parameters)
    assert last.best
    smaller = last.best.replace(tensors={"parameters": torch.zeros(3)})
    with pytest.raises(ValueError, match="differ: parameters, statistics"):
        Training(program, backend, start=last.replace(best=smaller))


def test_a_checkpoint_stays_what_it_is(program: Program, backend: str) -> None:
    training = Training(program, backend)
    events = training.events()
    next(events)
    checkpoint = training.checkpoint()
    assert (checkpoint.epoch, checkpoint.cursor, checkpoint.steps) == (1, (1, 0), 0)
    assert repr(checkpoint) == "Checkpoint(epoch=1, cursor=Cursor(epoch=1, step=0))"
    before = checkpoint.tensors["parameters"].clone()
    for _ in events:
        pass
    assert torch.equal(checkpoint.tensors["parameters"], before)
    assert finish(Training(program, backend, start=checkpoint)) == finish(
        Training(program, backend)
    )


def weights(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """The network's tensors, without those of the optimizer."""
    return {name: checkpoint.tensors[name] for name in ("parameters", "statistics")}


@pytest.mark.parametrize(
    "moved",
    [
        lambda old: {"epoch": 5, "cursor": Cursor(5)},
        lambda old: {"epoch": 4, "cursor": Cursor(4, 1)},
        lambda old: {"cursor": Cursor(0)},
        lambda old: {"cursor": Cursor(1, 4)},
        lambda old: {"cursor": Cursor(3, 1), "before": weights(old)},  # after the next epoch
    ],
)
def test_a_training_has_no_step_beyond_its_end(
    moved: Callable[[Checkpoint], dict[str, object]],
) -> None:
    program = compile_source(SourceFile("a.net", CLASSES), to_run=True).require()
    old = Training(program).checkpoint()
    start = Checkpoint(**{**vars(old), **moved(old)})
    with pytest.raises(ValueError, match="the training has no step"):
        Training(program, start=start)


def test_a_training_of_fewer_epochs_says_where_the_checkpoint_goes_on() -> None:
    source = SourceFile("a.net", CLASSES)
    training = Training(compile_source(source, to_run=True).require())
    finish(training)
    fewer = compile_source(source, ["epochs=1"], to_run=True).require()
    says = r"no step 1 of epoch 4, where the checkpoint is: it has 1 epoch of \d+ steps$"
    with pytest.raises(ValueError, match=says):
        Training(fewer, start=training.checkpoint())


def test_a_training_says_what_it_takes() -> None:
    compilation = compile_source(SourceFile("a.net", CLASSES), to_run=True)
    anything: list[Any] = ["a.net", compilation]
    for one in anything:
        with pytest.raises(TypeError, match=r"takes a program, not a .*require\(\)` makes one"):
            Training(one)
    with pytest.raises(TypeError, match=r"starts from a checkpoint, .* not from an int$"):
        Training(compilation.require(), start=cast(Any, 0))


def test_a_training_that_goes_on_counts_the_seconds_of_all_its_steps(
    program: Program, backend: str
) -> None:
    first = Training(program, backend)
    spent: dict[int, float] = {}
    for event in first.events():
        if isinstance(event, EpochDone):
            spent[event.epoch] = event.seconds
        if isinstance(event, StepsDone) and event.epoch == 2:
            break
    events = [*Training(program, backend, start=first.checkpoint()).events()]
    spent |= {one.epoch: one.seconds for one in events if isinstance(one, EpochDone)}
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert len(spent) == program.epochs
    assert finished.train_seconds == pytest.approx(sum(spent.values()))


def test_a_run_may_get_more_epochs(program: Program, backend: str) -> None:
    longer = program.with_settings(epochs=program.epochs + 2)
    first = Training(program, backend)
    done = finish(first)
    rest = finish(Training(longer, backend, start=first.checkpoint()))
    assert done + rest == finish(Training(longer, backend))


def test_a_run_may_go_on_with_another_learning_rate(program: Program, backend: str) -> None:
    assert program.optimizer
    hyper = {"lr": 3e-3, "beta1": 0.5}
    optimizer = type(program.optimizer).declared({**program.optimizer.values, **hyper})
    first = Training(program, backend)
    for event in first.events():
        if isinstance(event, EpochDone):
            break
    changed = program.with_settings(optimizer=optimizer)
    second = Training(changed, backend, start=first.checkpoint())
    for event in second.events():
        if isinstance(event, EpochDone):
            break
    for _ in first.engine.run(first.batches, Cursor(2), hyper=hyper):
        pass
    assert torch.equal(second.network.parameters, first.network.parameters)


def test_a_training_goes_on_from_its_end_to_the_same_result(program: Program, backend: str) -> None:
    first = Training(program, backend)
    events = [*first.events()]
    started, finished = Training(program, backend, start=first.checkpoint()).events()
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    assert vars(finished) == vars(events[-1])


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("Linear(4, 2)", "Linear(4, 3) -> Linear(3, 2)", "layer linear6, layer linear7, output"),
        ("Dropout(0.25)", "Dropout(0.5)", "layer dropout3"),
        ("train=23", "train=30", "data"),
        ("batch = 7", "batch = 8", "batch"),
        ("epochs = 3", "epochs = 3\nseed = 1", "seed"),
        ("loss = MSE", 'loss = MSE(reduction="sum")', "loss"),
        ("Adam(lr=1e-2)", "SGD(lr=1e-2)", "optimizer"),
        ("epochs = 3", "epochs = 3\nmetrics = []", "metrics"),
    ],
)
def test_a_checkpoint_of_another_program_is_refused(old: str, new: str, part: str) -> None:
    sources = SourceFile("a.net", CLASSES), SourceFile("b.net", CLASSES.replace(old, new))
    program, other = (compile_source(source, to_run=True).require() for source in sources)
    with pytest.raises(Unfit, match=f"another program: these differ: {part}$") as refused:
        Training(other, start=Training(program).checkpoint())
    assert all(one.was != one.now for one in refused.value.differences)


def test_a_difference_is_told_as_the_file_has_it() -> None:
    lines = CLASSES.replace("Dropout(0.25)", "Dropout(0.5)").replace("batch = 7", "batch = 8")
    sources = SourceFile("a.net", CLASSES), SourceFile("b.net", lines)
    program, other = (compile_source(source, to_run=True).require() for source in sources)
    with pytest.raises(Unfit) as refused:
        Training(other, start=Training(program).checkpoint())
    assert [(one.what, one.was, one.now) for one in refused.value.differences] == [
        ("batch", "7", "8"),
        (
            "layer dropout3",
            "Dropout(p=0.25) of linear1: [N, 4]",
            "Dropout(p=0.5) of linear1: [N, 4]",
        ),
    ]


def test_of_a_call_with_other_arguments_these_are_told_alone() -> None:
    for was, now, apart in (
        (
            'Linear(a=2, init="x, y", t=none) of input: [N, 2]',
            'Linear(a=3, init="x, y", t=none) of input: [N, 3]',
            ("Linear(a=2) of input: [N, 2]", "Linear(a=3) of input: [N, 3]"),
        ),
        ("ReLU() of a: [N, 2]", "ReLU() of b: [N, 2]", ("ReLU of a: [N, 2]", "ReLU of b: [N, 2]")),
        (
            "Conv2d(k=(3, 3), p=(1, 1))",
            "Conv2d(k=(3, 1), p=(1, 1))",
            ("Conv2d(k=(3, 3))", "Conv2d(k=(3, 1))"),
        ),
        ("A(a=1)", "B(a=1)", ("A(a=1)", "B(a=1)")),
        ("7", None, ("7", None)),
    ):
        assert Difference("layer", was, now).apart == apart


def test_a_new_setting_is_a_part_of_what_a_checkpoint_is_of(program: Program) -> None:
    other = program.with_settings(patience=3)
    assert set(identity_of(other)) - set(identity_of(program)) == {"patience"}


def test_a_checkpoint_is_refused_if_a_data_file_has_changed(tmp_path: Path) -> None:
    source = SourceFile("a.net", VALUES, tmp_path / "a.net")
    rows = [f"{number},{number % 7}.5\n" for number in range(30)]
    (tmp_path / "a.csv").write_text("".join(["x,y\n", *rows]))
    checkpoint = Training(compile_source(source, to_run=True).require()).checkpoint()
    Training(compile_source(source, to_run=True).require(), start=checkpoint)
    (tmp_path / "a.csv").write_text("".join(["x,y\n", *rows[:-1], "29,50.5\n"]))
    changed = compile_source(source, to_run=True).require()
    with pytest.raises(ValueError, match=r"these differ: data file 1 \(a\.csv\)$"):
        Training(changed, start=checkpoint)


def test_a_tensor_of_another_shape_or_dtype_is_refused() -> None:
    program = compile_source(SourceFile("a.net", CLASSES), to_run=True).require()
    old = Training(program).checkpoint()
    for wrong in (torch.ones(1), old.tensors["parameters"].double()):
        changed = {**old.tensors, "parameters": wrong}
        with pytest.raises(ValueError, match=r"another program: these differ: parameters$"):
            Training(program, start=Checkpoint(**{**vars(old), "tensors": changed}))


def test_auto_goes_on_with_the_engine_of_the_checkpoint_however_many_epochs_there_are(
    program: Program, backend: str
) -> None:
    first = Training(program, backend)
    for epochs in (1, 1_000_000):  # C pays for many epochs, and not for few
        other = Training(program.with_settings(epochs=epochs), start=first.checkpoint())
        assert other.engine.name == backend


@pytest.mark.usefixtures("compiler")
def test_another_engine_than_the_checkpoints_is_refused(program: Program, backend: str) -> None:
    (other,) = {"tensor", "native"} - {backend}
    with pytest.raises(ValueError, match=f"^the checkpoint is of the backend `{backend}`, and "):
        Training(program, other, start=Training(program, backend).checkpoint())


@pytest.mark.usefixtures("compiler")
def test_a_checkpoint_of_c_is_refused_where_there_is_no_c_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = compile_source(SourceFile("a.net", CLASSES), to_run=True).require()
    checkpoint = Training(program, "native").checkpoint()

    def missing() -> NoReturn:
        raise NotCompiled("no C compiler was found")

    monkeypatch.setattr("netlang.engine.native.cache.find_compiler", missing)
    says = "^it was trained in C, and would now be trained on tensors: no C compiler was found$"
    for backend in ("auto", "native"):
        with pytest.raises(ValueError, match=says):
            Training(program, backend, start=checkpoint)
