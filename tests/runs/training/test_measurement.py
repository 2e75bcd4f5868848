"""What a part of the data is measured to be, however its outputs come."""

from __future__ import annotations

import weakref
from pathlib import Path

import pytest
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.training.measurement import Measurement

NET = """\
net = Linear(1, 1)
data = CSV("a.csv", target="y")
loss = MSE
metrics = [r2, mse, mae]
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i}.5\n" for i in range(40)))
    return compile_source(SourceFile("a.net", NET, tmp_path / "a.net")).require()


class Kept(bytearray):
    """Memory that says when it is let go."""


def test_no_outputs_are_kept_but_those_of_a_piece_that_is_not_full(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.runs.training.measurement.measured_samples", lambda graph: 4)
    assert program.loss
    measurement = Measurement(program, program.loss, "train")
    given = []
    for _ in range(10):
        memory = Kept(3 * 4)
        given.append(weakref.ref(memory))
        y = torch.frombuffer(memory, dtype=torch.float32).view(3, 1)
        del memory
        measurement.add(y, torch.rand(3, 1))
        del y
        assert sum(one() is not None for one in given) <= 2
    measurement.values()


def test_a_part_is_measured_the_same_in_stretches_of_any_length(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlang.runs.training.measurement.measured_samples", lambda graph: 8)
    assert program.loss
    y, t = torch.rand(30, 1), torch.rand(30, 1)
    found = []
    for stretch in (1, 3, 8, 30):
        measurement = Measurement(program, program.loss, "test")
        for batch in zip(y.split(stretch), t.split(stretch), strict=True):
            measurement.add(*batch)
        found.append(measurement.values())
    assert list(found[0]) == ["test.loss", "test.r2", "test.mse", "test.mae"]
    assert all(one == found[0] for one in found)
    for metric in program.metrics:
        assert found[0][f"test.{metric.name}"] == pytest.approx(metric(y, t), rel=1e-12)


def test_two_measurements_at_once_share_no_sums(program: Program) -> None:
    assert program.loss
    both = [Measurement(program, program.loss, part) for part in ("train", "test")]
    y, t = torch.rand(2, 6, 1), torch.rand(2, 6, 1)
    for half in (slice(3), slice(3, None)):
        for number, measurement in enumerate(both):
            measurement.add(y[number, half], t[number, half])
    for number, measurement in enumerate(both):
        r2 = measurement.values()[f"{measurement.part}.r2"]
        assert r2 == pytest.approx(program.metrics[0](y[number], t[number]), rel=1e-12)
