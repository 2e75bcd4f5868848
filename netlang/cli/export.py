"""``netlang export``: a file as source for another framework."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.cli.sources import allow_option, file_argument, program_or_exit, set_option, shown
from netlang.export import Unexportable, to_pytorch


@click.command("export")
@file_argument
@set_option
@allow_option
@click.option(
    "--to",
    "target",
    type=click.Choice(["torch"]),
    default="torch",
    show_default=True,
    help="The framework to write for.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="Write to this file, and not to the terminal.",
)
def command(
    file: str,
    overrides: tuple[str, ...],
    allowed: tuple[Path, ...],
    target: str,
    output: str | None,
) -> None:
    """Write FILE as a program of PyTorch: torch.nn, torch.optim and autograd.

    It needs torch alone, and trains as FILE says: `python model2.py`, or `python model2.py 3`
    for another seed. Of a file without data, a loss or an optimizer, it is the model.

    \b
    Example:
        netlang export models/model2.net -o model2.py
    """
    program = program_or_exit(file, overrides, allowed)
    if output == "-":
        output = None
    if output and program.source.path and Path(output).resolve() == program.source.path.resolve():
        raise click.UsageError("-o names FILE itself, which would be lost")
    folder = Path(output).parent if output else Path()
    try:
        source = to_pytorch(program, folder.resolve()).source
    except Unexportable as reason:
        raise click.ClickException(f"{reason}") from None
    if output is None:
        click.echo(source, nl=False)
        return
    try:
        Path(output).write_text(source, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"cannot write {shown(output)}: {error.strerror}") from error
