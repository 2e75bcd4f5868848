"""A training whose loss is no number says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import DiagnosticError
from netlang.language.source import SourceFile
from netlang.runs.training.training import Training


def test_targets_that_are_too_large_for_a_loss_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i}.5e30\n" for i in range(1, 40)))
    text = (
        'net = Linear(1, 1)\ndata = CSV("a.csv", target="y", standardize=false)\n'
        "loss = MSE\noptimizer = SGD(lr=0.1)"
    )
    source = SourceFile("a.net", text, tmp_path / "a.net")
    with pytest.raises(DiagnosticError) as refused:
        list(Training(compile_source(source, to_run=True).require()).events())
    (found,) = refused.value.diagnostics
    assert found.code == "E0413"
    assert found.helps == ("outputs and targets may be too large for it: scale them down",)
