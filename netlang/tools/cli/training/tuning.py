"""A study on the command line: a line for each trial, and what came of all of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from netlang.compiler.ir import Program, compare
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import AllFailed
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import counted
from netlang.language.metric_path import MetricPath
from netlang.language.source import SourceFile
from netlang.runs.folders.run_folder import new_run_folder
from netlang.runs.lines.display import Display, ResultAlone, number
from netlang.runs.plots import check as check_pictures
from netlang.runs.training.training import Training
from netlang.runs.tuning.study import Study
from netlang.runs.tuning.study_folder import StudyFolder
from netlang.runs.tuning.trials import Trial
from netlang.runs.tuning.tuned_file import with_values
from netlang.system.files import write_whole
from netlang.system.packages import Unusable
from netlang.system.terminal import visible
from netlang.tools.cli.output.difference import show_texts_difference
from netlang.tools.cli.output.json_answers import print_event
from netlang.tools.cli.output.json_lines import JsonLines
from netlang.tools.cli.output.printing import visible_path
from netlang.tools.cli.training.keeping import Keeping, kept
from netlang.tools.cli.training.trained_before import say_trained, trained_before

MARK = "# Tuned by netlang: "
_OF_DATA = re.compile(r"\s*data\s*[.=\[]")


class OfTrials:
    """Shows a line for each trial of ``program``, or with ``as_data`` an object; nothing of them if
    it is ``quiet``.
    """

    def __init__(
        self, program: Program, metric: MetricPath, trials: int, as_data: bool, quiet: bool = False
    ) -> None:
        self.program, self.metric, self.trials, self.as_data = program, metric, trials, as_data
        self.quiet = quiet
        self.count = 0  # of trials that this process made

    def show(self, trial: Trial, study: Study) -> None:
        self.count += 1
        if self.quiet:
            return
        if self.as_data:
            print_event({"event": "trial", **trial.as_data()})
            return
        best = study.best
        is_best = best is not None and best.number == trial.number
        click.echo(visible(self._line(trial) + "  best so far" * is_best))

    def leave_to_others(self) -> None:
        if not self.as_data:
            click.echo("another process still works at it, and says what came of it")

    def _line(self, trial: Trial) -> str:
        at = f"trial {trial.number}/{self.trials}"
        values = " ".join(f"{path}={text}" for path, text in trial.values.items())
        match trial.state:
            case "failed":
                came = f"failed: {trial.reason}"
            case "pruned":
                came = f"ended early, after {trial.epochs} of {self.program.epochs} epochs"
            case _:
                came = f"{self.metric} {number(trial.value or 0.0)}"
        return f"{at}  {came}  {values}"


def output_of(source: SourceFile, asked: Path | None, study: str) -> Path:
    """The file that the tuned text is written to: none that something else stands in, and of a
    ``study`` that is not called like its file, one of its own.
    """
    path = asked
    if path is None:
        own = Path(source.name)
        name = own.stem if study == own.stem else f"{own.stem}-{study}"
        path = own.with_name(f"{name}-tuned.net")
    if path.suffix.lower() != ".net":
        raise click.UsageError("-o names a file that ends in .net.")
    if not os.access(path.parent, os.W_OK):
        raise click.UsageError(
            f"{visible_path(str(path))} cannot be written there: name another with -o"
        )
    if path.exists() and not _is_ours(path):
        raise click.ClickException(
            f"{visible_path(str(path))} is there already, and no tuned file: move it away, or name "
            "another one, as by `-o other.net`; a study that was begun goes on"
        )
    there = SourceFile(str(path), source.text, path, source.allowed)
    if path.parent != Path(source.name).parent and not compile_source(there).ok:
        raise click.UsageError(
            f"{visible_path(str(path))} would not find what {visible_path(source.name)} names: "
            "name a file in its folder with -o"
        )
    return path


def _is_ours(path: Path) -> bool:
    return _head(path).startswith(MARK)


def _head(path: Path) -> str:
    """The first line of a file; of none that can be read, an empty one."""
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, ValueError):
        return ""


def _wrote(path: Path, before: str, now: str) -> str:
    """That the file is written, and in the place of what other one, by the ``MARK`` of both."""
    wrote = f"wrote {visible_path(str(path))}"
    if not before or before == now:
        return wrote
    return f"{wrote}, in the place of one with {visible(before.removeprefix(MARK))}"


def conclude(
    folder: StudyFolder,
    study: Study,
    source: SourceFile,
    fixed: Sequence[str],
    output: Path,
    backend: str,
    shown: OfTrials,
    how: Keeping,
) -> NoReturn:
    """Say what came of the study, write the tuned file, train it once more, kept as
    ``how`` says, and end the command.

    The tuned file has its own data: samples that only the command line set aside train it, too.

    Raises NetError where no trial came to its end.
    """
    trials, best = study.trials, study.best
    folder.write_table(trials)
    if best is None:
        reasons = [one.reason for one in trials if one.reason]
        raise NetError(
            AllFailed(None, str(folder.path), len(trials), (reasons or ["it ended early"])[0])
        )
    if how.is_drawn:
        _draw(folder, study)
    fixed = [one for one in fixed if not _OF_DATA.match(one)]  # what is set aside is back
    overrides = (*fixed, *(f"{path}={text}" for path, text in best.values.items()))
    program = compile_source(source, overrides, to_run=True).require()
    tuned = _tuned(source, program, {**_pairs(fixed), **best.values})
    if shown.as_data:
        print_event(_as_data(trials, best, folder, output if tuned else None, shown.trials))
    else:
        _say(trials, best, folder, shown)
    if tuned:
        text = f"{MARK}{shown.metric} {number(best.value or 0.0)} in {folder.path}\n{tuned}"
        if not (shown.as_data or shown.quiet):
            show_texts_difference((source.name, source.text), (str(output), tuned))
        before = _head(output)
        write_whole(output, text)
        program = compile_source(
            SourceFile(str(output), text, output, source.allowed), to_run=True
        ).require()
        if not shown.as_data:
            click.echo(_wrote(output, before, text.partition("\n")[0]))
    elif not shown.as_data:
        options = " ".join(f"--set {shell_word(one)}" for one in overrides)
        click.echo(visible(f"run it: netlang run {shell_word(source.name)} {options}"))
    if run := trained_before(folder.path, program):
        if not (shown.count or shown.as_data) and len(trials) >= shown.trials:
            has = f"this study has its {counted(len(trials), 'trial')}"
            click.echo(f"{has}: `--trials {2 * len(trials)}` makes {len(trials)} more")
        raise click.exceptions.Exit(say_trained(run, shown.as_data))
    if not shown.as_data:
        click.echo("trained once more, with the test data:")
    display: Display = JsonLines(quiet=True) if shown.as_data else ResultAlone()
    last = new_run_folder(folder.path, program, backend, name="best")
    kept(last, lambda: Training(program, backend), display, how)


def _pairs(fixed: Sequence[str]) -> dict[str, str]:
    """The overrides that fix values, by path."""
    parts = (one.partition("=") for one in fixed)
    return {path.strip(): text.strip() for path, _, text in parts}


def _tuned(source: SourceFile, program: Program, values: dict[str, str]) -> str | None:
    """The text of ``source`` with the values, if it says the same as ``program``."""
    text = with_values(source, values)
    if text is None:
        return None
    made = compile_source(source.with_text(text), to_run=True).program
    return text if made and not compare(made, program) else None


def _draw(folder: StudyFolder, study: Study) -> None:
    try:
        check_pictures()
        for name, picture in folder.pictures(study).items():
            picture(folder.path / name)
    except Unusable as reason:
        click.echo(visible(f"no pictures are drawn, as {reason}: {reason.help}"), err=True)


def _say(trials: Sequence[Trial], best: Trial, folder: StudyFolder, shown: OfTrials) -> None:
    metric, asked = shown.metric, shown.trials
    counts = Counter(one.state for one in trials)
    words = {"done": "done", "pruned": "ended early", "failed": "failed"}
    parts = [f"{counts[state]} {word}" for state, word in words.items() if counts[state]]
    if shown.count and not shown.quiet:
        click.echo()
    made = counted(len(trials), "trial")
    click.echo(f"{made}: {', '.join(parts)}; kept in {visible(str(folder.path))}")
    if len(trials) < asked:
        click.echo(f"{asked} were asked for, and nothing else is left to try")
    click.echo(f"the best is trial {best.number}: {metric} {number(best.value or 0.0)}")


def _as_data(
    trials: Sequence[Trial], best: Trial, folder: StudyFolder, output: Path | None, asked: int
) -> dict[str, object]:
    counts = Counter(one.state for one in trials)
    return {
        "event": "study",
        "trials": dict(counts),
        "asked": asked,
        "best": best.as_data(),
        "folder": str(folder.path),
        "file": str(output) if output else None,
    }
