"""Training on samples that are augmented: what is measured, and what is left as it is."""

from __future__ import annotations

from pathlib import Path

import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Cursor
from netlang.language.source import SourceFile
from netlang.runs.training import few_samples
from netlang.runs.training.few_samples import Learned, fast_program, overfit
from netlang.runs.training.identity import identity_of
from netlang.runs.training.memory import training_memory
from netlang.runs.training.training import Training
from tests.runs.training.test_checkpoint import finish

ROWS = """
net = Linear(2, 8) -> Tanh -> Linear(8, 2)
data = Moons(train=40, test=20, validation=10)
loss = SoftmaxCrossEntropy
optimizer = Adam
epochs = 2
batch = 8
"""
TEXT = """
net = Embedding(_, 4) -> Linear(4, _)
data = Text("a.txt", context=8)
loss = SoftmaxCrossEntropy
optimizer = Adam
batch = 4
epochs = 3
"""


def program(text: str, folder: Path = Path()) -> Program:
    (folder / "a.txt").write_text("to be, or not to be, that is the question. " * 12)
    source = SourceFile("a.net", text, folder / "a.net")
    return compile_source(source, to_run=True).require()


def test_other_parts_than_the_training_samples_stay_as_they_are(tmp_path: Path) -> None:
    plain, augmented = (
        Training(program(ROWS + augment, tmp_path)) for augment in ("", "augment = Noise(0.5)\n")
    )
    one, other = (training.split for training in (plain, augmented))
    assert one.test
    assert other.test
    assert torch.equal(one.test.inputs, other.test.inputs)
    assert torch.equal(plain.outputs(one.test.inputs), augmented.outputs(one.test.inputs))
    for training in (plain, augmented):
        assert finish(training)
    (_, plainly), (_, noisily) = (finish(Training(one.program))[0] for one in (plain, augmented))
    assert plainly["train.loss"] != noisily["train.loss"]


def test_mixtures_are_measured_by_the_samples_own_classes(tmp_path: Path) -> None:
    epochs = finish(Training(program(f"{ROWS}augment = Mixup(1)\n", tmp_path), "tensor"))
    assert all(0 <= metrics["train.accuracy"] <= 1 for _, metrics in epochs)


def test_a_training_on_windows_sees_the_whole_text(tmp_path: Path) -> None:
    training = Training(program(f"{TEXT}augment = Windows\n", tmp_path))
    batches = training.batches
    first, second = (
        batches.seen(batches.inputs, batches.targets, torch.arange(5), epoch) for epoch in (1, 2)
    )
    assert torch.equal(first.inputs[:, 1:].long(), first.targets[:, :-1])
    assert not torch.equal(first.inputs, second.inputs)
    assert len(finish(training)) == 3


def test_what_augments_is_a_part_of_what_a_checkpoint_is_of(tmp_path: Path) -> None:
    one, other = (
        identity_of(program(f"{ROWS}augment = Noise({std})\n", tmp_path)) for std in (0.1, 0.2)
    )
    assert {name for name in one if one[name] != other[name]} == {"augment"}


def test_a_few_samples_are_learned_as_they_are(tmp_path: Path) -> None:
    made = program(f"{ROWS}augment = Noise(0.3) -> Mixup(1)\n", tmp_path)
    assert few_samples._to_overfit(made, 4).augment == ()
    *_, learned = overfit(made, "tensor", 2)
    assert isinstance(learned, Learned)
    assert learned.ok
    assert fast_program(made).augment == made.augment
    text = program(f"{TEXT}augment = Windows\n", tmp_path)  # a few samples do not follow each other
    assert fast_program(text).augment == ()
    assert finish(Training(fast_program(text)))


def test_samples_that_are_changed_take_memory(tmp_path: Path) -> None:
    plain, changed = (
        training_memory(program(ROWS + augment, tmp_path), "tensor")
        for augment in ("", "augment = Noise(0.5)\n")
    )
    assert changed.outputs > plain.outputs


def test_the_norms_of_a_watched_training_are_of_samples_as_they_are_seen(tmp_path: Path) -> None:
    made = program(f"{ROWS}augment = Mixup(1)\n", tmp_path)
    plain, watched = (Training(made, "tensor", is_watched=watched) for watched in (False, True))
    assert finish(plain) == finish(watched)
    batch = watched.batches.batch(Cursor())
    assert batch.targets.shape == (8, 2)
