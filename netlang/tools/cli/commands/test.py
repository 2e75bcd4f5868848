"""``netlang test`` runs every file that expects something, and prints a line for each."""

from __future__ import annotations

import time

import click

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.rendering.json import as_json
from netlang.runs.lines.display import came
from netlang.runs.training.events import Outcome
from netlang.runs.training.series import folds_of, outcomes_of
from netlang.system.record import Record
from netlang.tools.cli.named.sources import NetFile, takes_files
from netlang.tools.cli.output.json_answers import events_option, print_event
from netlang.tools.cli.output.printing import show_diagnostics, visible_path


class _TestedFile(Record):
    """The outcomes of one file with its warnings, or what is wrong with it and no outcomes; those
    of several ``folds`` are of their means.
    """

    file: str
    outcomes: tuple[Outcome, ...]
    diagnostics: tuple[Diagnostic, ...]
    seconds: float
    folds: int = 0

    @property
    def verdict(self) -> str:
        if not self.outcomes:
            return "error"
        return "ok" if all(outcome.met for outcome in self.outcomes) else "missed"

    def line(self, width: int) -> str:
        """What is shown of it, with its name in ``width`` columns."""
        verdict = f"{self.verdict:6}  {visible_path(self.file):{width}}"
        if not self.outcomes:
            return verdict.rstrip()
        mean = f"mean of {self.folds} folds, " * bool(self.folds)
        return f"{verdict}  {'; '.join(map(_text, self.outcomes))}  ({mean}{self.seconds:.2g} s)"

    def as_data(self) -> dict[str, object]:
        return {
            "event": "file",
            "file": self.file,
            "verdict": self.verdict,
            "seconds": self.seconds,
            **({"folds": self.folds} if self.folds else {}),
            "expectations": [outcome.as_data() for outcome in self.outcomes],
            "diagnostics": [as_json(diagnostic) for diagnostic in self.diagnostics],
        }


def _text(outcome: Outcome) -> str:
    """An expectation with the value that came: ``test.accuracy 0.9790 > 0.95``."""
    expected = outcome.expectation
    missed = "" if outcome.met else " MISSED"
    text = expected.text.removeprefix(f"expect {expected.metric} ")
    return f"{expected.metric} {came(outcome)} {text}{missed}"


@click.command("test")
@takes_files
@events_option
def command(files: list[NetFile], as_data: bool) -> None:
    """Run FILEs that have an `expect`, and say whether it is met.

    Each file gets a line. A folder stands for all .net files below it. A table with `folds` is
    trained once for each, and the mean of them is what counts. The exit status is 1 if an
    expectation is missed, a file has an error, or no file expects anything.

    \b
    Example:
        netlang test models/
    """
    found: list[_TestedFile] = []
    width = max(len(visible_path(file.name)) for file in files)
    for file in files:
        tested = _tested(file)
        if tested is None:
            continue
        found.append(tested)
        if as_data:
            print_event(tested.as_data())
        else:
            click.echo(tested.line(width))
            show_diagnostics(tested.diagnostics)
    if not found:
        raise click.ClickException("none of these files has an `expect`")
    raise click.exceptions.Exit(0 if all(tested.verdict == "ok" for tested in found) else 1)


def _tested(file: NetFile) -> _TestedFile | None:
    """None for a file that expects nothing."""
    began = time.perf_counter()
    try:
        source = file.read()
        compilation = compile_source(source, file.overrides, blocks_ok=True)
        if compilation.ok:
            if not (compilation.program and compilation.program.expectations):
                return None
            compilation = compile_source(source, file.overrides, to_run=True)
        program = compilation.require()
        outcomes = outcomes_of(program)
    except NetError as error:
        return _TestedFile(file.name, (), error.diagnostics, 0.0)
    seconds = time.perf_counter() - began
    found = compilation.diagnostics
    return _TestedFile(file.name, outcomes, found, seconds, folds_of(program))
