"""Losses of counts and of shares get their targets as the data have them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

COUNTS = [0, 1, 3, 0, 7, 2, 1, 12, 4, 0]


def program(folder: Path, data: str, loss: str, net: str = "Linear(_, 1)") -> Program:
    text = f"net = {net}\ndata = {data}\nloss = {loss}\noptimizer = SGD\n"
    return compile_source(SourceFile("a.net", text, folder / "a.net")).require()


def targets(made: Program) -> list[float]:
    assert made.data
    return sorted(made.data.load(0).train.targets.flatten().tolist())


@pytest.fixture
def table(tmp_path: Path) -> str:
    rows = [f"{index / 10},{count}" for index, count in enumerate(COUNTS)]
    (tmp_path / "counts.csv").write_text("x,n\n" + "\n".join(rows) + "\n")
    return 'Table("counts.csv", target="n", task="regression", test=0)'


def test_counts_of_a_table_are_not_standardised_and_inputs_are(table: str, tmp_path: Path) -> None:
    for loss in ("PoissonNLL", "PoissonNLL(false) + 0.1 * MAE"):
        made = program(tmp_path, table, loss)
        assert targets(made) == sorted(COUNTS)
        assert made.data
        assert made.data.load(0).train.inputs.mean().abs() < 1e-6
    assert abs(sum(targets(program(tmp_path, table, "MSE")))) < 1e-5


def test_counts_of_arrays_are_not_standardised(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", x=np.arange(10.0).reshape(10, 1), n=np.array(COUNTS, np.float32))
    data = 'Arrays("c.npz", inputs="x", target="n", task="regression", test=0)'
    assert targets(program(tmp_path, data, "PoissonNLL")) == sorted(COUNTS)
    assert abs(sum(targets(program(tmp_path, data, "Huber")))) < 1e-5


def test_beside_another_loss_of_numbers_it_is_told_what_keeps_them(tmp_path: Path) -> None:
    rows = "".join(f"{index},{count},{index * 2.5}\n" for index, count in enumerate(COUNTS))
    (tmp_path / "both.csv").write_text(f"x,n,z\n{rows}")
    data = 'Table("both.csv", target=["n", "z"], task="regression", test=0{})'
    text = "net = Linear(_, 4) -> [Linear(4, 1), Linear(4, 1)]\n"
    text += f"data = {data}\nloss = [PoissonNLL, MSE]\noptimizer = SGD\n"
    source = SourceFile("a.net", text.format(""), tmp_path / "a.net")
    (found,) = compile_source(source).diagnostics
    assert found.code == "E0428"
    assert found.helps == ("add `standardize=false` to the data, so that numbers stay as they are",)
    kept = text.format(", standardize=false")
    assert compile_source(SourceFile("a.net", kept, tmp_path / "a.net")).ok
