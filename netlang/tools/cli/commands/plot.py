"""``netlang plot`` draws the learning curves of several runs together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from netlang.language.diagnostics.wording import listed
from netlang.runs.folders.kept_run import KeptRun, Metrics, NotARun, differing
from netlang.runs.plots import FORMS, Curves, draw_curves
from netlang.system.packages import Unusable
from netlang.system.terminal import visible
from netlang.tools.cli.named.kept_runs import runs_named
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.printing import visible_path


@click.command("plot")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="curves.png",
    show_default=True,
    help="Draw into this file, which ends in .png, .svg or .pdf.",
)
@click.option(
    "--metric",
    "wanted",
    multiple=True,
    help="Draw this metric alone, such as test.accuracy, or loss on all parts. Repeatable.",
)
def command(runs: tuple[str, ...], output: Path, wanted: tuple[str, ...]) -> None:
    """Draw the learning curves of several RUNs in one picture.

    A RUN is a run's folder, and a folder that holds runs stands for all of them. The legend has the
    settings in which the runs differ. Without --metric, one run shows all that was measured, and
    several show what was measured on the test data.

    \b
    Example:
        netlang plot runs/model2-* --metric test.accuracy -o accuracy.svg
    """
    if output.suffix.lower() not in FORMS:
        raise click.UsageError(f"-o names a file that ends in one of {', '.join(FORMS)}.")
    histories = _histories(runs_named(runs))
    if not histories:
        raise click.ClickException("none of these runs has an epoch that is done")
    paths = _paths(histories, wanted)
    drawn = {run: filled for run, history in histories if any(filled := _filled(history, paths))}
    for run, _ in histories:
        if run not in drawn:
            click.echo(f"{_name(run)} is left out: it has none of these metrics", err=True)
    kept = [*drawn]
    best = kept[0].best if len(kept) == 1 else None  # of several, nobody could tell which is whose
    labels = zip(_labels(kept), drawn.values(), strict=True)
    curves = [Curves(label, [history], best) for label, history in labels]
    with writing(output):
        try:
            draw_curves([(_title(kept), curves)], output)
        except Unusable as reason:
            raise click.ClickException(visible(f"{reason}: {reason.help}")) from None
    click.echo(f"wrote {visible_path(str(output))}")


def _histories(runs: Sequence[KeptRun]) -> list[tuple[KeptRun, list[Metrics]]]:
    """Each run once with its history. Those without one are named on standard error.

    Raises click.ClickException.
    """
    found = []
    for run in {run.folder.resolve(): run for run in runs}.values():
        try:
            history = run.history()
        except NotARun as reason:
            raise click.ClickException(f"{_name(run)} cannot be drawn: {reason}") from None
        if history:
            found.append((run, history))
        else:
            click.echo(f"{_name(run)} is left out: none of its epochs is done", err=True)
    return found


def _paths(
    histories: Sequence[tuple[KeptRun, list[Metrics]]], wanted: Sequence[str]
) -> Mapping[str, None]:
    """The paths of the metrics to draw.  Raises click.UsageError for one that no run has."""
    every = dict.fromkeys(path for _, history in histories for epoch in history for path in epoch)
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
