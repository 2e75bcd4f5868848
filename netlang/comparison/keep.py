"""What is kept of comparisons: data, a table, and the paper's figures 2 and 3."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlang.comparison import report
from netlang.comparison.lockstep import Lockstep
from netlang.comparison.runs import Comparison
from netlang.files import write_whole
from netlang.interruption import held
from netlang.ir import Program
from netlang.lazy import torch
from netlang.plots import Curves, Decision, decision, draw_curves, draw_decisions
from netlang.runner.kept import Kept


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


def pictures(found: Sequence[Comparison], folder: Kept) -> None:
    """Draw it.  Raises OSError, and ImportError without matplotlib."""
    curves = {one.name: _curves(one) for one in found}
    folder.draw("figure2.png", lambda file: draw_curves(curves, file))
    planes = [_decisions(one) for one in found if one.program.has_plane]
    if planes:
        folder.draw("figure3.png", lambda file: draw_decisions(planes, file))


def _curves(comparison: Comparison) -> list[Curves]:
    return [Curves(side, [run.history for run in runs]) for side, runs in comparison.sides.items()]


def _decisions(comparison: Comparison) -> list[Decision]:
    """Of each side's first run, on the same part of the plane."""
    assert comparison.program.data
    found = []
    first = {side: runs[0] for side, runs in comparison.sides.items()}
    around = torch.cat([run.test.inputs for run in first.values()])
    for side, run in first.items():
        right = run.history[-1][comparison.metric]
        title = f"{comparison.name}\n{side}, seed {run.seed}: accuracy {right:.3f}"
        border = comparison.program.data.border(run.seed)
        inputs, labels = run.test.inputs, run.test.targets
        found.append(decision(title, run.evaluate, inputs, labels, border, around))
    return found
