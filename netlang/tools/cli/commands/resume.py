"""``netlang resume`` goes on with a run in its folder."""

from __future__ import annotations

import click

from netlang.language.diagnostics.wording import counted
from netlang.runs.folders.kept_run import KeptRun
from netlang.runs.folders.resumption import StoppedRun, check_is_one_run, reopened
from netlang.tools.cli.named.kept_runs import run_named
from netlang.tools.cli.named.sources import compiled, reported, set_option
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import events_option, print_json
from netlang.tools.cli.output.printing import visible_path
from netlang.tools.cli.training.keeping import (
    checkpoint_option,
    display_of,
    kept,
    plots_option,
    quiet_option,
)


@click.command("resume")
@click.argument("run")
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Train up to so many epochs, those done included."
)
@set_option
@plots_option
@checkpoint_option
@quiet_option
@events_option
def command(
    run: str,
    epochs: int | None,
    overrides: tuple[str, ...],
    no_plots: bool,
    minutes: float,
    quiet: bool,
    as_data: bool,
) -> None:
    """Go on with a run that was broken off, or give it more epochs.

    RUN is the folder of a run, or its name in `runs`. The run goes on there from its last
    checkpoint, in the middle of an epoch, too, and ends with the same bits as a run that never
    stopped: the program, its data and the backend have to be the same. Its epochs may be more, and
    numbers of its optimizer others (--set optimizer.lr=1e-4).

    \b
    Example:
        netlang resume runs/model2-20261124-101530 --epochs 200
    """
    found = run_named(run)
    with reported(), writing(found.folder):
        check_is_one_run(found)
    changes = overrides if epochs is None else (*overrides, f"epochs={epochs}")
    if found.status == "finished" and not changes:
        _say_finished(found, as_data)
        return
    with reported(), writing(found.folder), StoppedRun(found) as stopped:
        program = compiled(stopped.source(), stopped.overrides(changes), trained_by="auto")
        training = stopped.training(program)
        display = display_of(program.source.name, as_data, quiet)
        folder = reopened(stopped, program, changes)
        if not (as_data or quiet):
            click.echo(_where(stopped, program.epochs), err=True)
        kept(folder, lambda: training, display, not no_plots, minutes, folder.is_watched)


def _say_finished(run: KeptRun, as_data: bool) -> None:
    if as_data:
        print_json(run.record.get("result"))
        return
    folder = visible_path(str(run.folder))
    done = f"{folder} is finished, after {counted(run.epoch, 'epoch')}"
    click.echo(f"{done}: `netlang resume {folder} --epochs {2 * run.epoch}` trains on")


def _where(stopped: StoppedRun, epochs: int) -> str:
    folder, start = visible_path(str(stopped.folder)), stopped.checkpoint
    if start is None:
        return f"{folder} begins anew, as it has no checkpoint"
    if start.epoch > epochs:
        return f"{folder} goes on at its end, after {counted(epochs, 'epoch')}"
    return f"{folder} goes on in epoch {start.epoch} of {epochs}"
