"""``netlang tune`` tries many values of a file, and writes the best ones into a copy of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import click

from netlang.catalogue.own import in_use
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.tuning import NothingToTune, OwnOutside
from netlang.language.metric_path import MetricPath
from netlang.language.source import SourceFile
from netlang.runs.run_names import RUNS
from netlang.runs.tracking.tracking import missing
from netlang.runs.tuning.comparing import comparable, metric_of
from netlang.runs.tuning.study import Study
from netlang.runs.tuning.study_folder import StudyFolder
from netlang.runs.tuning.tracked_trials import TrackedTrials
from netlang.runs.tuning.trial_run import train
from netlang.system import interruption
from netlang.system.terminal import visible
from netlang.tools.cli.named.candidates import parted
from netlang.tools.cli.named.sources import NetFile, reported, takes_file
from netlang.tools.cli.named.tuned_values import example, impossible, listed
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import events_option
from netlang.tools.cli.output.printing import report_diagnostics
from netlang.tools.cli.training.backend import backend_option
from netlang.tools.cli.training.jobs import end_with_launcher, run_jobs
from netlang.tools.cli.training.keeping import (
    Keeping,
    leave_in_order,
    plots_option,
    quiet_option,
    track_option,
    warn,
)
from netlang.tools.cli.training.tuning import OfTrials, conclude, output_of


@click.command("tune")
@takes_file
@click.option(
    "--trials", type=click.IntRange(min=1), default=50, show_default=True, metavar="N",
    help="Make so many trials, all processes together.",
)  # fmt: skip
@click.option(
    "--study", metavar="NAME", help="Keep it in runs/tune-NAME. Without it, NAME is the file's."
)
@click.option("--metric", metavar="PATH", help="Compare trials by this, as validation.accuracy.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="N",
    help="Propose values by this seed; each trial trains by the file's own.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
    help="Share the trials among N processes.",
)  # fmt: skip
@click.option("--no-pruning", is_flag=True, help="Let trials that fall behind train to their end.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the tuned file here. Without it, FILE-tuned.net beside FILE, or "
    "FILE-NAME-tuned.net where --study names another study.",
)
@backend_option
@plots_option
@quiet_option
@track_option
@click.option("--worker", is_flag=True, hidden=True)
@events_option
def command(
    file: NetFile,
    trials: int,
    study: str | None,
    metric: str | None,
    seed: int,
    jobs: int,
    no_pruning: bool,
    output: Path | None,
    backend: str,
    no_plots: bool,
    quiet: bool,
    tracked: tuple[str, ...],
    worker: bool,
    as_data: bool,
) -> None:
    """Find the values that FILE's network learns best by.

    What is tried stands in the file, as `tune hidden in 8..256 log`, `tune optimizer.lr in
    1e-4..1e-1 log`, `tune batch in 8..64 step 8` or `tune act in [ReLU, Tanh]`, or behind --set:
    `hidden=8..256:log`, `batch=8..64:8`, `act=ReLU,Tanh`. --set with one value fixes it.

    Each trial trains the file with other values. The first one has the file's own; then Optuna
    proposes them, by what earlier trials came to (TPE). A trial that falls behind others after as
    many epochs ends early (ASHA). They are compared on the validation part of the data, by the
    metric of the file's stopping rule, or by --metric, or else by validation.loss; the test data
    are looked at once, at the end.

    The study is kept in runs/tune-NAME: the same command goes on with it after whatever ended it,
    and several processes, on several machines that share the folder, work at it together. It also
    keeps trials.csv, pictures, and the training of the best file. --track tells a tracker of each
    trial as of a run of its own, with its values: in TensorBoard, `tensorboard --logdir runs`, the
    page of hyper-parameters compares them.

    \b
    Example:
        netlang tune models/titanic.net --set optimizer.lr=1e-4..1e-1:log --set batch=16..64:16
    """
    if worker:
        end_with_launcher()
    if importlib.util.find_spec("optuna") is None:
        raise click.ClickException('optuna is not installed: pip install "netlang[tune]"')
    if file.path == "-":
        raise click.UsageError("a study reads its file more than once: name one, not `-`")
    if lacking := missing(tracked):
        raise click.UsageError(f"--track {lacking}")
    fixed, searched = parted(file.overrides)
    with reported():
        source = file.read()
    fixed, searched = listed(source, fixed, searched)
    program = _program(source, fixed, searched, worker)
    path = _metric(program, metric)
    if study is not None and Path(study).name != study:
        raise click.UsageError("--study is a name without slashes: it is kept in runs/tune-NAME")
    name = study or Path(file.path).stem
    output = output_of(source, output, name)
    folder_path = RUNS / f"tune-{name}"
    with writing(folder_path), reported():
        folder = StudyFolder(folder_path, program, path, seed, backend)
        _leave_in_order(folder_path, worker)
        shared = Study(
            folder_path, program.tunables, program.rises(path), program.epochs, seed, not no_pruning
        )
        leave_in_order(shared.close)
        if jobs > 1:
            words = _arguments(
                file, trials, name, metric, seed, no_pruning, output, backend, tracked, as_data
            )
            run_jobs(jobs, [*words, *["--quiet"] * quiet])
        told = TrackedTrials(folder_path, tracked, warn)
        shown = OfTrials(program, path, trials, as_data, quiet)

        def compiled(overrides: tuple[str, ...]) -> Program:
            found = compile_source(source, (*fixed, *overrides), to_run=True).require()
            folder.check(found)
            return found

        try:
            while claimed := shared.claim(trials):
                if trial := train(claimed, compiled, path, backend, told):
                    shown.show(trial, shared)
                folder.write_table(shared.trials)
            if worker:
                return
            with shared.conclusion() as is_ours:
                if is_ours:
                    how = Keeping(is_drawn=not no_plots, minutes=0, tracked=tracked)
                    conclude(folder, shared, source, fixed, output, backend, shown, how)
            shown.leave_to_others()
        finally:
            shared.close()


def _leave_in_order(folder: Path, is_worker: bool) -> None:
    """Let a signal that ends the command say how the study goes on; one process says it for all."""
    if is_worker:
        interruption.leave_it_to_others()
    goes_on = f"the study is kept in {visible(str(folder))}: the same command goes on with it"
    click.get_current_context().call_on_close(interruption.at_signal(lambda: goes_on))


def _program(
    source: SourceFile, fixed: Sequence[str], searched: Sequence[str], is_worker: bool
) -> Program:
    """The program with the file's own values, apart from fixed ones, and what is tuned. A worker
    leaves warnings to the process that started it.
    """
    compilation = compile_source(source, fixed, to_run=True, tunings=searched)
    taken = {one.partition("=")[0].strip() for one in fixed}
    report_diagnostics(
        one
        for one in compilation.diagnostics
        if not (isinstance(one, OwnOutside) and one.path in taken)
        and (one.is_error or not is_worker)
    )
    if compilation.program is None:
        raise click.exceptions.Exit(1)
    program = compilation.program
    kept = tuple(one for one in program.tunables if one.path not in taken)
    if not kept:
        given = tuple(one.path for one in program.tunables)
        with reported():
            raise NetError(NothingToTune(None, source.name, example(source), given))
    if not is_worker and (wrong := impossible(source, fixed, kept)):
        with reported():
            raise NetError(wrong)
    return program.replace(tunables=kept)


def _metric(program: Program, asked: str | None) -> MetricPath:
    """The metric that trials are compared by."""
    known = comparable(program)
    if asked is not None and asked not in known:
        raise click.UsageError(f"--metric names one of {', '.join(known)}.")
    with reported():
        return metric_of(program, MetricPath(asked) if asked else None)


def _arguments(
    file: NetFile,
    trials: int,
    study: str,
    metric: str | None,
    seed: int,
    no_pruning: bool,
    output: Path,
    backend: str,
    tracked: Sequence[str],
    as_data: bool,
) -> list[str]:
    """How a process is called that shares the study."""
    found = ["tune", file.path, "--worker", f"--trials={trials}", f"--study={study}"]
    found += [f"--seed={seed}", f"--backend={backend}", f"--output={output}"]
    found += [f"--metric={metric}"] if metric else []
    found += ["--no-pruning"] * no_pruning + ["--json"] * as_data
    found += [f"--track={one}" for one in tracked]
    found += [f"--set={one}" for one in file.overrides]
    found += [f"--allow={one}" for one in file.allowed]
    found += [f"--plugin={one.source.path}" for one in in_use()]
    return found
