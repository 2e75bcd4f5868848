"""``netlang plot`` draws the learning curves of several runs together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from netlang.catalogue.optimizers import SeveralOptimizers
from netlang.language.diagnostics.wording import listed
from netlang.runs.folders.kept_run import (
    KeptRun,
    Metrics,
    NotARun,
    differing,
    is_better_higher,
)
from netlang.runs.plots import FORMS, Curves, draw_curves, draw_schedule
from netlang.system.packages import Unusable
from netlang.system.terminal import visible
from netlang.tools.cli.named.kept_runs import runs_below, runs_named
from netlang.tools.cli.named.sources import NetFile
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.printing import visible_path

_CURVES = Path("curves.png")
History = list[Metrics]  # the metrics of each epoch, by path


@click.command("plot")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=_CURVES,
    show_default=True,
    help="Draw into this file, which ends in .png, .svg or .pdf.",
)
@click.option(
    "--metric",
    "wanted",
    multiple=True,
    help="Draw this metric alone, such as test.accuracy, or loss on all parts. Repeatable.",
)
@click.option("--log", is_flag=True, help="Draw losses and errors on a logarithmic scale.")
@click.option(
    "--schedule", is_flag=True, help="Draw the learning rate of each step of a file, RUN, instead."
)
def command(
    runs: tuple[str, ...], output: Path, wanted: tuple[str, ...], log: bool, schedule: bool
) -> None:
    """Draw the learning curves of several RUNs in one picture.

    A RUN is a run's folder, and a folder that holds runs stands for all of them. A run in folds
    or of several seeds among others is drawn as their mean, with a band of a deviation; alone, it
    shows each. The legend has the settings in which the runs differ. Without --metric, one run
    shows all that was measured, and several show what was measured on the test data.

    \b
    Example:
        netlang plot runs/model2-* --metric test.accuracy -o accuracy.svg
        netlang plot models/exercises/schedules.net --schedule -o schedule.png
    """
    if output.suffix.lower() not in FORMS:
        raise click.UsageError(f"-o names a file that ends in one of {', '.join(FORMS)}.")
    if schedule:
        _draw_schedule(runs, Path("schedule.png") if output == _CURVES else output)
        return
    histories = _histories(runs_named(runs))
    if not histories:
        raise click.ClickException("none of these runs has an epoch that is done")
    paths = _paths(histories, wanted)
    filled = {run: [_filled(one, paths) for one in folds] for run, folds in histories}
    drawn = {run: folds for run, folds in filled.items() if any(map(any, folds))}
    for run, _ in histories:
        if run not in drawn:
            click.echo(f"{_name(run)} is left out: it has none of these metrics", err=True)
    _say_lacking(drawn, paths)
    kept = [*drawn]
    best = kept[0].best if len(kept) == 1 else None  # of several, nobody could tell which is whose
    labels = zip(_labels(kept), drawn.values(), strict=True)
    curves = [Curves(label, folds, best) for label, folds in labels]
    metrics = {path.partition(".")[2] for path in paths if not is_better_higher(path)}
    with writing(output):
        try:
            draw_curves([(_title(kept), curves)], output, metrics if log else ())
        except Unusable as reason:
            raise click.ClickException(visible(f"{reason}: {reason.help}")) from None
    click.echo(f"wrote {visible_path(str(output))}")


def _draw_schedule(files: Sequence[str], output: Path) -> None:
    """Draw the learning rate of each step of a file.  Raises click.ClickException."""
    if len(files) != 1:
        raise click.UsageError("--schedule draws one file.")
    (file,) = map(NetFile, files)
    program = file.program()
    rates, optimizer = program.rates, program.optimizer
    if rates is None or optimizer is None:
        lacks = "optimizer" if rates else "schedule"
        help = "such as `schedule = Warmup(500) -> Cosine`" if not rates else "such as `Adam(1e-3)`"
        raise click.ClickException(f"{visible_path(file.name)} names no {lacks}, {help}")
    if rates.plateau:
        help = "it depends on what is measured; the history of a run has it as `lr`"
        raise click.ClickException(f"nobody knows what a Plateau will do: {help}")

    def rate(step: int) -> float:
        return next(iter(optimizer.scaled(rates.factor(step)).values()))

    steps = program.epochs * program.steps_of_epoch
    first = optimizer.optimizers[0] if isinstance(optimizer, SeveralOptimizers) else optimizer
    whose = f" of {first.name}" if first is not optimizer else ""
    title = f"{Path(file.name).name}: learning rate{whose}"
    with writing(output):
        try:
            draw_schedule(title, rate, steps, program.steps_of_epoch, output)
        except Unusable as reason:
            raise click.ClickException(visible(f"{reason}: {reason.help}")) from None
    click.echo(f"wrote {visible_path(str(output))}")


def _histories(runs: Sequence[KeptRun]) -> list[tuple[KeptRun, list[History]]]:
    """Each run once with its history, or with those of its folds, as far as all of them have come.
    Those without one are named on standard error.

    Raises click.ClickException.
    """
    found = []
    for run in {run.folder.resolve(): run for run in runs}.values():
        folds = runs_below(run.folder) if run.members else [run]
        try:
            histories = [*filter(None, (fold.history() for fold in folds))]
        except NotARun as reason:
            raise click.ClickException(f"{_name(run)} cannot be drawn: {reason}") from None
        if histories:
            epochs = min(map(len, histories))
            found.append((run, [one[:epochs] for one in histories]))
        else:
            click.echo(f"{_name(run)} is left out: none of its epochs is done", err=True)
    return found


def _paths(
    histories: Sequence[tuple[KeptRun, list[History]]], wanted: Sequence[str]
) -> Mapping[str, None]:
    """The paths of the metrics to draw.  Raises click.UsageError for one that no run has."""
    every = dict.fromkeys(
        path for _, folds in histories for history in folds for epoch in history for path in epoch
    )
    if not wanted and len(histories) == 1:
        return every
    if not wanted:
        return dict.fromkeys(path for run, _ in histories for path in run.judged)
    found: dict[str, None] = {}
    for name in wanted:
        meant = [path for path in every if name in (path, path.partition(".")[2])]
        if not meant:
            there = listed([*every], 12)
            raise click.UsageError(f"none of these runs has {name!r}; there are {there}")
        found |= dict.fromkeys(meant)
    return found


def _say_lacking(drawn: Mapping[KeptRun, list[History]], paths: Iterable[str]) -> None:
    """Say on standard error which of the metrics not all runs that are drawn have."""
    having = [
        {path for fold in folds for epoch in fold for path in epoch} for folds in drawn.values()
    ]
    if lacking := [path for path in paths if not all(path in one for one in having)]:
        click.echo(f"not all of these runs have {listed(lacking, 12)}", err=True)


def _filled(history: Sequence[Metrics], paths: Iterable[str]) -> list[Metrics]:
    """The metrics at those ``paths`` that were measured, NaN in epochs in which they were not."""
    measured = [path for path in paths if any(path in epoch for epoch in history)]
    return [{path: epoch.get(path, math.nan) for path in measured} for epoch in history]


def _labels(runs: Sequence[KeptRun]) -> list[str]:
    """What the legend calls each run: its settings that not all have alike, or if some have the
    same, the name of its folder.
    """
    if len(runs) == 1:
        return [""]
    texts = [
        ", ".join(value if name == "file" else f"{name}={value}" for name, value in one.items())
        for one in differing(runs)
    ]
    if len({*texts}) == len(runs):
        return [text or "as written" for text in texts]
    return [run.folder.name for run in runs]


def _name(run: KeptRun) -> str:
    return visible_path(str(run.folder))


def _title(runs: Sequence[KeptRun]) -> str:
    files = {run.file for run in runs}
    return files.pop() if len(files) == 1 else ""
