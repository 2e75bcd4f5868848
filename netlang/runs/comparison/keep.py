"""What is kept of comparisons: data, a table, and the paper's figures 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data import Samples
from netlang.compiler.ir import Program
from netlang.runs.comparison import report
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.runs import Comparison
from netlang.runs.folder import decision_of
from netlang.runs.kept import Kept, Picture
from netlang.runs.plots import Curves, Decision, draw_curves, draw_decisions
from netlang.system.files import write_whole
from netlang.system.interruption import held
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def new(root: Path, programs: Sequence[Program], in_lockstep: bool) -> Kept:
    """A new folder in ``root`` for a comparison.  Raises OSError."""
    name = "lockstep" if in_lockstep else "comparison"
    files = [program.source.name for program in programs]
    return Kept(root, "compare", f"{name}.json", {"files": files})


def data(found: Sequence[Comparison], folder: Kept) -> None:
    """Write what was measured to ``folder``.  Raises OSError."""
    with held():
        folder.say(comparisons=[report.as_data(one) for one in found])
        write_whole(folder.path / "table.md", report.markdown(found))


def differences(found: Sequence[Lockstep], folder: Kept) -> None:
    """Write how far apart the two were in lockstep.  Raises OSError."""
    if any(one.differences for one in found):
        folder.say(lockstep=[report.lockstep_as_data(one) for one in found])


def pictures(found: Sequence[Comparison]) -> Mapping[str, Picture]:
    """By their names. They raise Unusable where matplotlib cannot draw, and OSError."""
    planes = [one for one in found if one.program.has_plane]

    def curves(file: Path) -> None:
        draw_curves([(one.name, _curves(one)) for one in found], file)

    def decisions(file: Path) -> None:
        draw_decisions([_decisions(one) for one in planes], file)

    return {"figure2.png": curves} | ({"figure3.png": decisions} if planes else {})


def _curves(comparison: Comparison) -> list[Curves]:
    return [Curves(side, [run.history for run in runs]) for side, runs in comparison.sides.items()]


def _decisions(comparison: Comparison) -> list[Decision]:
    """The decisions of each side's first run, on the same part of the plane."""
    found = []
    first = {side: runs[0] for side, runs in comparison.sides.items()}
    program = comparison.program
    programs = {side: program.with_settings(seed=run.seed) for side, run in first.items()}
    around = torch.cat([_places(programs[side], run.test) for side, run in first.items()])
    for side, run in first.items():
        right = run.history[-1][comparison.metric]
        title = f"{comparison.name}\n{side}, seed {run.seed}: accuracy {right:.3f}"
        found.append(decision_of(programs[side], title, run.evaluate, run.test, around))
    return found


def _places(program: Program, test: Samples) -> Tensor:
    """Where the test points are, in the data's own numbers."""
    units = program.data and program.data.units(program.seed)
    assert units
    return units.to_data(test.inputs)
