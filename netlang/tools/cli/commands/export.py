"""``netlang export`` writes a file, or the network of a run, for another framework."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from netlang.language.diagnostics.shell import shell_word
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import is_of_a_run
from netlang.lowering.languages import EXPORTS, Export
from netlang.lowering.lowerings import Unsupported
from netlang.runs.run_names import found_run
from netlang.system.file_kinds import TENSORS, kind_of, of_others
from netlang.tools.cli.completion.words import net_paths
from netlang.tools.cli.named.models import trained_model
from netlang.tools.cli.named.sources import NetFile, allow_option, set_option
from netlang.tools.cli.named.written_files import check_not_read, write_files, write_out
from netlang.tools.cli.output.printing import visible_path


class _Target(click.Choice[str]):
    """The targets by their names, and by another one that is known for the same."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        known = "torch" if str(value).lower() == "pytorch" else value
        return super().convert(known, param, ctx)


@click.command("export")
@click.argument("what", metavar="FILE|RUN", shell_complete=net_paths)
@set_option
@allow_option
@click.option(
    "--to",
    "target",
    type=_Target([*EXPORTS], case_sensitive=False),
    help="What to write for, if the ending of -o does not say it: torch, if nothing does.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write to this file, and to others beside it that are called alike.",
)
@click.option("--force", is_flag=True, help="Replace a file that netlang has not written, too.")
def command(
    what: str, overrides: Any, allowed: Any, target: str | None, output: str | None, force: bool
) -> None:
    """Write FILE in PyTorch, or RUN for other runtimes.

    Of FILE, it is a program that trains as FILE says, with torch.nn, torch.optim and autograd:
    `python model2.py`, or `python model2.py 3` for another seed, and `--table` where its table has
    moved. `python model2.py --weights model.safetensors` evaluates the network that a run has kept.
    Without data, a loss or an optimizer in FILE, it is the model.

    RUN is the folder of a run, or a model file: what is written has its weights, takes raw data,
    and answers as `netlang predict` does. It needs no netlang.

    \b
    Example:
        netlang export models/model2.net -o model2.py
        netlang export runs/model2-20260301-120000 --to numpy
    """
    target = target or _told_by(output)
    export = EXPORTS[target]
    if _is_model(what, export):
        if overrides or allowed:
            raise click.UsageError("--set and --allow are for a FILE: this network is trained")
        _network(what, target, export, output, force)
    else:
        _program(NetFile(what, overrides, allowed), target, export, output or "-", force)


def _told_by(output: str | None) -> str:
    """The target whose files end as ``output`` does; torch if none does."""
    ending = Path(output or "").suffix.lower()
    alike = [name for name, one in EXPORTS.items() if one.ending == ending]
    return alike[0] if len(alike) == 1 else "torch"


def _is_model(what: str, export: Export) -> bool:
    """Whether the command line names a trained network, and no file of netlang."""
    if what == "-" or what.lower().endswith(".net"):
        return False
    path = found_run(what)
    if not os.path.lexists(path):
        return export.program is None
    return os.path.isdir(path) or kind_of(path) == TENSORS


def _program(file: NetFile, target: str, export: Export, output: str, force: bool) -> None:
    """Write a program that trains."""
    to_program = export.program or _send_to_weights(file, target)
    program = file.program()
    _check_name(Path(output), export)
    if output != "-":
        check_not_read(Path(output), program)
        _check_others(Path(output).parent, [Path(output).name], force)
    folder = Path() if output == "-" else Path(output).parent
    try:
        source = to_program(program, folder.resolve())
    except Unsupported as reason:
        raise click.ClickException(f"{reason}") from None
    write_out(source, output, program)


def _send_to_weights(file: NetFile, target: str) -> NoReturn:
    """Raise ClickException for a file in the place of a trained network, which may lie near it."""
    folder, name = Path(file.path).parent, visible_path(file.name)
    why = f"--to {target} writes a trained network"
    if file.path != "-" and is_of_a_run(folder):
        run = f"netlang export {shell_word(str(folder))} --to {target}"
        raise click.ClickException(f"{why}: `{run}` writes the one of the run that keeps {name}")
    program = file.program()
    then = f"netlang export RUN --to {target}"
    if program.beginning and not program.data:
        weights = shell_word(visible_path(os.path.relpath(program.beginning.file.path)))
        run = f"netlang export {weights} --to {target}"
        raise click.ClickException(f"{why}: `{run}` writes the one that {name} begins with")
    run = f"netlang run {shell_word(file.path)}"
    help = f"`{run}` trains it, and `{then}` writes what it kept"
    raise click.ClickException(f"{why}, and {name} has no weights yet: {help}")


def _network(what: str, target: str, export: Export, output: str | None, force: bool) -> None:
    """Write a trained network, in one file or several."""
    if output == "-":
        raise click.UsageError("-o names a file: the weights are no text for a terminal")
    if output is not None and Path(output).suffix.lower() != export.ending:
        raise click.UsageError(f"-o names a file that ends in {export.ending} for --to {target}")
    trained = trained_model(what).trained_program
    if output is None:
        stem = re.sub(r"\W", "_", Path(trained.program.source.name).stem)
        if export.taken_for(stem) or not stem.isidentifier():
            stem = f"model_{stem}"
        path = Path(f"{stem}{export.ending}")
    else:
        path = Path(output)
    _check_name(path, export)
    try:
        files = export.network(trained, path.stem)
    except Unsupported as reason:
        raise click.ClickException(f"{reason}") from None
    if MODEL_FILE in files and is_of_a_run(path.parent):
        lost = "the run's own model would be lost"
        raise click.UsageError(f"-o names a file beside {MODEL_FILE} of a run: {lost}")
    _check_others(path.parent, files, force)
    for written in write_files(path.parent, files):
        click.echo(visible_path(written))


def _check_name(path: Path, export: Export) -> None:
    """Raise UsageError for a file that would be taken for another, as if it imports itself."""
    if other := export.taken_for(path.stem):
        name = visible_path(path.name)
        raise click.UsageError(f"{name} would be taken for {other}: name it otherwise")


def _check_others(folder: Path, files: Iterable[str], force: bool) -> None:
    """Raise ClickException where one of somebody's own files would be replaced."""
    path = None if force else of_others(folder, files)
    if path:
        what = f"{visible_path(str(path))} is there, and netlang has not written it"
        raise click.ClickException(f"{what}: `--force` replaces it, `-o` names another file")
