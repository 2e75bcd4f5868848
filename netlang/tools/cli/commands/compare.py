"""``netlang compare`` trains files by netlang and by PyTorch, and compares the two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from netlang.compiler.ir import Program
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import MODULES, to_pytorch
from netlang.runs import plots
from netlang.runs.comparison import lockstep_report, report
from netlang.runs.comparison.comparison_folder import ComparisonFolder
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.turns import Comparison, Turn, in_turns
from netlang.runs.comparison.twin import Twin
from netlang.runs.comparison.welch import check_welch
from netlang.runs.folders.result_folder import stem_of
from netlang.system.packages import Unusable
from netlang.system.terminal import visible
from netlang.tools.cli.named.sources import NetFile, takes_files
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.printing import show_diagnostics, visible_path
from netlang.tools.cli.training.backend import backend_option
from netlang.tools.cli.training.folders import (
    draw,
    ending,
    folder_option,
    is_on_command_line,
    say_where,
)


@click.command("compare")
@takes_files
@backend_option
@click.option(
    "--runs",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="Train so many times by each.",
)
@click.option(
    "--lockstep",
    "in_lockstep",
    is_flag=True,
    help="Train both once from the same weights, batches and random draws: how far are they apart?",
)
@folder_option
@json_option
def command(
    files: list[NetFile], backend: str, runs: int, in_lockstep: bool, root: Path, as_data: bool
) -> None:
    """Train FILEs by netlang and by PyTorch in turns, and compare.

    PyTorch trains what `netlang export` writes, and each run has a seed of its own and all of its
    epochs: a `stop` in the file is left out. They make a
    table of accuracies and times, Welch's test of the accuracies, the learning curves
    (figure2.png), and for networks with two inputs their decisions (figure3.png).

    \b
    Example:
        netlang compare models/model1.net models/model2.net --runs 10
        netlang compare models/model2.net --lockstep
    """
    if in_lockstep and is_on_command_line("runs"):
        raise click.UsageError("--lockstep trains once: it takes no --runs")
    programs = [file.program(trained_by=backend) for file in files]
    if not in_lockstep:
        _check_libraries()
    elif looking := [one for one in programs if one.rates and one.rates.plateau]:
        raise click.ClickException(
            f"{visible_path(looking[0].source.name)}: in lockstep nothing is measured that a "
            "Plateau could look at: leave out --lockstep, or add --set schedule=Constant"
        )
    with writing(root):
        _check_exports(programs, root)
        folder = ComparisonFolder(root, programs, in_lockstep)
    with writing(folder.path), ending(folder):
        twins = _twins(programs, folder.path)
        if in_lockstep:
            sound = _lockstep(twins, backend, folder, as_data)
        else:
            sound = _compare(twins, backend, runs, folder, as_data)
    say_where(folder)
    raise click.exceptions.Exit(0 if sound else 1)


def _check_exports(programs: Sequence[Program], root: Path) -> None:
    """Raise ClickException, before a folder is made, for a program that PyTorch cannot train."""
    for program in programs:
        try:
            to_pytorch(program, root)
        except Unsupported as reason:
            raise click.ClickException(f"{visible_path(program.source.name)}: {reason}") from None


def _check_libraries() -> None:
    """Raise ClickException, before hours of training, if matplotlib or scipy does not work."""
    found: list[Unusable] = []
    for check in (plots.check, check_welch):
        try:
            check()
        except Unusable as problem:
            found.append(problem)
    missing = [problem.package for problem in found if problem.is_missing]
    messages = [f"{problem}: {problem.help}" for problem in found if not problem.is_missing]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        help = f"pip install {' '.join(missing)}"
        messages.insert(0, f"{' and '.join(missing)} {are} not installed: {help}")
    if messages:
        raise click.ClickException(visible("; ".join(messages)))


def _twins(programs: Sequence[Program], folder: Path) -> list[Twin]:
    """Write the exports, each to a file that no other export and no module is named like."""
    stems = [stem_of(program.source.name) for program in programs]
    if len(set(stems)) < len(stems) or MODULES.intersection(stems):
        stems = [f"{stem}-{number}" for number, stem in enumerate(stems, 1)]
    pairs = zip(programs, stems, strict=True)
    return [Twin(program, folder / f"{stem}.py") for program, stem in pairs]


def _compare(
    twins: Sequence[Twin], backend: str, runs: int, folder: ComparisonFolder, as_data: bool
) -> bool:
    """Train in turns, and return whether no run diverged."""
    for twin in twins:
        turns: tuple[Turn, ...] = ()
        for turn in in_turns(twin, backend, runs, folder.look):
            _say_note(twin, turn.note if not turns else "")
            turns = (*turns, turn)
            comparison = Comparison(twin.program, turns)
            if turn.problem and comparison.problem is turn.problem:
                show_diagnostics([turn.problem])
            click.echo(report.latest_turn(comparison), err=True)
            folder.keep(comparison)
    found, path = folder.comparisons, str(folder.path)
    if as_data:
        print_json({"comparisons": list(map(report.as_data, found)), "folder": path})
    else:
        click.echo(f"{report.plain(found)}\n")
    draw(folder.pictures(), folder)
    if not as_data:
        click.echo(f"kept in {visible_path(path)}")
    return not any(comparison.problem for comparison in found)


def _lockstep(twins: Sequence[Twin], backend: str, folder: ComparisonFolder, as_data: bool) -> bool:
    """Train in lockstep, and return whether all weights stayed finite."""
    for twin in twins:
        lockstep = Lockstep(twin, backend)
        folder.locksteps.append(lockstep)
        _say_note(twin, lockstep.note)
        if not as_data:
            click.echo(lockstep_report.header(lockstep))
        for difference in lockstep.epochs():
            if not as_data:
                click.echo(lockstep_report.line(difference))
    found, path = folder.locksteps, str(folder.path)
    if as_data:
        print_json({"lockstep": list(map(lockstep_report.as_data, found)), "folder": path})
    else:
        text = "\n".join(map(lockstep_report.sentence, found))
        click.echo(f"\n{text}\n\nkept in {visible_path(path)}")
    return not any(lockstep.diverged for lockstep in found)


def _say_note(twin: Twin, note: str) -> None:
    """Say why another engine trains than the one that was asked for."""
    if note:
        click.echo(visible(f"{twin.program.source.name}: {note}"), err=True)
