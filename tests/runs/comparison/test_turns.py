"""Both train in turns, from seeds of their own, on the same data and threads."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.threads import torch_threads
from netlang.language.diagnostics.messages.training import Diverged
from netlang.language.source import SourceFile
from netlang.runs.comparison import turns as module
from netlang.runs.comparison.turns import in_turns
from netlang.runs.comparison.twin import Twin, TwinTraining
from netlang.runs.training.training import Training

MODEL = """\
net = Linear(2, 6) -> Tanh -> Linear(6, 2) -> Softmax
data = Disc(train=60, test=40, validation=20)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 3
batch = 7
seed = 10
"""


@pytest.fixture
def program() -> Program:
    return compile_source(SourceFile("a.net", MODEL), to_run=True).require()


def test_turns_alternate_and_no_seed_is_taken_twice(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[str] = []

    def watch(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def watched(*given: Any) -> Any:
            trained.append(name)
            return real(*given)

        monkeypatch.setattr(owner, name, watched)

    twin = Twin(program, tmp_path / "twin.py")
    watch(module, "Training")
    watch(twin, "training")
    turns = list(in_turns(twin, "tensor", 3))
    assert trained == ["training", *["Training", "training"] * 3]  # its first optimizer is untimed
    assert [turn.ours.seed for turn in turns] == [10, 11, 12]
    assert [turn.theirs.seed for turn in turns] == [13, 14, 15]


def test_both_measure_the_same_after_every_epoch(program: Program, tmp_path: Path) -> None:
    (turn,) = in_turns(Twin(program, tmp_path / "twin.py"), "tensor", 1)
    assert len(turn.ours.history) == len(turn.theirs.history) == 3
    for ours, theirs in zip(turn.ours.history, turn.theirs.history, strict=True):
        assert sorted(ours) == sorted(theirs)
        assert {name.partition(".")[0] for name in ours} == {"train", "validation", "test"}


def test_both_trainings_of_the_first_turn_can_be_looked_at(
    program: Program, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []

    def look(ours: Training, theirs: TwinTraining) -> None:
        seen.append((ours.program.seed, theirs.seed))
        assert theirs.evaluate(ours.split.test.inputs).shape == (40, 2)

    assert len(list(in_turns(Twin(program, tmp_path / "twin.py"), "tensor", 2, look))) == 2
    assert seen == [(10, 12)]


def test_no_training_and_no_data_is_held_when_its_turn_is_over(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[weakref.ref[object]] = []
    looked: list[bool] = []

    class Watched(Training):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.extend((weakref.ref(self), weakref.ref(self.split.train.inputs)))

    monkeypatch.setattr(module, "Training", Watched)
    twin = Twin(program, tmp_path / "twin.py")
    turns = list(in_turns(twin, "tensor", 2, lambda *_: looked.append(True)))
    gc.collect()
    assert len(turns) == 2
    assert [one() for one in made] == [None] * 4
    assert looked == [True]


def test_after_the_largest_seed_comes_the_smallest(program: Program, tmp_path: Path) -> None:
    largest = program.with_settings(seed=2**63 - 1)
    turns = list(in_turns(Twin(largest, tmp_path / "twin.py"), "tensor", 2))
    assert [turn.ours.seed for turn in turns] == [2**63 - 1, 0]
    assert [turn.theirs.seed for turn in turns] == [1, 2]


def test_a_run_that_diverges_is_recorded_on_either_side(tmp_path: Path) -> None:
    text = MODEL.replace("CrossEntropy", "MSE").replace("lr=1e-2", "lr=1e30")
    text = text.replace(" -> Softmax", "")
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    turns = list(in_turns(Twin(program, tmp_path / "twin.py"), "tensor", 2))
    for run in [run for turn in turns for run in (turn.ours, turn.theirs)]:
        assert isinstance(run.problem, Diverged)
        assert len(run.history) == run.problem.epoch - 1
        assert math.isnan(run.end("test.loss"))


def test_the_same_seed_gives_both_the_same_data(program: Program, tmp_path: Path) -> None:
    twin = Twin(program, tmp_path / "twin.py").training(13)
    assert program.data
    ours = program.data.load(13)
    assert torch.equal(twin.data["test"][0], ours.test.inputs)
    assert torch.equal(twin.data["train"][0], ours.train.inputs)


def test_threads_are_as_many_for_both_and_as_many_as_before(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    twin = Twin(program, tmp_path / "twin.py")
    measure = twin.code.measure

    def counted(*given: Any) -> Any:
        seen.append(torch.get_num_threads())
        return measure(*given)

    monkeypatch.setattr(twin.code, "measure", counted)
    before = torch.get_num_threads()
    turns = list(in_turns(twin, "tensor", 1))
    assert set(seen) == {turns[0].threads} == {1}
    assert torch.get_num_threads() == before


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(("backend", "threads"), [("tensor", 1), ("native", 2)])
def test_the_twin_has_the_threads_of_the_engine_that_trains_ours(
    backend: str, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    @contextmanager
    def counted(count: int) -> Iterator[None]:
        taken.append(count)
        yield

    monkeypatch.setattr(module, "torch_threads", counted)
    text = MODEL.replace("Linear(6, 2)", "Linear(6, 9999) -> Linear(9999, 2)")
    text = text.replace("train=60", "train=64").replace("batch = 7", "batch = 64")
    program = compile_source(SourceFile("a.net", text), ["epochs=1"], to_run=True).require()
    twin = Twin(program, tmp_path / "twin.py")
    with torch_threads(2):
        (turn,) = in_turns(twin, backend, 1)
    assert (turn.engine, turn.threads) == (backend, threads)
    assert taken == [threads]
