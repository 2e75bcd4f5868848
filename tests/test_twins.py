"""The models of a text learn as much as their exported PyTorch twins."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.runs.comparison.turns import Comparison, in_turns
from netlang.runs.comparison.twin import Twin
from tests.paths import MODELS

RUNS = 3  # each from a seed of its own, as the loss of a single one differs by a percent or two


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chars", "gru"])
def test_a_model_and_its_twin_end_with_losses_within_two_percent(name: str, tmp_path: Path) -> None:
    program = compile_source(read(str(MODELS / f"{name}.net")), to_run=True).require()
    program = program.with_settings(epochs=program.epochs // 2)  # by then most of it is learnt
    turns = tuple(in_turns(Twin(program, tmp_path / "twin.py"), "auto", RUNS))
    comparison = Comparison(program, turns)
    assert comparison.problem is None
    ours, theirs = (
        fmean(run.end(comparison.loss) for run in runs) for runs in comparison.sides.values()
    )
    assert ours == pytest.approx(theirs, rel=0.02)
