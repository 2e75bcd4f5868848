"""A comparison's folder has its numbers, a table, and the paper's figures 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data import Split
from netlang.compiler.ir import Program
from netlang.runs.comparison import report
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.turns import Comparison
from netlang.runs.plots import Curves, Decision, decision, draw_curves, draw_decisions
from netlang.runs.result_folder import Picture, ResultFolder
from netlang.system.files import write_whole
from netlang.system.interruption import uninterrupted
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ComparisonFolder(ResultFolder):
    """A new folder in ``root`` for a comparison; every method may raise OSError."""

    def __init__(self, root: Path, programs: Sequence[Program], in_lockstep: bool) -> None:
        record = "lockstep.json" if in_lockstep else "comparison.json"
        files = [program.source.name for program in programs]
        super().__init__(root, "compare", record, {"files": files})

    def keep(self, found: Sequence[Comparison]) -> None:
        """Write what was measured in turns."""
        with uninterrupted():
            self.update_record(comparisons=[report.as_data(one) for one in found])
            write_whole(self.path / "table.md", report.markdown(found))

    def keep_lockstep(self, found: Sequence[Lockstep]) -> None:
        """Write how far apart the two were in lockstep."""
        if any(one.differences for one in found):
            self.update_record(lockstep=[report.lockstep_as_data(one) for one in found])


def pictures(found: Sequence[Comparison]) -> Mapping[str, Picture]:
    """The pictures by name. Each raises Unusable where matplotlib cannot draw, and OSError."""
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
    data = comparison.program.data
    border = data.border() if data else None
    around = torch.cat([_points(run.split) for run in first.values()])
    for side, run in first.items():
        right = run.history[-1][comparison.metric]
        title = f"{comparison.name}\n{side}, seed {run.seed}: accuracy {right:.3f}"
        found.append(decision(title, run.evaluate, run.split, border, around))
    return found


def _points(split: Split) -> Tensor:
    """The test points in the data's own numbers."""
    assert split.pipeline
    return split.pipeline.to_numbers(split.test.inputs)
