"""A command line names runs that are kept, by their folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from netlang.language.diagnostics.shell import shell_word
from netlang.language.run_record import is_of_a_run
from netlang.runs.folders.kept_run import KeptRun, NotARun, kept_run, runs_in
from netlang.runs.run_names import found_run, latest_run_of, meant_run
from netlang.runs.tuning.kept_study import kept_study
from netlang.tools.cli.output.printing import visible_path


def run_named(text: str) -> KeptRun:
    """The run in the folder ``text``, or in that of this name below ``runs``.

    Raises click.ClickException.
    """
    folder = found_run(text)
    try:
        return kept_run(folder)
    except NotARun as reason:
        meant = None if os.path.lexists(folder) else meant_run(folder, is_of_a_run)
        hint = f"; did you mean {visible_path(str(meant.folder))}{meant.among}?" if meant else ""
        if folder.suffix == ".net" and (run := latest_run_of(folder, is_of_a_run)):
            hint = f"; its latest run is {visible_path(str(run))}"
        why = str(reason)
        if study := kept_study(folder):
            goes_on = (
                f"`netlang tune {shell_word(study.file)}` with the same options goes on with it"
            )
            why = f"it is a study, and {goes_on}"
        message = f"{visible_path(text)} is no run's folder: {why}{hint}"
        raise click.ClickException(message) from None


def runs_named(texts: Sequence[str]) -> list[KeptRun]:
    """The runs in the folders ``texts``; one that holds runs stands for all of them. Of several,
    folders that are of no run are named on standard error: a shell may have written them there.

    Raises click.ClickException.
    """
    found: list[KeptRun] = []
    for text in texts:
        if below := runs_below(Path(text)) if os.path.isdir(text) else []:
            found += below
            continue
        try:
            found.append(run_named(text))
        except click.ClickException as error:
            if len(texts) == 1 or not os.path.lexists(text):
                raise
            click.echo(f"left out: {error.message}", err=True)
    return found


def runs_below(root: Path) -> list[KeptRun]:
    """All runs in ``root``, the newest last. It says on standard error which folders it leaves out.

    Raises click.ClickException.
    """
    try:
        runs, others = runs_in(root)
    except OSError as error:
        reason = error.strerror or error
        raise click.ClickException(f"cannot read {visible_path(str(root))}: {reason}") from None
    for folder, reason in others.items():
        click.echo(f"{visible_path(str(folder))} is left out: {reason}", err=True)
    return runs
