"""A comparison's folder has its numbers, a table, and the paper's figures 2 and 3."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data import Split
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Program
from netlang.runs.comparison import lockstep_report, report
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.turns import Comparison
from netlang.runs.comparison.twin import TwinTraining
from netlang.runs.folders.result_folder import ResultFolder, new_folder, surroundings
from netlang.runs.folders.run_folder import about_program
from netlang.runs.plots import (
    Curves,
    Decision,
    decision,
    draw_curves,
    draw_decisions,
    has_plane,
)
from netlang.runs.plots.pictures import Picture
from netlang.runs.training.training import Training
from netlang.system.files import append_line, write_whole
from netlang.system.interruption import uninterrupted
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class ComparisonFolder(ResultFolder):
    """A new folder in ``root`` for a comparison; every method may raise OSError.

    ``history.jsonl`` gets a line for each run as its turn ends. When the folder is closed, its
    record gets a summary of all runs, or of all ``locksteps``.
    """

    def __init__(self, root: Path, programs: Sequence[Program], in_lockstep: bool) -> None:
        self.comparisons: list[Comparison] = []
        self.locksteps: list[Lockstep] = []
        self._decisions: list[list[Decision]] = []
        record = "lockstep.json" if in_lockstep else "comparison.json"
        files = [program.source.name for program in programs]
        about = {"files": files, "programs": [about_program(program) for program in programs]}
        super().__init__(
            lambda text: new_folder(root, "compare", {record: text}),
            record,
            {**about, **surroundings()},
        )

    def keep(self, comparison: Comparison) -> None:
        """Keep the latest turn of ``comparison``, which has all turns of its file so far."""
        with uninterrupted():
            if self.comparisons and self.comparisons[-1].program is comparison.program:
                self.comparisons.pop()
            self.comparisons.append(comparison)
            for line in report.latest_runs(comparison):
                append_line(self.path / "history.jsonl", json.dumps(line))
            self.has_measured = True

    def look(self, ours: Training, theirs: TwinTraining) -> None:
        """Find out what two trained networks decide, if they have two inputs and can be drawn."""
        program = ours.program
        if not has_plane(program, ours.split):
            return
        assert program.data
        assert program.loss
        name, border = program.source.name, program.data.border()
        splits = ours.split, program.data.load(theirs.seed)
        around = torch.cat([_points(split) for split in splits])
        networks = ours.outputs, theirs.evaluate
        titles = f"{name}\nnetlang, seed {program.seed}", f"{name}\nPyTorch, seed {theirs.seed}"
        self._decisions.append(
            [
                decision(title, predicted_by(evaluate, program.loss), split, border, around)
                for title, evaluate, split in zip(titles, networks, splits, strict=True)
            ]
        )

    def pictures(self) -> Mapping[str, Picture]:
        """The pictures by name. They raise Unusable where matplotlib cannot draw, and OSError."""
        columns = [(one.name, curves) for one in self.comparisons if (curves := _curves(one))]
        found: dict[str, Picture] = {}
        if columns:
            found["figure2.png"] = lambda file: draw_curves(columns, file)
        if self._decisions:
            found["figure3.png"] = lambda file: draw_decisions(self._decisions, file)
        return found

    def _summarize(self) -> None:
        if any(lockstep.differences for lockstep in self.locksteps):
            self.has_measured = True
            self.update_record(lockstep=[lockstep_report.as_data(one) for one in self.locksteps])
        if self.comparisons:
            self.update_record(comparisons=[report.as_data(one) for one in self.comparisons])
            write_whole(self.path / "table.md", report.markdown(self.comparisons))


def _points(split: Split) -> torch.Tensor:
    """The points that it is judged by in the data's own numbers."""
    assert split.pipeline
    return split.pipeline.to_numbers(split.judged.inputs)


def _curves(comparison: Comparison) -> list[Curves]:
    """The curves of each side, without the runs that diverged."""
    histories = {
        side: [run.history for run in runs if not run.problem]
        for side, runs in comparison.sides.items()
    }
    return [Curves(side, runs) for side, runs in histories.items() if runs]


def predicted_by(evaluate: Callable[[Tensor], Tensor], loss: Loss) -> Callable[[Tensor], Tensor]:
    """What is predicted by the outputs that ``evaluate`` gives."""
    return lambda inputs: loss.prediction(evaluate(inputs))
