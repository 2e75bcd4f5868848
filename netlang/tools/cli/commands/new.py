"""``netlang new`` writes a first file for data that somebody has."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics.shell import shell_word
from netlang.runs.first_files.first_file import first_file
from netlang.runs.first_files.place import Place, place_of
from netlang.runs.first_files.table_text import ASKED
from netlang.system.files import write_whole
from netlang.tools.cli.named.sources import reported
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.printing import report_diagnostics, visible_path


@click.command("new")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--target", metavar="COLUMN", help="The column, or the array, to predict.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write this file. By default, it is called like DATA.",
)
@click.option("--force", is_flag=True, help="Write it even if it is there already.")
def command(data: Path, target: str | None, output: Path | None, force: bool) -> None:
    """Write a first .net file for DATA, which runs as it is.

    DATA is a table. The file predicts one of its columns from the others; comments say what was
    found in each, what is left out and why, and what else may be right. Without --target, the
    columns are listed. DATA may also be a folder with pictures of each class in a folder of its
    own, or with MNIST's four files; an NPZ archive of arrays; and a text to go on with.

    \b
    Example:
        netlang new houses.csv --target price
        netlang run houses.net
    """
    place = Place(data, output) if output else place_of(data)
    _check(place)
    with reported():
        source = first_file(place, target)
    if place.file.exists() and not force:
        what = f"{visible_path(str(place.file))} is there already, and stays as it is"
        raise click.ClickException(f"{what}: `--force` writes it anew, `-o` another file")
    found = compile_source(source, to_run=True)
    if not found.ok:
        report_diagnostics(found.diagnostics)
        raise click.exceptions.Exit(1)
    with writing(place.file):
        write_whole(place.file, source.text)
    file = visible_path(str(place.file))
    click.echo(f"wrote {file}")
    report_diagnostics(found.diagnostics)
    for line in source.text.splitlines():
        _, mark, asked = line.partition(f"# {ASKED}")
        if mark:
            click.echo(f"note: {ASKED}{asked}")
    click.echo(f"Now train it: netlang run {shell_word(file)}")


def _check(place: Place) -> None:
    """Raise click.UsageError for a file that could not be used."""
    file = visible_path(str(place.file))
    if place.file.suffix.lower() != ".net":
        raise click.UsageError(f"-o names {file}, and a file for netlang ends in .net")
    if not place.is_allowed:
        folder = visible_path(str(place.data.parent))
        what = "a file may read only what lies in its own folder, or below it"
        raise click.UsageError(f"{what}: write {file} into {folder}")
