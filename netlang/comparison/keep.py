"""What is kept of comparisons: data, a table, and the paper's figures 2 and 3."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from netlang.comparison import report
from netlang.comparison.lockstep import Lockstep
from netlang.comparison.runs import Comparison
from netlang.files import write_whole
from netlang.lazy import torch
from netlang.plots import Curves, Decision, decision, draw_curves, draw_decisions
from netlang.runner.folder import surroundings


def data(found: Sequence[Comparison], folder: Path) -> None:
    """Write what was measured to ``folder``.  Raises OSError."""
    comparisons = [report.as_data(one) for one in found]
    _write(folder / "comparison.json", {"comparisons": comparisons})
    write_whole(folder / "table.md", report.markdown(found))


def differences(found: Sequence[Lockstep], folder: Path) -> None:
    """Write how far apart the two were in lockstep.  Raises OSError."""
    _write(folder / "lockstep.json", {"lockstep": [report.lockstep_as_data(one) for one in found]})


def pictures(found: Sequence[Comparison], folder: Path) -> None:
    """Draw it.  Raises OSError, and ImportError without matplotlib."""
    draw_curves({one.name: _curves(one) for one in found}, folder / "figure2.png")
    planes = [_decisions(one) for one in found if one.program.has_plane]
    if planes:
        draw_decisions(planes, folder / "figure3.png")


def _write(file: Path, found: dict[str, object]) -> None:
    """What was found, and where."""
    write_whole(file, json.dumps(found | surroundings(), indent=2) + "\n")


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
