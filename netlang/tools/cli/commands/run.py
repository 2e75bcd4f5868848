"""``netlang run`` trains a file, shows how it goes, and keeps the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

import click

from netlang.compiler.ir import Program
from netlang.engine.shared import Workers
from netlang.language.syntax import ByOption
from netlang.runs.folders.run_folder import RunFolder, TrialFolder, new_run_folder
from netlang.runs.folders.series_folder import new_series_folder
from netlang.runs.tracking.tracking import missing
from netlang.runs.training.few_samples import fast_program
from netlang.runs.training.series import Series, folds_of
from netlang.runs.training.training import Training
from netlang.system.terminal import visible
from netlang.tools.cli.named.numbers import seeds_option
from netlang.tools.cli.named.sources import NetFile, takes_files
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import events_option
from netlang.tools.cli.training.backend import backend_option
from netlang.tools.cli.training.files import OfFiles, programs_of, train_files
from netlang.tools.cli.training.folders import folder_option, is_on_command_line
from netlang.tools.cli.training.keeping import (
    Keeping,
    checkpoint_option,
    display_of,
    kept,
    plots_option,
    quiet_option,
    track_option,
)
from netlang.tools.cli.training.overfitting import try_to_overfit
from netlang.tools.cli.training.series import display_of_series, train_series
from netlang.tools.cli.training.side_by_side import jobs_option
from netlang.tools.cli.training.workers import Team, shared_by_workers

_ELSEWHERE = "; -o names another folder, --no-folder does without"
_ONE_OF_BOTH = (
    "give one fold of all seeds by --set data.folds=5 --set data.fold=1, or one seed of all folds "
    "by --set seed=1"
)


@click.command("run")
@takes_files
@backend_option
@folder_option
@click.option("--no-folder", is_flag=True, help="Keep nothing of the run.")
@plots_option
@checkpoint_option
@click.option("--watch", is_flag=True, help="Keep how large gradients are, by layer and epoch.")
@track_option
@quiet_option
@click.option(
    "--overfit",
    type=click.IntRange(min=2),
    metavar="N",
    help="Only try: can it learn N of the training samples?",
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    metavar="N",
    help="Train N times, each time with another part of a table to test on.",
)
@seeds_option
@jobs_option
@click.option("--fast", is_flag=True, help="Only try: three steps of everything.")
@events_option
@shared_by_workers
def command(
    files: list[NetFile],
    backend: str,
    root: Path,
    no_folder: bool,
    no_plots: bool,
    minutes: float,
    watch: bool,
    tracked: tuple[str, ...],
    quiet: bool,
    overfit: int | None,
    folds: int | None,
    seeds: tuple[int, ...],
    jobs: int | None,
    fast: bool,
    as_data: bool,
    team: Team | None,
    launch: Callable[[], NoReturn] | None,
) -> None:
    """Train FILEs, and measure each on its test data.

    A new folder in `runs` keeps the file as it was run, the metrics of each epoch, the result, the
    trained network (model.safetensors) and pictures: the learning curves; for classes, which are
    taken for which; for numbers, what is predicted against what is true; and for a network with two
    inputs what it decides where.

    A checkpoint is saved after each epoch, but at most once a second, and when a signal such as
    Ctrl-C ends the run: `netlang resume` goes on from it.

    With --watch, history.jsonl has the norms of each layer's gradient, weight and update after each
    epoch, and gradients.png shows them. The training is the same, bit for bit.

    Two ways to try a file before it is trained: --overfit 32 trains on 32 samples alone, of all
    classes, without dropout, and says whether they are learned: where not, something is wrong. It
    ends when they are, whatever `epochs` says, and otherwise after the steps of the whole training,
    but 2,000 at least. --fast takes three steps, measures three batches of each part, draws the
    pictures and writes the network. Its numbers mean nothing, and nothing is kept.

    --folds 5, or `folds=5` in the table's arguments, deals the rows into five parts and trains five
    times, each time with another part to test on. The result is each metric's mean and deviation,
    and each fold has a folder of its own within that of the run.

    --seeds 0..9 trains once for each seed, and each has a folder within that of the run, too. The
    result is each metric's mean, its deviation and, where scipy is installed, an interval that has
    the mean of all seeds with 95 % confidence. What the file expects is held against the means. A
    seed that diverges is told and left out of them, and the exit status is 1.

    Several FILEs have a run each, and stand in a table at the end. What is wrong with any of them
    is told before the first is trained.

    Trainings of one command go on side by side, as many at a time as --jobs says, or as there are
    processors and as memory has room for; short ones one after the other. Each takes one thread,
    and its numbers are the same whatever --jobs is.

    --workers 4 shares each step among four processes: each finds the gradients of a part of the
    batch. Any number of them gives the same bits; --reduce fast gives that up for a little time.
    `torchrun --nnodes 2 --nproc-per-node 4 ... -m netlang run FILE` does the same on two machines,
    which both need the file and its data. Worker 0 shows and keeps the run. Where one ends before
    the others, these end, too, and `netlang resume` goes on with any number.

    With --json, each event is an object on a line of its own. The last one is `result`, or, where
    there is none, `diagnostics`, `error` or `interrupted`. The exit status is 1 if the file has an
    error, training diverges, an `expect` is missed, or --overfit learns too little.

    --track tensorboard writes what TensorBoard reads into the run's folder (`tensorboard --logdir
    runs`), and --track mlflow tells MLflow of it (`mlflow ui`), in mlflow.db and mlruns here, or
    where MLFLOW_TRACKING_URI says. `netlang resume` goes on with both. The folder keeps all that it
    keeps without them.

    \b
    Example:
        netlang run models/model2.net --set epochs=50 --set optimizer.lr=3e-3
    """
    _check(overfit, fast, watch, no_folder, as_data)
    _check_seeds(seeds, folds, bool(overfit or fast), files[0].overrides)
    if len(seeds) == 1 and seeds[0] > 1 and not as_data:
        count = seeds[0]
        click.echo(
            f"--seeds {count} is seed {count} alone: {count} of them are 0..{count - 1}", err=True
        )
    _check_tracked(tracked, no_folder or fast or bool(overfit))
    if folds:
        dealt = ByOption("--folds", f"data.folds={folds}")
        files = [file.replace(overrides=(*file.overrides, dealt)) for file in files]
    if len(files) > 1 and (overfit or fast):
        raise click.UsageError("--overfit and --fast try one FILE at a time")
    if team or launch:
        _check_shared(files, bool(seeds or jobs), bool(overfit or fast))
    if launch and files[0].compiles():  # else the mistake is told without them
        launch()
    programs = programs_of(files, backend)
    if seeds and (folded := [visible(one.source.name) for one in programs if folds_of(one)]):
        raise click.UsageError(
            f"{folded[0]} is trained in folds, and --seeds trains on one split: {_ONE_OF_BOTH}"
        )
    how = Keeping(not no_plots, 0 if fast else minutes, watch, tracked)
    if len(programs) > 1:
        into = None if no_folder else root
        train_files(programs, seeds, backend, into, how, OfFiles(quiet, as_data), jobs)
    (program,) = programs
    series = Series(program, seeds)
    if team and series.numbers:
        raise click.UsageError("--workers share one training: it takes no folds")
    if jobs and not series.numbers:
        raise click.UsageError("--jobs is for several trainings: several FILEs, --seeds or --folds")
    if series.numbers and not overfit and not fast:
        of_all = display_of_series(series, quiet, as_data)
        with writing(root, _ELSEWHERE):
            together = None if no_folder else new_series_folder(root, series, backend, watch)
        train_series(series, backend, together, how, of_all, jobs)
    display = display_of(program.source.name, as_data, quiet)
    if overfit:
        try_to_overfit(program, backend, overfit, display, as_data)
    if fast:
        program = _tried(program, quiet, as_data)

    def begin(workers: Workers | None = None) -> Training:
        return Training(program, backend, is_watched=watch, workers=workers)

    if team and team.rank:
        team.assist(team.together(begin))
    with writing(root, _ELSEWHERE):
        kind = TrialFolder if fast else RunFolder
        new = None if no_folder else new_run_folder(root, program, backend, kind, "", watch)
    kept(new, partial(team.together, begin) if team else begin, display, how)


def _check(overfit: int | None, fast: bool, watch: bool, no_folder: bool, as_data: bool) -> None:
    """Raise UsageError for options that contradict each other."""
    if overfit and fast:
        raise click.UsageError("--overfit and --fast are two ways to try a file: take one of them")
    if overfit and (watch or is_on_command_line("root")):
        raise click.UsageError("--overfit keeps nothing: it takes no -o and no --watch")
    if no_folder and is_on_command_line("root"):
        raise click.UsageError("-o names a folder, and --no-folder wants none")
    if no_folder and watch and not as_data:
        raise click.UsageError(
            "--watch keeps its numbers in the folder, and --no-folder wants none"
        )


def _check_shared(files: Sequence[NetFile], has_several: bool, only_tries: bool) -> None:
    """Raise UsageError for what is no single training of a file that all workers can read."""
    if has_several or len(files) > 1:
        raise click.UsageError(
            "--workers share one training; several go on side by side with --jobs, without workers"
        )
    if only_tries:
        raise click.UsageError("--overfit and --fast only try a file: they need no workers")
    if files[0].path == "-":
        raise click.UsageError("each worker reads the file: name one, not `-`")


def _check_seeds(
    seeds: tuple[int, ...], folds: int | None, only_tries: bool, overrides: tuple[str, ...]
) -> None:
    """Raise UsageError for options that --seeds contradicts."""
    if not seeds:
        return
    if folds:
        raise click.UsageError(
            f"--seeds trains on one split, and --folds on several: {_ONE_OF_BOTH}"
        )
    if only_tries:
        raise click.UsageError("--seeds trains in full: it takes no --overfit and no --fast")
    if any(one.partition("=")[0].strip() == "seed" for one in overrides):
        raise click.UsageError("--seeds says which seeds there are: it takes no --set seed=...")


def _check_tracked(names: tuple[str, ...], keeps_nothing: bool) -> None:
    """Raise UsageError for trackers of a run without a folder, and where one is not installed."""
    if names and keeps_nothing:
        raise click.UsageError("--track is for a run that is kept in a folder")
    if lacking := missing(names):
        raise click.UsageError(f"--track {lacking}")


def _tried(program: Program, quiet: bool, as_data: bool) -> Program:
    """What --fast trains in place of the program; it says how much that is."""
    few = fast_program(program)
    if not quiet:
        sizes = (f"{one.description.train:,}" for one in (few, program) if one.description)
        on = f"a fast run on {' of '.join(sizes)} training samples"
        click.echo(f"{on}, of which nothing is kept: what it measures means nothing", err=as_data)
    return few
