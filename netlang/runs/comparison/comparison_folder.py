"""A comparison's folder has its numbers, a table, and the paper's figures 2 and 3."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.runs.comparison import report
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.turns import Comparison
from netlang.runs.plots import Curves, draw_curves, draw_decisions
from netlang.runs.result_folder import Picture, ResultFolder
from netlang.runs.run_folder import about_program
from netlang.system.files import append_line, write_whole
from netlang.system.interruption import uninterrupted


class ComparisonFolder(ResultFolder):
    """A new folder in ``root`` for a comparison; every method may raise OSError."""

    def __init__(self, root: Path, programs: Sequence[Program], in_lockstep: bool) -> None:
        record = "lockstep.json" if in_lockstep else "comparison.json"
        files = [program.source.name for program in programs]
        about = {"files": files, "programs": [about_program(program) for program in programs]}
        super().__init__(root, "compare", record, about)

    def keep(self, comparisons: Sequence[Comparison]) -> None:
        """Write what was measured in turns, of which the last one of the last file is new."""
        with uninterrupted():
            for line in report.history(comparisons[-1]):
                append_line(self.path / "history.jsonl", json.dumps(line))
            self.update_record(comparisons=[report.as_data(one) for one in comparisons])
            self.has_measured = True
            write_whole(self.path / "table.md", report.markdown(comparisons))

    def keep_lockstep(self, comparisons: Sequence[Lockstep]) -> None:
        """Write how far apart the two were in lockstep."""
        if any(lockstep.differences for lockstep in comparisons):
            self.update_record(lockstep=[report.lockstep_as_data(one) for one in comparisons])
            self.has_measured = True


def pictures(comparisons: Sequence[Comparison]) -> Mapping[str, Picture]:
    """The pictures by name. Each raises Unusable where matplotlib cannot draw, and OSError."""
    columns = [(one.name, curves) for one in comparisons if (curves := _curves(one))]
    rows = [one.turns[0].decisions for one in comparisons if one.turns[0].decisions]
    found: dict[str, Picture] = {}
    if columns:
        found["figure2.png"] = lambda file: draw_curves(columns, file)
    if rows:
        found["figure3.png"] = lambda file: draw_decisions(rows, file)
    return found


def _curves(comparison: Comparison) -> list[Curves]:
    """The curves of each side, without the runs that diverged."""
    histories = {
        side: [run.history for run in runs if not run.problem]
        for side, runs in comparison.sides.items()
    }
    return [Curves(side, runs) for side, runs in histories.items() if runs]
