"""``netlang test`` runs every file that expects something, and prints a line for each."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic, DiagnosticError
from netlang.language.diagnostics.rendering.json import as_json
from netlang.runs.events import Finished, Outcome
from netlang.runs.training import Training
from netlang.system.record import Record
from netlang.tools.cli.answers import events_option, print_event
from netlang.tools.cli.printing import show, shown
from netlang.tools.cli.sources import NetFile, takes_files


class Report(Record):
    """The outcomes of one file with its warnings, or what is wrong with it and no outcomes."""

    file: str
    outcomes: tuple[Outcome, ...]
    diagnostics: tuple[Diagnostic, ...]
    seconds: float

    @property
    def verdict(self) -> str:
        if not self.outcomes:
            return "error"
        return "ok" if all(outcome.met for outcome in self.outcomes) else "missed"


@click.command("test")
@takes_files
@events_option
def command(files: list[NetFile], as_data: bool) -> None:
    """Run FILEs that have an `expect`, and say whether it is met.

    Each file gets a line. A folder stands for all .net files below it. The exit status is 1 if an
    expectation is missed, a file has an error, or no file expects anything.

    \b
    Example:
        netlang test models/
    """
    reports = []
    width = max(len(shown(file.name)) for file in files)
    for file in files:
        report = _report(file)
        if report is None:
            continue
        reports.append(report)
        if as_data:
            print_event(_as_data(report))
        else:
            click.echo(_line(report, width))
            show(report.diagnostics)
    if not reports:
        raise click.ClickException("none of these files has an `expect`")
    raise click.exceptions.Exit(0 if all(report.verdict == "ok" for report in reports) else 1)


def _report(file: NetFile) -> Report | None:
    """None for a file that expects nothing."""
    began = time.perf_counter()
    try:
        source = file.read()
        compilation = compile_source(source, file.overrides, blocks_ok=True)
        if compilation.program is None:
            if compilation.ok:
                return None
            raise DiagnosticError(*compilation.diagnostics)
        if not compilation.program.expectations:
            return None
        compilation = compile_source(source, file.overrides, to_run=True)
        training = Training(compilation.require())
        finished = [event for event in training.events() if isinstance(event, Finished)]
    except DiagnosticError as error:
        return Report(file.name, (), error.diagnostics, 0.0)
    seconds = time.perf_counter() - began
    return Report(file.name, finished[-1].outcomes, compilation.diagnostics, seconds)


def _line(report: Report, width: int) -> str:
    verdict = f"{report.verdict:6}  {shown(report.file):{width}}"
    if not report.outcomes:
        return verdict.rstrip()
    return f"{verdict}  {'; '.join(_texts(report))}  ({report.seconds:.2g} s)"


def _texts(report: Report) -> Iterator[str]:
    """Each expectation with the value that came: ``test.accuracy 0.979 > 0.95``."""
    for outcome in report.outcomes:
        expected = outcome.expectation
        missed = "" if outcome.met else " MISSED"
        text = expected.text.removeprefix(f"expect {expected.metric} ")
        yield f"{expected.metric} {outcome.value:.6g} {text}{missed}"


def _as_data(report: Report) -> dict[str, object]:
    return {
        "event": "file",
        "file": report.file,
        "verdict": report.verdict,
        "seconds": report.seconds,
        "expectations": [outcome.as_data() for outcome in report.outcomes],
        "diagnostics": [as_json(diagnostic) for diagnostic in report.diagnostics],
    }
