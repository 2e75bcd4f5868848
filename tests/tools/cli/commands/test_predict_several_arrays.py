"""Networks of several arrays, from their training to new samples, which come in an archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netlang.runs.models.trained import load_model
from tests.program import netlang

FILE = """\
shared tower = GRU(2, 8) -> Last
net = [Input("left") -> tower, Input("right") -> tower] -> Concat
   -> [Linear(_, _) as kind, Linear(_, _) as sum]
data = Arrays(
    "a.npz",
    inputs=["left", "right"],
    lengths=["n", ""],
    target=["kind", "sum"],
)
loss = [SoftmaxCrossEntropy, MSE]
optimizer = Adam(lr=1e-2)
epochs = 6
"""


def saved(file: str, count: int = 60, **changed: Any) -> str:
    draw = np.random.default_rng(count)
    left, right = draw.normal(size=(2, count, 3, 2))
    kind = np.where(left[:, 0, 0] > right[:, 2, 0], "more", "less")
    lengths = draw.integers(1, 4, count)
    arrays = {"left": left, "right": right, "n": lengths, "kind": kind, "sum": left[:, 0].sum(1)}
    np.savez(file, **(arrays | changed))
    return file


@pytest.fixture
def run() -> str:
    Path("a.net").write_text(FILE)
    saved("a.npz")
    return trained("run")


def trained(folder: str, *options: str) -> str:
    result = netlang("run", "a.net", "-o", folder, "--no-plots", *options)
    assert result.exit_code == 0, result.stderr
    (found,) = Path(folder).iterdir()
    return str(found)


def test_new_samples_get_an_answer_for_each_target(run: str) -> None:
    result = netlang("predict", run, saved("new.npz", 5), "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(rows) == 5
    assert {"prediction of kind", "prediction of sum"} <= rows[0].keys()
    assert all(row["prediction of kind"] in ("more", "less") for row in rows)


def test_it_is_judged_on_other_samples(run: str) -> None:
    result = netlang("eval", run, saved("new.npz", 30))
    assert "kind.accuracy" in result.stdout
    assert "sum.r2" in result.stdout


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"left": np.zeros((5, 3, 3))}, "`left` takes an array [N, 3, 2], and this is [5, 3, 3]"),
        ({"n": np.full(5, 4)}, "the length of sample 1 is 4"),
        ({"right": np.full((5, 3, 2), np.nan)}, "sample 1 of `right` holds NaN"),
        ({"right": np.zeros((4, 3, 2))}, "its arrays have 5 samples, and 4"),
    ],
)
def test_samples_that_cannot_be_used_are_refused_in_a_sentence(
    run: str, changed: dict[str, Any], told: str
) -> None:
    result = netlang("predict", run, saved("new.npz", 5, **changed))
    assert result.exit_code == 1
    assert told in result.stderr
    assert result.stderr.count("error[") == 1


def test_an_archive_without_an_array_is_told_what_to_save(run: str) -> None:
    np.savez("new.npz", lift=np.zeros((5, 3, 2)))
    result = netlang("predict", run, "new.npz")
    assert "it has no array `left`" in result.stderr
    assert "did you mean `lift`?" in result.stderr


def test_equal_runs_leave_equal_bytes_and_a_run_goes_on_to_the_same_bits(run: str) -> None:
    again = trained("again")
    models = [Path(folder, "model.safetensors").read_bytes() for folder in (run, again)]
    assert models[0] == models[1]
    half = trained("half", "--set", "epochs=2")
    assert netlang("resume", half, "--epochs", "6", "--no-plots").exit_code == 0
    goes_on = max(Path("half").iterdir(), key=lambda one: one.stat().st_mtime)
    whole, other = (load_model(str(one)).network.named_tensors() for one in (run, goes_on))
    assert all(torch.equal(one, other[name]) for name, one in whole.items())


def test_a_changed_file_of_arrays_is_not_taken_for_that_of_the_run(run: str) -> None:
    saved("a.npz", 61)
    result = netlang("eval", run)
    assert result.exit_code == 1
    assert "has been changed since the run" in result.stderr
