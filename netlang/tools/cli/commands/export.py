"""``netlang export`` writes a file, or the network of a run, for another framework."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from netlang.language.diagnostics.shell import shell_word
from netlang.language.model_files import MODEL_FILE
from netlang.language.run_record import is_of_a_run
from netlang.lowering.languages import EXPORTS, Export
from netlang.lowering.lowerings import Unsupported
from netlang.runs.run_names import found_run
from netlang.system.file_kinds import TENSORS, is_by_netlang, kind_of
from netlang.tools.cli.completion.words import net_paths
from netlang.tools.cli.named.models import trained_model
from netlang.tools.cli.named.sources import NetFile, allow_option, set_option
from netlang.tools.cli.named.written_files import write_files, write_out
from netlang.tools.cli.output.printing import visible_path


@click.command("export")
@click.argument("what", metavar="FILE|RUN", shell_complete=net_paths)
@set_option
@allow_option
@click.option(
    "--to",
    "target",
    type=click.Choice([*EXPORTS], case_sensitive=False),
    default="torch",
    show_default=True,
    help="What to write for.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Write to this file, and to others beside it that are called alike.",
)
def command(what: str, overrides: Any, allowed: Any, target: str, output: str | None) -> None:
    """Write FILE as a program of PyTorch, or a trained network.

    Of FILE, that is a program that trains as FILE says, with torch.nn, torch.optim and autograd:
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
    export = EXPORTS[target]
    if _is_model(what, export):
        if overrides or allowed:
            raise click.UsageError("--set and --allow are for a FILE: this network is trained")
        _network(what, target, export, output)
    else:
        _program(NetFile(what, overrides, allowed), target, export, output or "-")


def _is_model(what: str, export: Export) -> bool:
    """Whether the command line names a trained network, and no file of netlang."""
    if what == "-" or what.lower().endswith(".net"):
        return False
    path = found_run(what)
    if not os.path.lexists(path):
        return export.program is None
    return os.path.isdir(path) or kind_of(path) == TENSORS


def _program(file: NetFile, target: str, export: Export, output: str) -> None:
    """Write a program that trains."""
    if export.program is None:
        run = f"netlang run {shell_word(file.path)}"
        then = f"netlang export RUN --to {target}"
        why = f"--to {target} writes a trained network, and {file.name} has no weights yet"
        raise click.ClickException(f"{why}: `{run}` trains it, and `{then}` writes what it kept")
    program = file.program()
    _check_name(Path(output), export)
    folder = Path() if output == "-" else Path(output).parent
    try:
        source = export.program(program, folder.resolve())
    except Unsupported as reason:
        raise click.ClickException(f"{reason}") from None
    write_out(source, output, program)


def _network(what: str, target: str, export: Export, output: str | None) -> None:
    """Write a trained network, in one file or several."""
    if export.network is None:
        raise click.ClickException(f"--to {target} writes a .net file, and no trained network")
    if output == "-":
        raise click.UsageError("-o names a file: the weights are no text for a terminal")
    if output is not None and Path(output).suffix.lower() != export.ending:
        raise click.UsageError(f"-o names a file that ends in {export.ending} for --to {target}")
    trained = trained_model(what).trained_program
    if output is None:
        stem = re.sub(r"\W", "_", Path(trained.program.source.name).stem)
        if stem in export.modules or not stem.isidentifier():
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
    if output is None:
        _check_others(path.parent, files)
    for written in write_files(path.parent, files):
        click.echo(visible_path(written))


def _check_name(path: Path, export: Export) -> None:
    """Raise UsageError for a file that would import itself."""
    if path.stem in export.modules:
        help = "would be taken for a module that it imports: name it otherwise"
        raise click.UsageError(f"{visible_path(path.name)} {help}")


def _check_others(folder: Path, files: Iterable[str]) -> None:
    """Raise UsageError where a file that nobody has named would replace one of somebody's own."""
    for name in files:
        path = folder / name
        if path.suffix in _TELLING and path.is_file() and not is_by_netlang(path):
            help = f"-o {name} replaces it, and another name leaves it alone"
            raise click.UsageError(f"{name} is there, and netlang has not written it: {help}")


_TELLING = (".py", ".c", ".h", ".onnx")  # files that say at their beginning who has written them
