"""Several arrays of inputs, each with its own lengths, and several of targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netlang.catalogue.data import Arrays, Pipeline
from netlang.catalogue.data.arrays.in_parts import Asked, in_parts
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.pipeline import SeveralArrays
from netlang.catalogue.targets import NO_CLASS
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training

N, STEPS, DIGITS = 600, 4, 6
START = DIGITS  # the token before the first digit


def reversals() -> dict[str, Any]:
    """Sequences of digits of unequal length, and the same backwards."""
    draw = np.random.default_rng(0)
    lengths = draw.integers(2, STEPS + 1, N)
    source, steps = draw.integers(0, DIGITS, (N, STEPS)), np.arange(STEPS)
    back = np.take_along_axis(source, np.maximum(lengths[:, None] - 1 - steps, 0), 1)
    given = np.concatenate([np.full((N, 1), START), back[:, :-1]], 1)
    target = np.where(steps >= lengths[:, None], -1, back)
    numbers = draw.normal(3, 2, (N, 2))
    kind = np.where(numbers[:, 0] > 3, "large", "small")
    return {
        "source": source,
        "given": given,
        "n": lengths,
        "target": target,
        "numbers": numbers,
        "other": numbers[draw.permutation(N)],
        "kind": kind,
        "sum": numbers.sum(1),
        "pair": numbers * 2,
    }


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("arrays") / "a.npz"
    np.savez(file, **reversals())
    return file


def sequences(file: Path, **changed: Any) -> Arrays:
    arguments: dict[str, Any] = {
        "inputs": ("source", "given"),
        "lengths": ("n", "n"),
        "tokens": (DIGITS, DIGITS + 1),
        "target": "target",
        "task": "classification",
    }
    return Arrays(file, **(arguments | changed))


def test_each_input_has_its_own_shape_in_the_row(arrays: Path) -> None:
    described = sequences(arrays, inputs=("source", "numbers"), lengths=("n", ""), tokens=(6, 0))
    places = {name: (at, str(one)) for name, (at, one) in described.describe().places.items()}
    assert places == {"source": (0, "[N, 4] of 6 tokens with padding"), "numbers": (4, "[N, 2]")}


def test_a_row_has_all_inputs_side_by_side(arrays: Path) -> None:
    split, found = sequences(arrays).load(), reversals()
    rows = split.rows["train"].numpy() - 1
    behind = np.arange(STEPS) >= found["n"][rows][:, None]
    wanted = [np.where(behind, -1, found[name][rows]) for name in ("source", "given")]
    row = split.train.inputs.nan_to_num(-1)
    assert row.tolist() == np.concatenate(wanted, 1).tolist()
    assert isinstance(split.pipeline, SeveralArrays)
    assert Pipeline.from_json(split.pipeline.to_json()) == split.pipeline
    own = split.pipeline.to_numbers(split.train.inputs)
    assert torch.equal(split.pipeline.to_inputs(own).nan_to_num(-1), row)


def test_classes_at_each_place_are_none_behind_the_ends(arrays: Path, tmp_path: Path) -> None:
    data = sequences(arrays)
    assert data.describe().target_shape == (STEPS,)
    assert data.describe().classes == tuple(map(str, range(DIGITS)))
    targets = data.load().train.targets
    assert (targets == NO_CLASS).any()
    found = reversals()
    as_in_torch = np.where(found["target"] < 0, -100, found["target"])
    np.savez(tmp_path / "b.npz", **(found | {"target": as_in_torch}))
    assert torch.equal(sequences(tmp_path / "b.npz").load().train.targets, targets)


def test_new_samples_come_in_an_archive_of_all_arrays(arrays: Path, tmp_path: Path) -> None:
    split = sequences(arrays).load()
    assert isinstance(split.pipeline, SeveralArrays)
    asked = Asked(split.pipeline, targets=True)
    (part,) = in_parts(arrays, asked)
    rows = split.rows["train"] - 1
    inputs = split.pipeline.apply(part.samples)[rows]
    assert torch.equal(inputs.nan_to_num(-1), split.train.inputs.nan_to_num(-1))
    targets = torch.from_numpy(part.targets["target"])[rows]
    assert torch.equal(targets, split.train.targets)
    for changed, told in (
        ({"given": reversals()["given"][:-1]}, "there are 600 lengths, and 599 samples"),
        ({"n": reversals()["n"][:-1]}, "there are 599 lengths, and 600 samples"),
    ):
        np.savez(tmp_path / "b.npz", **(reversals() | changed))
        with pytest.raises(Refused, match=told):
            [*in_parts(tmp_path / "b.npz", asked)]
    np.save(tmp_path / "c.npy", reversals()["source"])
    with pytest.raises(Refused, match="it holds one array, and the model takes several"):
        [*in_parts(tmp_path / "c.npy", asked)]


MISTAKES = [
    ({"inputs": ("source", "givn")}, "it has no array `givn`", "did you mean `given`?"),
    ({"lengths": ("n", "m")}, "it has no array `m`", "name two of them"),
    ({"lengths": "n"}, "`lengths` is about 1 of them, and `inputs` names 2", "give a list of 2"),
    ({"tokens": (6, 7, 8)}, "`tokens` is about 3 of them, and `inputs` names 2", "a list of 2"),
    ({"inputs": ("source", "source")}, "`inputs` names `source` twice", "name each once"),
    ({"target": ("kind", "kind")}, "`target` names `kind` twice", "name each once"),
    ({"tokens": 6}, "sample 1 holds 6, and tokens are from 0 to 5", "give `tokens` the largest"),
    ({"inputs": ("source", "kind")}, "it holds texts", "save an array of numbers"),
    ({"inputs": ("source", "numbers")}, "the length of sample 1 is 4", "from 1 to 2"),
    ({"inputs": ("source", "numbers"), "lengths": ("n", "")}, "sample 1 holds", "mend the sample"),
    ({"inputs": ("source", "")}, "`inputs` names no array", "name one"),
    ({"target": ""}, "`target` names no array", "name one"),
    ({"shape": (2, 2)}, "it has several inputs", "leave `shape` out"),
    ({"target": "input"}, "its targets are the inputs", "leave `lengths` out"),
    ({"target": ("kind", "pair"), "task": "auto"}, "`pair` has [2] for each sample", "a number"),
    ({"test_inputs": ("source", "given")}, "it names `test_inputs` and no `test_target`", "a test"),
    ({"target": "numbers"}, "the classes of sample 1 are no whole numbers", "mend or remove"),
    ({"classes": ("a", "b")}, "the class of sample 1 is", "name as many `classes`"),
]


@pytest.mark.parametrize(("changed", "told", "help"), MISTAKES, ids=[one for _, one, _ in MISTAKES])
def test_a_mistake_is_told_once_with_a_way_out(
    arrays: Path, changed: dict[str, Any], told: str, help: str
) -> None:
    with pytest.raises(NetError) as error:
        sequences(arrays, **changed).describe()
    (found,) = error.value.diagnostics
    message = found.message()
    assert told in message.title
    assert help in str(message.helps)


def trained(text: str, arrays: Path) -> dict[str, float]:
    source = SourceFile("a.net", text, arrays.parent / "a.net")
    *_, finished = Training(compile_source(source, to_run=True).require()).events()
    assert isinstance(finished, Finished)
    return dict(finished.metrics)


def test_an_encoder_and_a_decoder_learn_to_say_digits_backwards(arrays: Path) -> None:
    text = """\
source = Input("source") -> Embedding(_, 24) -> GRU(_, 24, bidirectional=true) -> Linear(_, 24)
net = Input("given") -> Embedding(_, 24) -> GRU(_, 24) as state
   -> [state, source] -> Attention(24, 2)
   -> [Identity, state] -> Concat(dim=-1) -> Linear(_, 48) -> ReLU -> Linear(_, _)
data = Arrays("a.npz", inputs=["source", "given"], lengths=["n", "n"], tokens=[6, 7],
              target="target", task="classification")
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 25
"""
    assert trained(text, arrays)["test.accuracy"] > 0.95


def test_siamese_towers_learn_from_two_arrays(arrays: Path) -> None:
    text = """\
shared tower = Linear(2, 16) -> Tanh
net = [Input("numbers") -> tower, Input("other") -> tower] -> Concat -> Linear(_, _)
data = Arrays("a.npz", inputs=["numbers", "other"], target="kind")
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
"""
    assert trained(text, arrays)["test.accuracy"] > 0.9


def test_an_output_learns_each_target(arrays: Path) -> None:
    text = """\
net = Linear(2, 32) -> ReLU -> [Linear(_, _) as kind, Linear(_, _) as sum]
data = Arrays("a.npz", inputs="numbers", target=["kind", "sum"])
loss = [SoftmaxCrossEntropy, MSE]
optimizer = Adam(lr=1e-2)
epochs = 20
"""
    metrics = trained(text, arrays)
    assert metrics["test.kind.accuracy"] > 0.9
    assert metrics["test.sum.r2"] > 0.9


def test_several_numbers_are_one_target(arrays: Path) -> None:
    data = Arrays(arrays, inputs="numbers", target=("sum", "pair"))
    assert data.describe().target == ("sum", "pair[0]", "pair[1]")
    assert data.load().train.targets.shape[1:] == (3,)
