"""The best file of a study is trained once: its test data are not looked at a second time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from netlang.compiler.ir import Program
from netlang.runs.folders.kept_run import KeptRun, NotARun, kept_run
from netlang.runs.lines.display import measures
from netlang.system.terminal import visible
from netlang.tools.cli.output.json_answers import print_json


def trained_before(study: Path, program: Program) -> KeptRun | None:
    """The finished run of ``program`` that the folder ``study`` keeps; None if there is none."""
    for folder in sorted(study.glob("best*")):
        with suppress(NotARun, OSError, ValueError):
            run = kept_run(folder)
            text = (folder / str(run.record["kept"])).read_text(encoding="utf-8")
            overrides = [*program.overrides] == run.record["overrides"]
            if run.status == "finished" and overrides and text == program.source.text:
                return run
    return None


def say_trained(run: KeptRun, as_data: bool) -> int:
    """Say what came of the ``run``, and give its exit status."""
    result = run.record.get("result") or {}
    if as_data:
        print_json(result)
    else:
        click.echo("trained already, with the test data:")
        click.echo(f"{measures(run.judged)}\nkept in {visible(str(run.folder))}")
    return 0 if all(one.get("met") for one in result.get("expectations", ())) else 1
